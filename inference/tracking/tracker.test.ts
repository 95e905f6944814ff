import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Box } from '../../domain/observation.ts'
import { streetOf } from './street.fixture.ts'
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

  describe('what stands keeps its name', () => {
    const car = (more: Partial<Thing> = {}): Thing => thing(0.4, 0.5, more)
    const bus: Thing = { label: 'bus', score: 0.9, box: [0.3, 0.35, 0.4, 0.3] }
    const namesOf = (looks: readonly (readonly [second: number, ...Thing[]])[], maxAgeMs = 10_000): string[] => {
      const tracker = new Tracker('r')
      return looks.flatMap(([second, ...things]) => {
        const names = tracker.update(second * 1000, things, { ...OPTIONS, maxAgeMs })
        return things.flatMap(({ label, box }, i) => (label !== 'bus' && Math.abs(box[0] - 0.4) < 0.06 ? [names[i] as string] : []))
      })
    }
    const early = seconds(5, () => []).map((_, s) => [s, car()] as const)
    it.each<[string, Parameters<typeof namesOf>[0]]>([
      ['behind a bus that hides it for eight seconds', [...early, ...Array.from({ length: 8 }, (_, i) => [5 + i, bus] as const), [13, car()]]],
      [
        'while the bus hides one half of it, then the other',
        [...early, [5, car({ box: [0.4, 0.5, 0.04, 0.1] }), bus], [6, bus], [7, car({ box: [0.45, 0.5, 0.05, 0.1] }), bus], [8, car()]],
      ],
      ['over four minutes in which nobody looked', [...early, [244, car()]]],
      ['when it is faint and something stronger is close', [...early, [5, car({ score: 0.15 }), thing(0.47, 0.54)], [6, car()]]],
      ['looked at once in ten seconds', [0, 10, 20, 30, 40].map((s) => [s, car({ box: [0.4 + 0.003 * (s % 20), 0.5, 0.1, 0.1] })] as const)],
    ])('%s', (_, looks) => {
      expect(new Set(namesOf(looks, looks.some(([s]) => s === 40) ? 30_000 : 10_000))).toEqual(new Set(['r-t1']))
    })

    it('but what comes to stand there after a look that showed the place empty for as long as a track lasts is another one', () => {
      expect(namesOf([...early, [5], [15], [16, car()]])).toEqual(['r-t1', 'r-t1', 'r-t1', 'r-t1', 'r-t1', 'r-t2'])
    })
  })

  it.each([10, 1, 0.2])('a restart in the middle does not show, at %s frames/s', (fps) => {
    const options = { strong: 0.35, maxAgeMs: Math.max(10_000, 3000 / fps) }
    for (const seed of ['a', 'b', 'c', 'd']) {
      const { looks } = streetOf(seed, { fps })
      const whole = new Tracker('r')
      const said = looks.map(({ at, sightings }) => whole.update(at, sightings, options))
      const half = Math.floor(looks.length / 2)
      const after = new Tracker('s')
      after.restore(
        looks
          .slice(0, half)
          .map(({ at, sightings }, look) => ({ at, objects: sightings.map(({ label, score, box }, i) => ({ label, score, box: [...box], track: said[look]?.[i] as string })) })),
        options,
      )
      // What begins after the restart has a name of the new run; all else goes on.
      const renamed = new Map<string, string>()
      for (const [i, { at, sightings }] of looks.slice(half).entries()) {
        const names = after.update(at, sightings, options)
        for (const [j, name] of names.entries()) {
          const before = said[half + i]?.[j] as string
          if (!name.startsWith('s-')) expect(name).toBe(before)
          else expect(renamed.get(before) ?? name).toBe(name)
          if (name.startsWith('s-')) renamed.set(before, name)
        }
      }
      const known = new Set(said.slice(0, half).flat())
      expect([...renamed.keys()].filter((name) => known.has(name))).toEqual([])
    }
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
