import type { Position } from '../../domain/geo.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import type { City } from '../../fixtures/city/city.ts'
import { distancesAlong, type Line, pointAlong, toTheRight } from '../../fixtures/city/line.ts'
import type { Random } from '../../fixtures/city/random.ts'
import { CRUISE_KMH, type Leg, type RouteTree, routeTree, wayFrom } from '../../fixtures/city/routes.ts'

/** Where a truck really was, second by second. */
export interface Drive {
  readonly from: Instant
  readonly places: readonly Position[]
  readonly speeds: readonly number[]
  readonly headings: readonly number[]
}

/** Trucks that drive from junction to junction of the demo city: they turn, brake before turns, wait at red lights and keep to the right. */
export class Roads {
  readonly #city: City
  readonly #trees = new Map<number, RouteTree>()
  /** Where drives begin and end: all over the city, and few enough to find the ways to them once. */
  readonly #ends: readonly number[]

  constructor(city: City) {
    this.#city = city
    const { nodes } = city.network
    this.#ends = Array.from({ length: ENDS }, (_, i) => Math.floor(((i + 0.5) * nodes.length) / ENDS))
  }

  /** A drive of at most `seconds` over `via`, begun so that it is there about `at`. Undefined where no way leads. */
  drive(via: number, at: Instant, seconds: number, random: Random): Drive | undefined {
    const [start, end] = [random.pick(this.#ends), random.pick(this.#ends)]
    const coming = near((wayFrom(this.#city.network, this.#tree(via), start) ?? []).toReversed()).reverse()
    const legs = [...coming, ...near(wayFrom(this.#city.network, this.#tree(end), via) ?? [])]
    if (legs.length < 4) return undefined
    const driven = driveAlong(legs, random)
    const there = driven.legStarts[coming.length] ?? 0
    const first = Math.max(0, Math.round(there - seconds / 2))
    const cut = <T>(list: readonly T[]): T[] => list.slice(first, first + seconds)
    return { from: at - (there - first) * SECOND, places: cut(driven.places), speeds: cut(driven.speeds), headings: cut(driven.headings) }
  }

  #tree(target: number): RouteTree {
    let tree = this.#trees.get(target)
    if (!tree) {
      tree = routeTree(this.#city.network, target, () => true)
      this.#trees.set(target, tree)
    }
    return tree
  }
}

const ENDS = 40
const NEAR_M = 6000

/** The first kilometres of a way. */
function near(legs: readonly Leg[]): Leg[] {
  let metres = 0
  return legs.filter(({ edge }) => {
    metres += edge.lengthM
    return metres - edge.lengthM < NEAR_M
  })
}

interface Driven extends Omit<Drive, 'from'> {
  /** The second at which each leg began. */
  legStarts: number[]
}

function driveAlong(legs: readonly Leg[], random: Random): Driven {
  const temper = random.between(0.75, 1.1)
  const out: { places: Position[]; speeds: number[]; headings: number[]; legStarts: number[] } = { places: [], speeds: [], headings: [], legStarts: [] }
  let mps = 6
  for (const { edge, forward } of legs) {
    const line: Line = forward ? edge.line : edge.line.toReversed()
    const distances = distancesAlong(line)
    const length = distances.at(-1) ?? 0
    const cruise = (CRUISE_KMH[edge.rank] / 3.6) * temper * random.between(0.8, 1.1)
    const [exit, red] = [random.chance(0.35) ? 4 : 9, random.chance(0.2) ? random.between(5, 45) : 0]
    out.legStarts.push(out.places.length)
    for (let metres = 0; metres < length; metres += Math.max(mps, 0.5)) {
      const wanted = Math.min(cruise, Math.sqrt((red > 0 ? 1 : exit) ** 2 + 2.4 * (length - metres)))
      mps = mps < wanted ? Math.min(wanted, mps + 0.9) : Math.max(wanted, mps - 2.5)
      put(out, line, distances, metres, mps)
    }
    for (let waited = 0; waited < red; waited++) put(out, line, distances, length - 1, 0)
    if (red > 0) mps = 0
  }
  return out
}

function put(out: { places: Position[]; speeds: number[]; headings: number[] }, line: Line, distances: readonly number[], metres: number, mps: number): void {
  const { position, bearing } = pointAlong(line, distances, metres)
  out.places.push(toTheRight(position, bearing, 3.5))
  out.speeds.push(mps)
  out.headings.push(bearing)
}
