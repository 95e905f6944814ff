import { Random } from '../../domain/random.ts'
import { anyFinish, type Finish } from './finish.ts'
import { anyGround, type Ground } from './ground.ts'
import { anyLight, type Light } from './light.ts'
import { isFlat, type Kind, ROOM, type Thing } from './things/things.ts'
import { Projection, type View } from './view.ts'

/** A street as data: from it the picture and its labels follow, to the last pixel. */
export interface Street {
  seed: string
  view: View
  ground: Ground
  light: Light
  /** Share of the sight that is lost per metre. */
  fog: number
  things: readonly Thing[]
  finish: Finish
}

const TRAFFIC = [
  'car',
  'car',
  'car',
  'car',
  'bus',
  'bus',
  'truck',
  'truck',
  'muck-truck-loaded-open',
  'muck-truck-loaded-open',
  'muck-truck-covered',
  'muck-truck-covered',
  'two-wheeler',
  'two-wheeler',
] as const
const CLOSE = [
  'cover-closed',
  'cover-closed',
  'cover-open',
  'cover-open',
  'garbage',
  'garbage',
  'person',
  'two-wheeler',
  'stall',
  'spillage',
  'mound',
  'car',
  'truck',
  'muck-truck-loaded-open',
  'muck-truck-covered',
  'bus',
] as const
/** Pictures for which a thing further away is too small to be told, relative to its own length. */
const FAR = 26

/** The street of a seed: camera, light, weather, ground, and what is on it. */
export function streetOf(seed: string): Street {
  const root = new Random(`street/${seed}`)
  const random = root.fork('view')
  const ground = anyGround(root.fork('ground'))
  const view = anyView(random, ground)
  const things: Thing[] = []
  if (random.chance(0.4)) bringClose(view, things, random, seed)
  populate(things, view, ground, root.fork('things'), seed)
  const weather = root.fork('weather')
  return {
    seed,
    view,
    ground,
    light: anyLight(root.fork('light')),
    fog: weather.chance(0.1) ? weather.between(0.008, 0.05) : weather.between(0, 0.003),
    things,
    finish: anyFinish(root.fork('finish')),
  }
}

/** On a pole beside the road, in a hand, or steeply above. */
function anyView(random: Random, { half }: Ground): View {
  const sort = random.next()
  const side = random.pick([-1, 1]) * Math.min(half, 10) * random.between(0.2, 1.2)
  const base = { x: side, yaw: -Math.sign(side) * random.between(-0.25, 0.75), roll: random.gauss() * 0.025 }
  if (sort < 0.6) return { ...base, height: random.between(3.5, 9), pitch: random.between(0.2, 0.75), fov: random.between(0.7, 1.5) }
  if (sort < 0.8) return { ...base, height: random.between(1.3, 3), pitch: random.between(0.02, 0.5), fov: random.between(0.8, 1.4), yaw: random.between(-1.6, 1.6) }
  return { ...base, height: random.between(5, 14), pitch: random.between(0.75, 1.4), fov: random.between(0.6, 1.3), yaw: random.between(-1.6, 1.6) }
}

/** Turns the camera to one thing that fills a good part of the picture. */
function bringClose(view: View, things: Thing[], random: Random, seed: string): void {
  const kind = random.pick(CLOSE)
  const size = Math.max(...ROOM[kind])
  const share = random.between(0.18, 0.75)
  const distance = Math.max(1.1, size / (share * 2 * Math.tan(view.fov / 2)))
  view.height = Math.max(0.9, Math.min(view.height, distance * random.between(0.25, 0.95)))
  const ahead = Math.sqrt(Math.max(size * size * 0.5, distance * distance - view.height * view.height))
  view.pitch = Math.atan2(view.height - (isFlat(kind) ? 0 : size * 0.15), ahead) + random.between(-0.12, 0.12)
  const off = random.between(-0.25, 0.25) * view.fov
  things.push({ kind, x: view.x + ahead * Math.sin(view.yaw + off), z: ahead * Math.cos(view.yaw + off), heading: random.between(0, 2 * Math.PI), seed: `${seed}/close` })
}

function populate(things: Thing[], view: View, ground: Ground, random: Random, seed: string): void {
  const projection = new Projection(view, 160, 90)
  const busy = random.next()
  const count = (most: number) => Math.round(random.next() * most * (0.35 + busy))
  const kinds: Kind[] = []
  const add = (n: number, choose: () => Kind) => {
    for (let i = 0; i < n; i++) kinds.push(choose())
  }
  add(1 + count(6), () => random.pick(TRAFFIC))
  add(random.chance(0.6) ? 1 + count(3) : 0, () => random.pick(['cover-closed', 'cover-closed', 'cover-open'] as const))
  add(random.chance(0.4) ? 1 + count(1) : 0, () => random.pick(['spillage', 'spillage', 'mound'] as const))
  add(random.chance(0.4) ? 1 + count(2) : 0, () => 'garbage')
  add(random.chance(0.35) ? 1 + count(1) : 0, () => 'stall')
  add(count(5), () => 'person')
  add(1 + count(5), () => 'blemish')
  add(count(8), () => random.pick(['furniture', 'furniture', 'pole', 'tree', 'bush', 'fence'] as const))
  for (const [i, kind] of kinds.entries()) place(things, kind, { projection, ground, random, seed: `${seed}/${i}` })
  skirt(things, ground, random, seed)
}

