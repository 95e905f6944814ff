import type { PictureZone } from '../../domain/camera.ts'
import { Random } from '../../domain/random.ts'
import type { Street } from './street.ts'
import { isFlat, type Thing } from './things/things.ts'
import { Projection, type View } from './view.ts'

/** What can be seen to happen in a clip. */
export const CLIPS = ['spill', 'cover', 'parking'] as const
export type ClipName = (typeof CLIPS)[number]

/** A street that changes with time. */
export interface Clip {
  name: ClipName
  seconds: number
  /** The street so many seconds after the beginning. */
  at(second: number): Street
  /** Where the road and its no-parking strip lie in the picture, for rules that ask. */
  zones: PictureZone[]
}

/** An actor on the stage: where it is at a second, or undefined while it is not there. */
type Part = (second: number) => Thing | undefined

const HALF_M = 7.2

/**
 * A fixed camera over a plain street on a dull day, and one story: a muck truck loses earth, a cover is moved off its
 * hole, a car stops where it must not. Between the stories only traffic passes. `view`: where another camera hangs and looks.
 */
export function clipOf(name: ClipName, seed: string, view: Partial<View> = {}): Clip {
  const random = new Random(`clip/${name}/${seed}`)
  const story = STORIES[name]
  const stage = stageOf(random, seed, { ...story.view, ...view })
  const actors = [...story.actors(seed), ...passers(random, story.seconds, seed, story.quiet)]
  return {
    name,
    seconds: story.seconds,
    zones: [zone(stage.view, 'road', [-HALF_M, HALF_M]), zone(stage.view, 'no-parking', [HALF_M - 3, HALF_M]), zone(stage.view, 'cover', [-HALF_M, HALF_M])],
    at: (second) => {
      const things = actors.flatMap((actor) => actor(second) ?? [])
      return { ...stage, things: [...stage.things, ...things].sort((a, b) => Number(isFlat(b.kind)) - Number(isFlat(a.kind))) }
    },
  }
}

const ASPECT = { width: 1600, height: 900 }
const ALONG: readonly [number, number] = [7, 45]

/** A strip of the road as a polygon in the picture, cut at its edges. */
function zone(view: View, type: string, [left, right]: readonly [number, number]): PictureZone {
  const projection = new Projection(view, ASPECT.width, ASPECT.height)
  const corner = (x: number, z: number): Corner => {
    const [px, py] = projection.toPixel([x, 0, z]) ?? [0, 0]
    return [px / ASPECT.width, py / ASPECT.height]
  }
  const [near, far] = ALONG
  let polygon: Corner[] = [corner(left, near), corner(left, far), corner(right, far), corner(right, near)]
  for (const axis of [0, 1] as const) for (const [edge, sign] of EDGES) polygon = cut(polygon, axis, edge, sign)
  return { id: type, type, polygon: polygon.map(([x, y]) => [tidy(x), tidy(y)]) }
}

type Corner = [x: number, y: number]
const EDGES = [
  [0, 1],
  [1, -1],
] as const

/** What of a polygon lies on the inner side of one edge of the picture. */
function cut(polygon: readonly Corner[], axis: 0 | 1, edge: number, sign: number): Corner[] {
  return polygon.flatMap((b, i) => {
    const a = polygon.at(i - 1) as Corner
    const [outA, outB] = [(a[axis] - edge) * sign < 0, (b[axis] - edge) * sign < 0]
    const t = (edge - a[axis]) / (b[axis] - a[axis])
    const crossing: Corner = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
    return outA === outB ? (outB ? [] : [b]) : outB ? [crossing] : [crossing, b]
  })
}

function tidy(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000
}

