import { expect, it } from 'vitest'
import { KINDS } from '../../domain/fields.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { keepDraft, keptDraft } from './draft.ts'
import { templateOf } from './template.ts'

it.each(KINDS)('the text to start from is a whole rule: %s', (kind) => {
  expect(parseRuleFile(templateOf('my-rule', kind))).toMatchObject({ file: { rule: 'my-rule', on: kind } })
})

it('a draft is there again after a reload, and gone when it is saved', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const draft = { from: 1, newest: 2, text: 'rule: a' }
  keepDraft(storage, 'a', draft)
  expect(keptDraft(storage, 'a')).toEqual(draft)
  expect(keptDraft(storage, 'b')).toBeUndefined()
  keepDraft(storage, 'a', undefined)
  expect(keptDraft(storage, 'a')).toBeUndefined()
  storage.setItem('wanglou.draft.a', '{"text":7}')
  expect(keptDraft(storage, 'a')).toBeUndefined()
})
