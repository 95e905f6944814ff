import type { Position } from '../../domain/geo.ts'
import type { City } from '../../fixtures/city/city.ts'
import { type Edge, otherEnd } from '../../fixtures/city/network.ts'
import { moved } from '../../fixtures/city/plane.ts'
import type { Random } from '../../fixtures/city/random.ts'
import { type Leg, type RouteTree, routeTree, wayFrom } from '../../fixtures/city/routes.ts'
import { lawOf, type Zone } from '../../fixtures/city/zones.ts'

/** Half the side of the square around the gate where trucks stand, metres; it lies inside every yard. */
const YARD_M = 70

/** The roads and yards that all trucks share. */
export class Traffic {
  readonly yards: Record<'depot' | 'construction' | 'disposal', Zone[]>
  /** The junction deepest inside each banned zone that has one. */
  readonly forbidden: number[]
  readonly #city: City
  readonly #legal: (edge: Edge) => boolean
  readonly #closed: ReadonlySet<number>
  readonly #trees = new Map<string, RouteTree>()

  constructor(city: City) {
    const use = (wanted: Zone['use']) => city.zones.filter((zone) => zone.use === wanted)
    this.#city = city
    this.yards = { depot: use('depot'), construction: use('construction'), disposal: use('disposal') }
    const law = lawOf(city.network, city.zones)
    this.#legal = law.legal
    this.#closed = new Set(law.closed)
    this.forbidden = use('banned').flatMap((zone) => {
      const { closed } = lawOf(city.network, [zone])
      const middle = closed[Math.floor(closed.length / 2)]
      return middle === undefined ? [] : [middle]
    })
  }

  /** The cheapest lawful way to a yard's gate. */
  lawfulWay(from: number, to: Zone): Leg[] {
    return wayFrom(this.#city.network, this.#tree(to.node, true), from) ?? []
  }

  /** The cheapest way over any road. */
  anyWay(from: number, to: number): Leg[] {
    return wayFrom(this.#city.network, this.#tree(to, false), from) ?? []
  }

  /** Seconds from a junction on the way to a forbidden one until the first junction inside the zone. */
  secondsToEnter(from: number, place: number): number {
    const tree = this.#tree(place, false)
    let node = from
    while (node !== place && !this.#closed.has(node)) {
      const edge = this.#city.network.edges[tree.next[node] as number]
      if (!edge) return Number.POSITIVE_INFINITY
      node = otherEnd(edge, node)
    }
    return (tree.seconds[from] as number) - (tree.seconds[node] as number)
  }

  /** The lawful stretch of road that comes nearest to a banned zone, driven towards it, with the way on to `to`. */
  brink(to: Zone): Leg[] {
    let best: { leg: Leg; node: number; seconds: number } | undefined
    for (const edge of this.#city.network.edges.filter((each) => this.#legal(each) && each.lengthM > 80)) {
      for (const node of [edge.from, edge.to]) {
        const seconds = Math.min(...this.forbidden.map((place) => this.secondsToEnter(node, place)))
        if (!best || seconds < best.seconds) best = { leg: { edge, forward: edge.to === node }, node, seconds }
      }
    }
    return best ? [best.leg, ...this.lawfulWay(best.node, to)] : []
  }

  gate(zone: Zone): Position {
    return this.#city.network.nodes[zone.node] as Position
  }

  spot(zone: Zone, random: Random): Position {
    return moved(this.gate(zone), random.between(-YARD_M, YARD_M), random.between(-YARD_M, YARD_M))
  }

  #tree(target: number, lawful: boolean): RouteTree {
    const key = `${target}/${lawful}`
    let tree = this.#trees.get(key)
    if (!tree) {
      tree = routeTree(this.#city.network, target, lawful ? this.#legal : () => true)
      this.#trees.set(key, tree)
    }
    return tree
  }
}
