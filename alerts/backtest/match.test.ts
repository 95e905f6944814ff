import { describe, expect, it } from 'vitest'
import { match } from './match.ts'
import type { Outcome } from './outcomes.ts'
import { partsOf } from './parts.ts'
import { assetControl } from './world.fixture.ts'

/** `a 10-20` is an alert of key a from 10 to 20, `a 10-` one that still stands; `!` makes it critical. */
function alerts(text: string): Outcome[] {
  return text.split(',').flatMap((each): Outcome[] => {
    const [, key, from, to, mark] = /^\s*(\w+) (\d+)-(\d*)(!?)\s*$/.exec(each) ?? []
    if (key === undefined || from === undefined) return []
    return [{ id: each.trim(), key, asset: key, openedAt: Number(from), resolvedAt: to ? Number(to) : null, severity: mark ? 'critical' : 'major', values: {} }]
  })
}
const names = (list: readonly Outcome[]): string[] => list.map(({ id }) => id)

describe('alerts of both versions are matched', () => {
  it.each([
    ['what is the same', 'a 10-20, b 5-', 'a 10-20, b 5-', { same: 2, added: [], removed: [], changed: [] }],
    ['one that ends later', 'a 10-20', 'a 10-30', { same: 0, added: [], removed: [], changed: [['a 10-20', 'a 10-30']] }],
    ['one that begins later', 'a 10-30', 'a 15-30', { same: 0, added: [], removed: [], changed: [['a 10-30', 'a 15-30']] }],
    ['one of another severity', 'a 10-30', 'a 10-30!', { same: 0, added: [], removed: [], changed: [['a 10-30', 'a 10-30!']] }],
    ['one that is gone, and one at another time', 'a 10-20', 'a 30-40', { same: 0, added: ['a 30-40'], removed: ['a 10-20'], changed: [] }],
    ['other keys are other alerts', 'a 10-20', 'b 10-20', { same: 0, added: ['b 10-20'], removed: ['a 10-20'], changed: [] }],
    [
      'two that become one: nothing is removed',
      'a 10-20, a 30-40',
      'a 10-40',
      {
        same: 0,
        added: [],
        removed: [],
        changed: [
          ['a 10-20', 'a 10-40'],
          ['a 30-40', 'a 10-40'],
        ],
      },
    ],
    ['one that falls apart: the second is added', 'a 10-40', 'a 10-20, a 30-40', { same: 0, added: ['a 30-40'], removed: [], changed: [['a 10-40', 'a 10-20']] }],
    ['equal beginnings first', 'a 10-20, a 20-30', 'a 5-20, a 20-30', { same: 1, added: [], removed: [], changed: [['a 10-20', 'a 5-20']] }],
    ['one that stands', 'a 10-', 'a 10-20', { same: 0, added: [], removed: [], changed: [['a 10-', 'a 10-20']] }],
    ['what opened before takes part and does not count', 'a 1-20, b 1-5', 'a 12-20, c 2-30', { same: 0, added: [], removed: [], changed: [] }],
  ])('%s', (_what, live, edit, expected) => {
    const { same, added, removed, changed, ...counts } = match(alerts(live), alerts(edit), 5)
    expect({ same, added: names(added), removed: names(removed), changed: changed.map(({ before, after }) => [before.id, after.id]) }).toEqual(expected)
    expect(counts.live).toBe(same + removed.length + changed.length)
  })

  it('a key that flaps all month takes no longer than its alerts', () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `a ${i * 10}-${i * 10 + 5}`).join(',')
    const shifted = Array.from({ length: 50_000 }, (_, i) => `a ${i * 10 + 1}-${i * 10 + 5}`).join(',')
    expect(match(alerts(many), alerts(shifted), 0)).toMatchObject({ live: 50_000, same: 0, added: [], removed: [] })
  })
})

describe('the parts of a city', () => {
  it('keep an asset with every device that ever watched it', () => {
    const record = (asset: Parameters<typeof assetControl>[0], offset: number) => ({ ...assetControl(asset), offset, receivedAt: 0 }) as never
    for (let n = 0; n < 50; n++) {
      const partOf = partsOf([record({ id: `well-${n}`, devices: [`a-${n}`, `b-${n}`] }, 1), record({ id: `other-${n}`, devices: [`b-${n}`, `c-${n}`] }, 2)], 2)
      expect(new Set([`well-${n}`, `a-${n}`, `b-${n}`, `other-${n}`, `c-${n}`].map(partOf)).size).toBe(1)
    }
  })

  it('are about equally large', () => {
    const partOf = partsOf([], 2)
    const second = Array.from({ length: 1000 }, (_, n) => partOf(`truck-${n}`)).filter((part) => part === 1).length
    expect(second).toBeGreaterThan(400)
    expect(second).toBeLessThan(600)
  })
})
