import { beforeAll, describe, expect, it } from 'vitest'
import { buildCity } from '../../fixtures/city/city.ts'
import { Random } from '../../fixtures/city/random.ts'
import { type Answer, calibrationError, reliabilityOf, tableOf } from './reliability.fixture.ts'
import { type Case, makeCase, type World } from './scenes.fixture.ts'
import { Roads } from './traffic.fixture.ts'
import { type Weighed, weigh } from './weigh.ts'

/** Worlds in turn: as expected, all terminals with outages, all clocks wrong, no camera that sees trucks, and other shares of trucks without terminals than the model assumes. */
const WORLDS: readonly World[] = [
  { noTerminal: 0.2, gaps: 0.25, skewed: 0.2, seen: 0.6 },
  { noTerminal: 0.2, gaps: 1, skewed: 0, seen: 0.6 },
  { noTerminal: 0.2, gaps: 0, skewed: 1, seen: 0.6 },
  { noTerminal: 0.2, gaps: 0.25, skewed: 0.2, seen: 0 },
  { noTerminal: 0.1, gaps: 0.25, skewed: 0.2, seen: 0.6 },
  { noTerminal: 0.35, gaps: 0.25, skewed: 0.2, seen: 0.6 },
]
const CASES = 360

/** The best answer to each case, and all that was said of it. */
interface Judged {
  world: number
  told: Weighed[]
  truth: string | null
}

let judged: Judged[]

function answersOf(some: readonly Judged[]): Answer[] {
  return some.flatMap(({ told: [first], truth }) => (first ? [{ probability: first.probability, right: first.vehicle === truth }] : []))
}

beforeAll(() => {
  const city = buildCity(7, { covers: 0, trucks: 0, cameras: 0 })
  const roads = new Roads(city)
  const random = new Random('attribution')
  judged = []
  while (judged.length < CASES) {
    const world = judged.length % WORLDS.length
    const made: Case | undefined = makeCase(city, roads, WORLDS[world] as World, random)
    if (made) judged.push({ world, told: weigh(made.weighing), truth: made.truth })
  }
}, 120_000)

describe('attribution over generated tracks with known truth', () => {
  it('is as often right as it says', () => {
    const bins = reliabilityOf(answersOf(judged))
    const error = calibrationError(bins)
    process.stdout.write(`${tableOf(bins)}\ncalibration error ${error.toFixed(3)} over ${judged.length} answers\n`)
    expect(error).toBeLessThan(0.045)
    // Each bin within three standard deviations of a fair coin of its probability.
    for (const { n, said, right } of bins) expect(Math.abs(said - right)).toBeLessThan(3 * Math.sqrt((said * (n - said)) / n) + 1)
  })

  it('names a vehicle at nine in ten or more, and is right at least as often', () => {
    const named = judged.filter(({ told: [first] }) => first && first.vehicle !== null && first.probability >= 0.9)
    const right = named.filter(({ told: [first], truth }) => first?.vehicle === truth)
    const byWorld = WORLDS.map((_, world) => `${right.filter((each) => each.world === world).length}/${named.filter((each) => each.world === world).length}`)
    process.stdout.write(`named at 0.9 or more: ${right.length}/${named.length} right; by world ${byWorld.join(' ')}\n`)
    expect(named.length).toBeGreaterThan(CASES / 3)
    expect(right.length / named.length).toBeGreaterThan(0.93)
  })

  it('would not pass if it were surer than it may be', () => {
    const sharper = judged.map(({ told, ...rest }): Judged => {
      const total = told.reduce((sum, { probability }) => sum + probability ** 4, 0)
      return { ...rest, told: told.map((each) => ({ ...each, probability: each.probability ** 4 / total })) }
    })
    expect(calibrationError(reliabilityOf(answersOf(sharper)))).toBeGreaterThan(0.045)
  })

  it('shares one certainty among all, unknown among them, most probable first', () => {
    for (const { told } of judged) {
      expect(told.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
      expect(told.filter(({ vehicle }) => vehicle === null)).toHaveLength(1)
      expect(told.map(({ probability }) => probability)).toEqual(told.map(({ probability }) => probability).sort((a, b) => b - a))
    }
  })
})
