import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Box } from '../domain/observation.ts'
import { Tracker } from './tracker.ts'

interface Thing {
  label: string
  score: number
  box: Box
}
const thing = (x: number, y: number, more: Partial<Thing> = {}): Thing => ({ label: 'car', score: 0.8, box: [x, y, 0.1, 0.1], ...more })
const OPTIONS = { strong: 0.35, maxAgeMs: 10_000 }

/** Names per picture, one picture a second. */
function follow(pictures: Thing[][], everyMs = 1000): string[][] {
  const tracker = new Tracker('r')
  return pictures.map((things, i) => tracker.update(i * everyMs, things, OPTIONS))
}
const seconds = (count: number, at: (second: number) => Thing[]): Thing[][] => Array.from({ length: count }, (_, i) => at(i))

describe('Tracker', () => {
  it.each<[string, Thing[][], string[][]]>([
    ['keeps the name of what stands, though its box trembles', seconds(30, (s) => [thing(0.4 + 0.004 * Math.sin(s * 7), 0.5)]), Array.from({ length: 30 }, () => ['r-t1'])],
    ['keeps the name of what passes, box beside box', seconds(9, (s) => [thing(0.1 * s, 0.5)]), Array.from({ length: 9 }, () => ['r-t1'])],
    ['keeps two names while two cross', seconds(9, (s) => [thing(0.1 * s, 0.5), thing(0.8 - 0.1 * s, 0.52)]), Array.from({ length: 9 }, () => ['r-t1', 'r-t2'])],
    [
      'bridges a short miss of what stands',
      seconds(12, (s) => (s > 3 && s < 10 ? [] : [thing(0.4, 0.5)])),
      seconds(12, (s) => (s > 3 && s < 10 ? [] : [thing(0, 0)])).map((p) => p.map(() => 'r-t1')),
    ],
    [
      'bridges a short miss of what moves',
      seconds(9, (s) => (s === 4 || s === 5 ? [] : [thing(0.08 * s, 0.5)])),
      seconds(9, (s) => (s === 4 || s === 5 ? [] : [thing(0, 0)])).map((p) => p.map(() => 'r-t1')),
    ],
    ['begins anew after a long miss', [[thing(0.4, 0.5)], ...seconds(11, () => []), [thing(0.4, 0.5)]], [['r-t1'], ...Array.from({ length: 11 }, () => []), ['r-t2']]],
    ['takes car, truck and bus for one thing', [[thing(0.4, 0.5)], [thing(0.4, 0.5, { label: 'truck' })], [thing(0.4, 0.5, { label: 'bus' })]], [['r-t1'], ['r-t1'], ['r-t1']]],
    ['does not take a person for a car', [[thing(0.4, 0.5)], [thing(0.4, 0.5, { label: 'person' })]], [['r-t1'], ['r-t2']]],
    ['names once what is seen as car and truck at one place', [[thing(0.4, 0.5), thing(0.402, 0.5, { label: 'truck', score: 0.5 })]], [['r-t1', 'r-t1']]],
    ['continues a track with a faint box', [[thing(0.4, 0.5)], [thing(0.4, 0.5, { score: 0.15 })], [thing(0.4, 0.5)]], [['r-t1'], ['r-t1'], ['r-t1']]],
    ['does not let a faint box take the track of a strong one', [[thing(0.4, 0.5)], [thing(0.4, 0.5, { score: 0.2 }), thing(0.44, 0.5)]], [['r-t1'], ['r-t2', 'r-t1']]],
    ['names faint things too', [[thing(0.4, 0.5, { score: 0.12 })]], [['r-t1']]],
    ['sees a new thing far away', [[thing(0.1, 0.5)], [thing(0.7, 0.5)]], [['r-t1'], ['r-t2']]],
  ])('%s', (_, pictures, names) => {
    expect(follow(pictures)).toEqual(names)
  })

  it('starts anew where the time goes back, as in a file that is played again', () => {
    const tracker = new Tracker('r')
    expect(tracker.update(5000, [thing(0.4, 0.5)], OPTIONS)).toEqual(['r-t1'])
    expect(tracker.update(0, [thing(0.4, 0.5)], OPTIONS)).toEqual(['r-t2'])
  })

  it('never gives one name to two things that are apart, and the same names to the same pictures', () => {
    const aThing = fc.record({
      label: fc.constantFrom('car', 'truck', 'person'),
      score: fc.double({ min: 0.1, max: 1, noNaN: true }),
      box: fc.tuple(
        ...([0.9, 0.9] as const).map((max) => fc.double({ min: 0, max, noNaN: true })),
        fc.double({ min: 0.01, max: 0.1, noNaN: true }),
        fc.double({ min: 0.01, max: 0.1, noNaN: true }),
      ) as fc.Arbitrary<[number, number, number, number]>,
    })
    fc.assert(
      fc.property(fc.array(fc.array(aThing, { maxLength: 6 }), { maxLength: 8 }), (pictures) => {
        const names = follow(pictures)
        expect(follow(pictures)).toEqual(names)
        for (const [p, things] of pictures.entries())
          for (const [i, a] of things.entries())
            for (const [j, b] of things.entries()) if (i < j && names[p]?.[i] === names[p]?.[j]) expect(Math.abs(a.box[0] - b.box[0])).toBeLessThan(0.1)
      }),
    )
  })
})
