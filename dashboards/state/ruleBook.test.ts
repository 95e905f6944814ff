import { describe, expect, it } from 'vitest'
import type { RuleRow } from '../api/client.ts'
import { openRuleBook, type RuleBook } from './ruleBook.ts'

/** A rule with these versions in force, and how often it fires. */
function rule(id: string, versions: number[], firing = 0): RuleRow {
  const inForce = versions.map((version) => ({ version, state: 'live', areas: null, since: '2026-11-20T01:00:00.000Z' }))
  return { id, version: versions[0], newest: Math.max(...versions), inForce, stats: { firing } } as unknown as RuleRow
}

/** A book over a platform whose answers the test gives one by one. */
function open(first: RuleRow[]): { book: RuleBook; reads: () => number; answer: (rules: RuleRow[] | Error) => Promise<void> } {
  const waiting: ((rules: RuleRow[] | Error) => void)[] = []
  let reads = 0
  const book = openRuleBook(first, () => {
    reads++
    return new Promise((resolve, reject) => waiting.push((rules) => (rules instanceof Error ? reject(rules) : resolve(rules))))
  })
  const answer = async (rules: RuleRow[] | Error): Promise<void> => {
    waiting.shift()?.(rules)
    await new Promise(setImmediate)
  }
  return { book, reads: () => reads, answer }
}

const versionIn = ({ rules }: RuleBook, id: string): number | undefined => rules.get().get(id)?.version

describe('what the page knows of the rules', () => {
  it('is read again when an alert comes of a version that it has not read, once', async () => {
    const { book, reads, answer } = open([rule('a', [1])])
    book.hear({ rule: 'a', ruleVersion: 1 })
    expect(reads()).toBe(0)
    book.hear({ rule: 'a', ruleVersion: 2 })
    book.hear({ rule: 'a', ruleVersion: 2 })
    expect(reads()).toBe(1)
    await answer([rule('a', [2])])
    expect(versionIn(book, 'a')).toBe(2)
    // Old alerts of the version before may go on changing; it is in force no more, and reading again would not alter that.
    book.hear({ rule: 'a', ruleVersion: 1 })
    await answer([rule('a', [2])])
    book.hear({ rule: 'a', ruleVersion: 1 })
    expect(reads()).toBe(2)
  })

  it('is read again for a rule that it does not know', () => {
    const { book, reads } = open([])
    book.hear({ rule: 'new', ruleVersion: 1 })
    expect(reads()).toBe(1)
  })

  it('takes a version that is put back for news again', async () => {
    const { book, reads, answer } = open([rule('a', [1])])
    for (const version of [2, 1, 2]) {
      book.hear({ rule: 'a', ruleVersion: version })
      await answer([rule('a', [version])])
      expect(versionIn(book, 'a')).toBe(version)
    }
    expect(reads()).toBe(3)
  })

  it('is read once more after a read that was under way when somebody asked', async () => {
    const { book, reads, answer } = open([rule('a', [1])])
    book.reload()
    book.reload()
    book.reload()
    expect(reads()).toBe(1)
    await answer([rule('a', [1])])
    expect(reads()).toBe(2)
    await answer([rule('a', [2])])
    expect([reads(), versionIn(book, 'a')]).toEqual([2, 2])
  })

  it('stays as it is when it cannot be read, and when only counts have changed', async () => {
    const { book, answer } = open([rule('a', [1])])
    const before = book.rules.get()
    book.reload()
    await answer(new Error('no network'))
    book.take([rule('a', [1], 7)])
    expect(book.rules.get()).toBe(before)
    book.take([rule('a', [1, 2])])
    expect(book.rules.get()).not.toBe(before)
  })

  it('reads nothing after it was closed', () => {
    const { book, reads } = open([])
    book.close()
    book.reload()
    expect(reads()).toBe(0)
  })
})
