import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { Random } from '../../fixtures/city/random.ts'
import type { Camera } from './camera.ts'
import type { Cover } from './cover.ts'
import type { Drive } from './drive.ts'
import type { Traffic } from './traffic.ts'
import type { Truck } from './truck.ts'

/** What can go wrong in the demo city; each is meant to meet a rule of the book. */
export const MISHAPS = ['cover-open', 'cover-flood', 'cover-battery', 'truck-speed', 'truck-banned', 'truck-lid', 'truck-tip', 'camera-parking'] as const
export type Mishap = (typeof MISHAPS)[number]

export interface Incident {
  what: Mishap
  device: string
  at: Instant
  until: Instant
}

/** After so many ms from the start, whatever the seed: within a minute an operator has seen one of each kind begin. */
export const SCRIPT: readonly { after: number; what: Mishap; lasts?: number }[] = [
  { after: 2 * SECOND, what: 'truck-banned' },
  { after: 5 * SECOND, what: 'camera-parking', lasts: 150 * SECOND },
  { after: 8 * SECOND, what: 'truck-speed', lasts: 40 * SECOND },
  { after: 15 * SECOND, what: 'cover-open', lasts: 90 * SECOND },
  { after: 20 * SECOND, what: 'truck-lid', lasts: 45 * SECOND },
  { after: 25 * SECOND, what: 'cover-flood' },
  { after: 30 * SECOND, what: 'cover-battery' },
  { after: 40 * SECOND, what: 'truck-tip', lasts: 40 * SECOND },
]

export interface Cast {
  covers: readonly Cover[]
  trucks: readonly Truck[]
  cameras: readonly Camera[]
  traffic: Traffic
}

/** Lets it happen to a device that it can happen to; undefined when there is none. */
export function happen(what: Mishap, at: Instant, lasts: number | undefined, cast: Cast, random: Random): Incident | undefined {
  const until = Math.round(at + (lasts ?? random.between(...USUAL[what])))
  const device = ACT[what](cast, random, at, until)
  return device && { what, device: device.id, at, until }
}

const USUAL: Record<Mishap, [number, number]> = {
  'cover-open': [MINUTE, 4 * MINUTE],
  'cover-flood': [7 * MINUTE, 7 * MINUTE],
  'cover-battery': [0, 0],
  'truck-speed': [25 * SECOND, MINUTE],
  'truck-banned': [5 * MINUTE, 5 * MINUTE],
  'truck-lid': [30 * SECOND, 90 * SECOND],
  'truck-tip': [30 * SECOND, MINUTE],
  'camera-parking': [90 * SECOND, 6 * MINUTE],
}

type Act = (cast: Cast, random: Random, at: Instant, until: Instant) => Cover | Truck | Camera | undefined
const ACT: Record<Mishap, Act> = {
  'cover-open': ({ covers }, random, at, until) =>
    did(
      anyOf(
        covers.filter((cover) => !cover.alarmed(at)),
        random,
      ),
      (cover) => cover.open(until),
    ),
  'cover-flood': ({ covers }, random, at) =>
    did(
      anyOf(
        covers.filter((cover) => cover.wet && !cover.alarmed(at)),
        random,
      ),
      (cover) => cover.flood(at),
    ),
  'cover-battery': ({ covers }, random) => did(anyOf(covers, random), (cover) => cover.drain()),
  'truck-speed': (cast, random, at, until) => did(onTheRoad(cast, random, at, straightest(cast, ((until - at) / SECOND) * 24), false), (truck) => truck.rush(until)),
  'truck-lid': (cast, random, at, until) =>
    did(
      onTheRoad(cast, random, at, ({ left }) => left > 800, true),
      (truck) => truck.openLid(until),
    ),
  'truck-tip': (cast, random, at, until) =>
    did(
      onTheRoad(cast, random, at, ({ left }) => left > 800, true),
      (truck) => truck.tip(at, until),
    ),
  'truck-banned': (cast, _, at, until) => trespass(cast, at, until),
  'camera-parking': ({ cameras }, random, at, until) =>
    did(
      anyOf(
        cameras.filter((camera) => camera.guards && !camera.alarmed(at)),
        random,
      ),
      (camera) => camera.park(until),
    ),
}

/** A truck in motion, well away from where it set out. */
function onTheRoad({ trucks }: Cast, random: Random, at: Instant, fits: (drive: Drive) => boolean, loaded: boolean): Truck | undefined {
  const truck = anyOf(
    trucks.filter(({ driving, busy, load }) => !busy && driving && driving.mps > 4 && driving.metres > 400 && fits(driving) && (!loaded || load === 'full')),
    random,
  )
  truck?.advance(at)
  return truck?.driving ? truck : undefined
}

/** Ways without a sharp turn for so many metres, or else as far as there are any. */
function straightest({ trucks }: Cast, metres: number): (drive: Drive) => boolean {
  const longest = Math.max(0, ...trucks.map(({ driving }) => driving?.straightM ?? 0))
  return ({ straightM }) => straightM >= Math.min(metres, longest)
}

/** The truck that can be inside a banned zone first. */
function trespass({ trucks, traffic }: Cast, at: Instant, until: Instant): Truck | undefined {
  let best: { truck: Truck; place: number; seconds: number } | undefined
  for (const truck of trucks) {
    const { ahead } = truck
    if (!ahead || truck.busy) continue
    for (const place of traffic.forbidden) {
      const seconds = ahead.seconds + traffic.secondsToEnter(ahead.node, place)
      if (!best || seconds < best.seconds) best = { truck, place, seconds }
    }
  }
  if (!best || best.seconds === Number.POSITIVE_INFINITY) return undefined
  best.truck.advance(at)
  best.truck.trespass(best.place, until)
  return best.truck
}

function anyOf<T>(list: readonly T[], random: Random): T | undefined {
  return list.length > 0 ? random.pick(list) : undefined
}

function did<T>(thing: T | undefined, act: (thing: T) => void): T | undefined {
  if (thing !== undefined) act(thing)
  return thing
}
