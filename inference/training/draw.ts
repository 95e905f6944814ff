import type { Box } from '../../domain/observation.ts'
import { Random } from '../../domain/random.ts'
import { Canvas, type Corner, clipped, scan } from './canvas.ts'
import { paintDecal } from './decals.ts'
import { develop } from './finish.ts'
import { paintGround } from './ground.ts'
import type { Label } from './labels.ts'
import { type Light, lampLight } from './light.ts'
import { type Face, normalOf, type Rgb } from './mesh.ts'
import type { Street } from './street.ts'
import { FLATS, isFlat, ROOM, SOLIDS, type Thing } from './things/things.ts'
import { NEAR_M, type Point3, Projection } from './view.ts'

/** A labelled thing in a picture; the box in fractions of it, tight around what can be seen. */
export interface Labelled {
  label: Label
  box: Box
  /** Share of it that nothing in front hides, 0–1. */
  visible: number
  /** Too small or too hidden to be asked for: neither right nor wrong when found. */
  faint: boolean
}

export interface Drawing {
  width: number
  height: number
  /** Three bytes per pixel, red first. */
  rgb: Uint8Array<ArrayBuffer>
  labels: Labelled[]
}

/** At a picture 384 wide: fewer pixels than this are no thing. */
const LEAST_AREA = 24
const LEAST_SIDE = 4
const LEAST_SHARE = 0.3

/** A street as light on a sensor, before the camera makes bytes of it. */
export interface Exposure {
  canvas: Canvas
  labels: Labelled[]
}

/** Draws a street. */
export function draw(street: Street, width: number, height: number): Drawing {
  const { canvas, labels } = expose(street, width, height)
  return { width, height, rgb: develop(canvas, street.finish, street.seed), labels }
}

/** All that a picture shows but for what differs each time: rain and the sensor's noise. See `develop`. */
export function expose(street: Street, width: number, height: number): Exposure {
  const projection = new Projection(street.view, width, height)
  const canvas = new Canvas(width, height)
  const labels: Label[] = []
  const named = (label: Label | null): number => (label === null ? 0 : labels.push(label))
  paintGround(canvas, projection, street.ground, street.light)
  for (const thing of street.things) if (isFlat(thing.kind)) layDown(canvas, projection, thing, named)
  const solids = street.things.filter((thing) => !isFlat(thing.kind) && mayShow(thing, projection, street.light)).flatMap((thing) => erect(thing))
  castShadows(canvas, projection, solids, street.light)
  for (const { label, faces, thing } of solids) {
    const id = named(label)
    const lamps = lampLight(street.light.lamps, thing.x, thing.z)
    for (const face of faces) fillFace(canvas, projection, face, id, street.light, lamps)
  }
  haze(canvas, street)
  return { canvas, labels: labelsOf(canvas, labels) }
}

function layDown(canvas: Canvas, projection: Projection, { kind, seed, ...place }: Thing, named: (label: Label | null) => number): void {
  const { label, make } = FLATS[kind as keyof typeof FLATS]
  const [dx, dz] = [projection.view.x - place.x, -place.z]
  const [sin, cos] = [Math.sin(place.heading), Math.cos(place.heading)]
  paintDecal(canvas, projection, make(new Random(seed), [dx * sin + dz * cos, dx * cos - dz * sin, projection.view.height]), place, named(label))
}

interface Solid {
  thing: Thing
  label: Label | null
  faces: Face[]
}

/** Whether any of a thing or of its shadow can lie in the picture. */
function mayShow({ kind, x, z }: Thing, projection: Projection, { sun, direct }: Light): boolean {
  const [cx, cy, cz] = projection.toCamera([x, 0, z])
  const tall = kind === 'building' ? 26 : kind === 'pole' || kind === 'tree' ? 8.5 : 4
  const shadow = direct < 0.04 ? 0 : (tall * Math.hypot(sun[0], sun[2])) / sun[1]
  const reach = Math.hypot(...ROOM[kind]) / 2 + 1.5 + Math.max(tall, shadow)
  const outside = (across: number, half: number) => Math.abs(across) * projection.focal - cz * half > reach * Math.hypot(projection.focal, half)
  return cz > -reach && !outside(cx, projection.width / 2) && !outside(cy, projection.height / 2)
}

/** Its faces where they stand in the world. */
function erect(thing: Thing): Solid[] {
  const [sin, cos] = [Math.sin(thing.heading), Math.cos(thing.heading)]
  const world = ([x, y, z]: Point3): Point3 => [thing.x + x * sin + z * cos, y, thing.z + x * cos - z * sin]
  return SOLIDS[thing.kind as keyof typeof SOLIDS](new Random(thing.seed)).map(({ label, mesh }) => ({
    thing,
    label,
    faces: mesh.faces.map((face) => ({ ...face, points: face.points.map(world) })),
  }))
}