function stageOf(random: Random, seed: string, view: Partial<View> = {}): Street {
  const things: Thing[] = []
  for (const side of [-1, 1])
    for (let z = -6, i = 0; z < 90; i++, z += random.between(7, 10))
      things.push({ kind: i % 3 === 2 ? 'pole' : 'tree', x: side * (HALF_M + random.between(2.2, 3.5)), z, heading: 0, seed: `${seed}/${side}/${i}` })
  for (let z = 10, i = 0; z < 90; z += 30, i++)
    things.push({ kind: 'building', x: 24, z, heading: 0, seed: `${seed}/b${i}` }, { kind: 'building', x: -24, z, heading: 0, seed: `${seed}/c${i}` })
  const grey = random.between(92, 118)
  return {
    seed: `clip/${seed}`,
    view: { x: -5.5, height: 6.2, yaw: random.between(0.2, 0.28), pitch: random.between(0.36, 0.4), roll: 0.01, fov: 1.12, ...view },
    ground: {
      half: HALF_M,
      asphalt: [grey, grey, grey + 2],
      dirt: 0.25,
      verge: 'paved',
      paving: [170, 162, 152],
      tileM: 0.5,
      middle: 'double',
      paint: [222, 190, 90],
      laneM: 3.5,
      crossing: null,
      shift: [random.between(0, 200), random.between(0, 200)],
    },
    light: { sun: [0.3, 0.88, -0.36], direct: 0.45, ambient: 0.6, sky: [176, 196, 222], lamps: [] },
    fog: 0.001,
    things,
    finish: { gain: 1, gamma: 0.95, cast: [1, 1, 0.99], noise: 3, blur: 0, vignette: 0, grey: false, streaks: 0, caption: false, quality: 82 },
  }
}

/** Drives along its lane at a speed, metres per second, from where it is at a second; gone when it is far. */
function drives(kind: Thing['kind'], { x, seed, mps, at, from = mps > 0 ? -6 : 80 }: { x: number; seed: string; mps: number; at: number; from?: number }): Part {
  return (second) => {
    const z = from + (second - at) * mps
    return second < at || z < -12 || z > 90 ? undefined : { kind, x, z, heading: mps > 0 ? 0 : Math.PI, seed }
  }
}

function lies(kind: Thing['kind'], place: { x: number; z: number; heading?: number }, seed: string, from: number, until: number): Part {
  return (second) => (second < from || second >= until ? undefined : { kind, heading: 0, ...place, seed })
}

interface Story {
  seconds: number
  actors(seed: string): Part[]
  /** Nobody passes between these seconds, so that what happens can be seen. */
  quiet: readonly [number, number]
  /** Where its camera hangs and looks, where that is not as usual. */
  view?: Partial<View>
}

const STORIES: Record<ClipName, Story> = {
  spill: {
    seconds: 150,
    quiet: [8, 60],
    actors: (seed) => [
      drives('muck-truck-loaded-open', { x: 1.9, seed: `${seed}/muck`, mps: 4, at: 14, from: 4 }),
      lies('spillage', { x: 1.7, z: 13, heading: 0.05 }, `${seed}/spill`, 18, 130),
      lies('mound', { x: 1.9, z: 19 }, `${seed}/mound`, 19, 130),
    ],
  },
  cover: {
    seconds: 150,
    quiet: [20, 60],
    view: { x: -3, height: 4.2, yaw: 0.3, pitch: 0.48, fov: 0.95 },
    actors: (seed) => {
      const lid = (kind: Thing['kind'], from: number, until: number) => lies(kind, { x: 0.6, z: 7.6 }, `${seed}/lid`, from, until)
      return [lid('cover-closed', 0, 25), lid('cover-open', 25, 110), lid('cover-closed', 110, 150)]
    },
  },
  parking: {
    seconds: 180,
    quiet: [10, 40],
    actors: (seed) => [parks(`${seed}/parker`)],
  },
}

/** Comes, stops at the kerb for nearly two minutes, and drives on. */
function parks(seed: string): Part {
  const [x, z] = [HALF_M - 1.3, 17]
  return (second) => {
    if (second < 14 || second > 145) return undefined
    if (second < 20) return { kind: 'car', x: x - 0.25 * (20 - second), z: z - 2.6 * (20 - second), heading: 0.06, seed }
    if (second < 135) return { kind: 'car', x, z, heading: 0, seed }
    return { kind: 'car', x: x - 0.2 * (second - 135), z: z + 0.9 * (second - 135) ** 2, heading: -0.08, seed }
  }
}

function passers(random: Random, seconds: number, seed: string, [from, until]: readonly [number, number]): Part[] {
  const parts: Part[] = []
  for (let at = 2, i = 0; at < seconds - 14; at += random.between(9, 20), i++) {
    const towards = random.chance(0.5)
    const mps = random.between(7, 11)
    if (at > from - 12 && at < until) continue
    const kind = random.pick(['car', 'car', 'car', 'truck', 'bus', 'two-wheeler'] as const)
    parts.push(drives(kind, { x: towards ? -1.9 : 1.9, seed: `${seed}/p${i}`, mps: towards ? -mps : mps, at }))
  }
  return parts
}
