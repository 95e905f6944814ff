import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { Control } from '../domain/record.ts'
import { openBook } from '../store/book/book.ts'
import { Inbox } from './inbox.ts'
import { watchInbox } from './inbox-loop.ts'
import { createLog } from './log.ts'

const folder = mkdtempSync(join(tmpdir(), 'wanglou-inbox-'))
afterEach(() => rmSync(folder, { recursive: true }))

it('S1 two imports of a rule before the book shows the first are two versions; what cannot be read holds nothing up', async () => {
  const inbox = new Inbox(folder)
  const book = await openBook(join(folder, 'book.db'))
  const rule = (source: string) => ({ type: 'rule', by: 't', id: 'r', source, note: '' }) as const
  inbox.add([rule('one'), { type: 'asset', by: 't', asset: { id: '..' } }, rule('two'), rule('two'), rule('one')], 0)
  const journalled: Control[] = []
  const done = Promise.withResolvers<void>()
  const journal = {
    append: async (controls: readonly Control[]) => {
      journalled.push(...controls)
      done.resolve()
      return { first: 1, receivedAt: 0 }
    },
  }
  const loop = watchInbox(inbox, book, journal, createLog('silent'))
  await done.promise
  await loop.close()
  expect(journalled.map((each) => each.type === 'rule' && [each.version, each.source])).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'one'],
  ])
  expect(inbox.waiting).toBe(0)
  inbox.close()
  await book.close()
})
