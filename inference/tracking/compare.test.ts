import { describe, expect, it } from 'vitest'
import { GreedyTracker } from './greedy.fixture.ts'
import { streetOf, type Tally, tallyOf } from './street.fixture.ts'
import { Tracker } from './tracker.ts'

const SEEDS = 12
const STRONG = 0.35

interface Report {
  kalman: Tally
  greedy: Tally
}

function sum(tallies: readonly Tally[]): Tally {
  const total = (of: (tally: Tally) => number): number => tallies.reduce((all, each) => all + of(each), 0)
  const [sightings, switches] = [total((each) => each.sightings), total((each) => each.switches)]
  return {
    sightings,
    switches,
    parkedSwitches: total((each) => each.parkedSwitches),
    mota: 1 - switches / sightings,
    idf1: total((each) => each.idf1 * each.sightings) / sightings,
  }
}

function compare(fps: number, uneven = false): Report {
  const options = { strong: STRONG, maxAgeMs: Math.max(20_000, 3000 / fps) }
  const streets = Array.from({ length: SEEDS }, (_, seed) => streetOf(`street ${seed}`, { fps, uneven }))
  const play = (made: () => Pick<Tracker, 'update'>): Tally =>
    sum(
      streets.map((street) => {
        const tracker = made()
        return tallyOf(street, (at, seen) => tracker.update(at, seen, options))
      }),
    )
  return { kalman: play(() => new Tracker('k')), greedy: play(() => new GreedyTracker('g')) }
}

describe('against the truth of generated streets, beside the greedy tracker', () => {
  it.each([
    ['10 frames/s', 10, false],
    ['5 frames/s', 5, false],
    ['1 frame/s', 1, false],
    ['1 frame/s, uneven', 1, true],
    ['a frame in 2 s', 0.5, false],
    ['a frame in 5 s', 0.2, false],
    ['a frame in 10 s', 0.1, false],
  ])('%s', (name, fps, uneven) => {
    const { kalman, greedy } = compare(fps, uneven)
    const line = (who: string, { sightings, switches, parkedSwitches, mota, idf1 }: Tally): string =>
      `${name.padEnd(18)} ${who.padEnd(7)} sightings ${sightings}, id switches ${switches} (of parked ${parkedSwitches}), MOTA ${mota.toFixed(4)}, IDF1 ${idf1.toFixed(4)}`
    console.info(`${line('kalman', kalman)}\n${line('greedy', greedy)}`)
    expect(kalman.switches).toBeLessThanOrEqual(greedy.switches)
    expect(kalman.parkedSwitches).toBeLessThanOrEqual(greedy.parkedSwitches)
    expect(kalman.idf1).toBeGreaterThanOrEqual(greedy.idf1)
  })
})