interface Placing {
  projection: Projection
  ground: Ground
  random: Random
  seed: string
}

/** Tries pixels of the picture until the ground there has room for it. */
function place(things: Thing[], kind: Kind, { projection, ground, random, seed }: Placing): void {
  for (let attempt = 0; attempt < 12; attempt++) {
    const spot = projection.toGround(random.between(-8, 168), random.between(4, 96))
    if (!spot || spot.depth > Math.max(...ROOM[kind]) * FAR * (1.2 / projection.view.fov) || spot.depth > 90) continue
    const thing = settled(kind, spot, ground, random, seed)
    if (!thing || Math.hypot(thing.x - projection.view.x, thing.z) < 1 + Math.max(...ROOM[kind]) * 0.6 || things.some((other) => collide(other, thing))) continue
    things.push(thing)
    return
  }
}

const ON_ROAD: readonly Kind[] = ['truck', 'muck-truck-loaded-open', 'muck-truck-covered', 'car', 'bus']
const BESIDE: readonly Kind[] = ['stall', 'garbage', 'furniture', 'pole', 'tree', 'bush', 'fence', 'person']

/** Brings it to a lane or to the side, as its kind wants; undefined where it does not belong. */
function settled(kind: Kind, { x, z }: { x: number; z: number }, { half, laneM }: Ground, random: Random, seed: string): Thing | undefined {
  const astray = random.chance(0.15)
  if (ON_ROAD.includes(kind) && !astray) {
    if (half < 2 || Math.abs(x) > half + 3) return undefined
    const lane = (Math.floor(Math.min(Math.abs(x), half - 1) / laneM) + 0.5) * laneM * Math.sign(x)
    const parked = Math.abs(x) > half - 1.5
    const heading = (x > 0 ? 0 : Math.PI) + (random.chance(0.12) ? random.between(-1.2, 1.2) : random.gauss() * 0.04)
    return { kind, x: parked ? Math.sign(x) * (half - 1.1) : Math.abs(lane) < half ? lane + random.gauss() * 0.2 : x, z, heading, seed }
  }
  const off = Math.abs(x) > half
  if (BESIDE.includes(kind) && !off && !random.chance(0.3)) return undefined
  if ((kind === 'tree' || kind === 'fence') && !off) return undefined
  const along = kind === 'fence' || kind === 'spillage' || kind === 'two-wheeler'
  return { kind, x, z, heading: along && !astray ? (random.chance(0.5) ? 0 : Math.PI) + random.gauss() * 0.1 : random.between(0, 2 * Math.PI), seed }
}

/** Houses and trees along both sides. */
function skirt(things: Thing[], { half, verge }: Ground, random: Random, seed: string): void {
  if (half > 20) return
  for (const side of [-1, 1]) {
    const sort = random.next()
    for (let z = random.between(-10, 10), i = 0; z < 110; i++) {
      const name = `${seed}/${side}/${i}`
      if (sort < 0.6) things.push({ kind: 'building', x: side * (half + (verge === 'grass' ? 16 : 11) + random.between(0, 3)), z, heading: 0, seed: name })
      else if (sort < 0.9) things.push({ kind: 'tree', x: side * (half + random.between(2, 7)), z, heading: 0, seed: name })
      z += sort < 0.6 ? random.between(20, 34) : random.between(4, 9)
    }
  }
}

function collide(a: Thing, b: Thing): boolean {
  const flat = isFlat(a.kind) || isFlat(b.kind)
  // Things may stand on stains, but no two of what lies there run into one another.
  if (flat && !(isFlat(a.kind) && isFlat(b.kind))) return false
  if (flat && (a.kind === 'blemish') !== (b.kind === 'blemish')) return false
  const [ax, az] = spread(a)
  const [bx, bz] = spread(b)
  return Math.abs(a.x - b.x) < (ax + bx) / 2 + 0.15 && Math.abs(a.z - b.z) < (az + bz) / 2 + 0.3
}

/** Room across and along the road. */
function spread({ kind, heading }: Thing): [number, number] {
  const [long, wide] = ROOM[kind]
  const [sin, cos] = [Math.abs(Math.sin(heading)), Math.abs(Math.cos(heading))]
  return [long * sin + wide * cos, long * cos + wide * sin]
}
