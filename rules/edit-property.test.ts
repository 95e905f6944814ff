import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { Hand } from './hand.fixture.ts'

/** Rules of every sort that a cover can have: hysteresis, holds, absence, severity that moves, a memory of its own. */
const RULES: Record<string, (n: number) => string> = {
  tilted: (n) =>
    `params: { deg: { value: ${n}, unit: deg } }\nwhen: tiltDeg > params.deg || displaced\nfor: ${n % 3}m\nclear: { when: tiltDeg < 5 && !displaced, for: 60s }\nseverity: critical`,
  wet: (n) => `when: waterMm >= ${n * 40}\nclear: { when: waterMm < ${n * 40 - 50} }\nseverity: 'waterMm >= 900 ? "critical" : "major"'`,
  silent: (n) => `when: absent("${n}m")\nseverity: minor`,
  staying: (n) => `when: tiltDeg > ${n} && still(50)\nfor: 2m\nkeepFiringFor: 1m\nseverity: info`,
}
const source = (id: string, n: number, title = 'Rule'): string => `rule: ${id}\ntitle: { zh: 规则, en: ${title} }\non: cover\n${RULES[id]?.(n)}\n`

const said = fc.array(
  fc.record({
    gap: fc.integer({ min: 1, max: 300 }),
    device: fc.constantFrom('a', 'b'),
    lag: fc.constantFrom(0, 0, 0, 1, 200),
    fields: fc.record(
      {
        tiltDeg: fc.constantFrom(1, 7, 12, 16, 40),
        displaced: fc.boolean(),
        waterMm: fc.constantFrom(300, 500, 950),
        lon: fc.constantFrom(121.3, 121.301),
        lat: fc.constant(37.5),
      },
      { requiredKeys: [] },
    ),
  }),
  { minLength: 1, maxLength: 25 },
)
const numbers = fc.integer({ min: 5, max: 20 })
const ids = fc.constantFrom(...Object.keys(RULES))

/** A city of two covers that has lived; what it says of the edit is asked for after it. */
function lived(said: readonly { gap: number; device: string; lag: number; fields: object }[], n: number): { hand: Hand; clock: number } {
  const hand = new Hand()
  for (const id of Object.keys(RULES)) hand.rule(id, source(id, n))
  let clock = 1
  for (const { gap, device, lag, fields } of said) {
    clock += gap
    hand.cover(device, clock - lag, fields, clock)
  }
  return { hand, clock: clock + 300 }
}

/** Every key but those of `except`, live or in shadow, as text; what was raised too. */
function frozen(hand: Hand, except?: string): string {
  const other = ([name]: [string, unknown]): boolean => except === undefined || (name !== except && name !== `${except}@shadow`)
  return JSON.stringify([...hand.engine.state.assets.values()].map(({ course, raised }) => [[...course.keys].filter(other), [...raised].filter(other)]))
}

const RUNS = Number(process.env.RUNS ?? 150)

describe('S5 edits', () => {
  it('one that changes nothing changes no key and no alert, and nothing that comes after it', () => {
    fc.assert(
      fc.property(said, said, numbers, ids, (before, after, n, id) => {
        const plain = ({ what, alert, at, openedAt, resolvedAt, severity, amended }: Transition): string => [what, alert, at, openedAt, resolvedAt, severity, amended].join(' ')
        const outcome = (edit: boolean): { told: Transition[]; text: string; all: string[] } => {
          const { hand, clock } = lived(before, n)
          hand.tick(clock)
          const was = frozen(hand)
          const told = edit ? hand.rule(id, source(id, n, 'Other'), 2, clock) : hand.tick(clock)
          if (edit) expect(frozen(hand)).toBe(was)
          let now = clock
          for (const { gap, device, lag, fields } of after) {
            now += gap
            hand.cover(device, now - lag, fields, now)
          }
          hand.tick(now + 4000)
          return { told, text: frozen(hand).replaceAll(/"ruleVersion":\d/g, ''), all: hand.transitions.map(plain) }
        }
        const [edited, left] = [outcome(true), outcome(false)]
        expect(edited.told).toEqual([])
        expect(edited.all).toEqual(left.all)
        expect(edited.text).toBe(left.text)
      }),
      { numRuns: RUNS },
    )
  })

  it('adding, changing and removing a rule leaves every other rule’s state as it was', () => {
    fc.assert(
      fc.property(
        said,
        numbers,
        ids,
        fc.array(fc.tuple(numbers, fc.constantFrom('live', 'shadow', 'draft', 'removed')), { minLength: 1, maxLength: 4 }),
        (before, n, id, edits) => {
          const { hand, clock } = lived(before, n)
          hand.tick(clock)
          const was = frozen(hand, id)
          edits.forEach(([m, state], i) => {
            const told = hand.feed(clock, { type: 'rule', by: 't', id, version: i + 2, state, source: source(id, m), note: '' })
            expect(told.filter(({ rule }) => rule !== id)).toEqual([])
          })
          expect(frozen(hand, id)).toBe(was)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('never resolves an alert and brings it back, or another of its key, in one edit', () => {
    let ended = 0
    fc.assert(
      fc.property(said, numbers, ids, fc.array(fc.tuple(numbers, fc.constantFrom('live', 'live', 'shadow', 'draft')), { minLength: 1, maxLength: 5 }), (before, n, id, edits) => {
        const { hand, clock } = lived(before, n)
        hand.tick(clock)
        edits.forEach(([m, state], i) => {
          const told = hand.feed(clock + i, { type: 'rule', by: 't', id, version: i + 2, state, source: source(id, m), note: '' })
          const own = told.filter(({ rule, shadow }) => rule === id && !shadow)
          const gone = new Set<string>()
          // What a timer raised before the edit ended it is another matter.
          for (const { what, key } of own) {
            if (what === 'resolved') gone.add(key)
            if (what === 'raised' || what === 'refired') expect(gone).not.toContain(key)
          }
          ended += gone.size
        })
      }),
      { numRuns: RUNS },
    )
    expect(ended).toBeGreaterThan(0)
  })

  it('never leaves two alerts of one key standing, nor one that its key does not hold', () => {
    fc.assert(
      fc.property(said, numbers, ids, fc.array(numbers, { minLength: 1, maxLength: 5 }), (before, n, id, edits) => {
        const { hand, clock } = lived(before, n)
        edits.forEach((m, i) => {
          hand.rule(id, source(id, m), i + 2, clock + i)
          hand.cover('a', clock + i - 100, { tiltDeg: 30 }, clock + i)
        })
        const standing = new Map(hand.transitions.map(({ alert, rule, key, condition }) => [alert, condition === 'resolved' ? '' : `${rule} ${key}`]))
        const held = [...hand.engine.state.assets.values()].flatMap(({ id: asset, course }) =>
          [...course.keys].filter(([, { hold }]) => hold.phase === 'firing' || hold.phase === 'recovering').map(([name]) => `${name} ${asset}`),
        )
        expect([...standing.values()].filter(Boolean).sort()).toEqual(held.sort())
      }),
      { numRuns: RUNS },
    )
  })
})