/** Darkens the ground where something stands between it and the sun. */
function castShadows(canvas: Canvas, projection: Projection, solids: readonly Solid[], { sun, direct, ambient }: Light): void {
  if (direct < 0.04) return
  const { width, height, rgb, ids } = canvas
  const shaded = new Uint8Array(width * height)
  const [sx, sz] = [sun[0] / sun[1], sun[2] / sun[1]]
  for (const { faces } of solids)
    for (const { points } of faces) {
      const fallen = points.map(([x, y, z]): Point3 => [x - y * sx, 0, z - y * sz])
      const corners = clipped(fallen.map((point) => cornerOf(projection, point, 0, 0)))
      if (corners.length < 3) continue
      const xs = corners.map(({ x, z }) => width / 2 + (projection.focal * x) / z)
      const ys = corners.map(({ y, z }) => height / 2 + (projection.focal * y) / z)
      scan(xs, ys, width, height, (y, from, to) => shaded.fill(1, y * width + from, Math.max(y * width + from, y * width + to + 1)))
    }
  const left = ambient / (ambient + direct * sun[1])
  for (let pixel = 0; pixel < shaded.length; pixel++) {
    if (shaded[pixel] === 0 || (canvas.near[pixel] === 0 && ids[pixel] === 0)) continue
    for (let i = 0; i < 3; i++) rgb[pixel * 3 + i] = (rgb[pixel * 3 + i] as number) * left
  }
}

function cornerOf(projection: Projection, point: Point3, u: number, v: number): Corner {
  const [x, y, z] = projection.toCamera(point)
  return { x, y, z, u, v }
}

function fillFace(canvas: Canvas, projection: Projection, { points, uv, skin }: Face, id: number, light: Light, lamps: number): void {
  const corners = points.map((point, i) => cornerOf(projection, point, uv[2 * i] as number, uv[2 * i + 1] as number))
  if (corners.every(({ z }) => z < NEAR_M)) return
  const glow = skin.glow ?? 0
  const lit = glow + (1 - glow) * (lightOn(points, projection, light) + lamps * 0.8)
  const colour = ([r, g, b]: Rgb): Rgb => [r * lit, g * lit, b * lit]
  canvas.fill(corners, projection.focal, { a: colour(skin.a), b: colour(skin.b ?? skin.a), paint: skin.paint ?? 'plain', grain: skin.grain ?? 0, id })
}

/** Light on the side of a face that the camera sees. */
function lightOn(points: readonly Point3[], { view }: Projection, { sun, direct, ambient }: Light): number {
  const [nx, ny, nz] = normalOf(points)
  const [x, y, z] = points[0] as Point3
  const towards = nx * (view.x - x) + ny * (view.height - y) - nz * z < 0 ? -1 : 1
  const facing = towards * (nx * sun[0] + ny * sun[1] + nz * sun[2])
  return ambient * (0.72 + 0.28 * towards * ny) + direct * Math.max(0, facing)
}

function haze({ rgb, near }: Canvas, { fog, light }: Street): void {
  if (fog < 0.001) return
  const grey = Math.min(225, 60 + 170 * (light.ambient + light.direct * 0.4))
  for (let pixel = 0; pixel < near.length; pixel++) {
    const inverse = near[pixel] as number
    const lost = inverse === 0 ? Math.min(0.9, fog * 60) : 1 - Math.exp(-fog / inverse)
    for (let i = 0; i < 3; i++) rgb[pixel * 3 + i] = (rgb[pixel * 3 + i] as number) * (1 - lost) + grey * lost
  }
}

interface Frame {
  left: number
  right: number
  top: number
  bottom: number
  seen: number
}

function labelsOf({ width, height, ids, covered }: Canvas, labels: readonly Label[]): Labelled[] {
  const frames: Frame[] = labels.map(() => ({ left: width, right: -1, top: height, bottom: -1, seen: 0 }))
  for (let y = 0, pixel = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      const id = ids[pixel] as number
      if (id === 0) continue
      const frame = frames[id - 1] as Frame
      frame.seen++
      if (x < frame.left) frame.left = x
      if (x > frame.right) frame.right = x
      if (y < frame.top) frame.top = y
      if (y > frame.bottom) frame.bottom = y
    }
  const unit = width / 384
  return frames.flatMap(({ left, right, top, bottom, seen }, i) => {
    if (seen === 0) return []
    const [w, h] = [right - left + 1, bottom - top + 1]
    const visible = seen / Math.max(seen, covered[i + 1] ?? seen)
    const faint = visible < LEAST_SHARE || seen < LEAST_AREA * unit * unit || Math.min(w, h) < LEAST_SIDE * unit
    const box: Box = [left / width, top / height, w / width, h / height]
    return [{ label: labels[i] as Label, box, visible, faint }]
  })
}
