import type { Position } from '../../domain/geo.ts'
import type { Palette } from '../shell/palette.ts'
import type { Drawn } from './drawn.ts'
import { type Gathering, gather } from './gather.ts'
import { type Glide, placeAt } from './motion.ts'
import { nextLook } from './nextLook.ts'
import { ALERT_SIZE, createStamps, RING_STEPS, type Stamp, type Stamps } from './stamps.ts'

export interface OverlayVehicle {
  glide: Glide
  moving: boolean
  /** Rank of its worst alert, -1 without one. */
  worst: number
}
export interface OverlayAlert {
  id: string
  position: Position
  rank: number
  open: boolean
  firing: boolean
}
/** What stands under a point of the screen. */
export type Hit = { hit: 'alerts'; gathering: Gathering } | { hit: 'vehicle'; id: string }

export interface OverlayWorld {
  project: (position: Position) => { x: number; y: number }
  zoom: () => number
  now: () => number
  /** People who asked their system for less motion get rings that stand still. */
  still: boolean
}

const GATHER_PX = 26
const RING_MS = 1800
type Points = Map<string, { x: number; y: number }>

/**
 * What moves or pulses is drawn on a canvas over the map: the map itself rests (it would redraw every road for one
 * truck), and nothing that moves is ever sent through its sources.
 */
export interface Overlay {
  vehicles: Map<string, OverlayVehicle>
  setAlerts: (alerts: readonly OverlayAlert[]) => void
  setPalette: (palette: Palette) => void
  setShown: (shown: { vehicles: boolean; alerts: boolean }) => void
  setSelected: (alert: string | null) => void
  /** Draws now: the map calls it in the frame in which it drew itself, so that both move as one. */
  draw: () => void
  at: (x: number, y: number) => Hit | undefined
  /** What was drawn last. */
  drawn: () => Pick<Drawn, 'vehicles' | 'alerts'>
  close: () => void
}

interface Scene {
  palette: Palette
  stamps: Stamps
  alerts: readonly OverlayAlert[]
  shown: { vehicles: boolean; alerts: boolean }
  selected: string | null
  gatherings: Gathering[]
  /** Alerts and zoom that the gatherings were made for; while both stay, moving the map moves the marks and regathers nothing. */
  gatheredFor: { alerts: readonly OverlayAlert[]; zoom: number }
  drawn: Points
  /** When the picture will have changed enough to be drawn again. */
  due: number
}

export function createOverlay(canvas: HTMLCanvasElement, first: Palette, world: OverlayWorld): Overlay {
  const pen = canvas.getContext('2d')
  const vehicles: Overlay['vehicles'] = new Map()
  const scene: Scene = {
    palette: first,
    stamps: createStamps(first, devicePixelRatio),
    alerts: [],
    shown: { vehicles: true, alerts: true },
    selected: null,
    gatherings: [],
    gatheredFor: { alerts: [], zoom: Number.NaN },
    drawn: new Map(),
    due: 0,
  }
  const change = (part: Partial<Scene>): void => void Object.assign(scene, part, { due: 0 })
  const draw = (): void => {
    if (pen) drawScene(canvas, pen, scene, vehicles, world)
  }
  let frame = 0
  const loop = (): void => {
    frame = requestAnimationFrame(loop)
    if (world.now() >= scene.due) draw()
  }
  loop()
  return {
    vehicles,
    setAlerts: (alerts) => change({ alerts }),
    setPalette: (palette) => change({ palette, stamps: createStamps(palette, devicePixelRatio) }),
    setShown: (shown) => change({ shown }),
    setSelected: (selected) => change({ selected }),
    draw,
    at: (x, y) => hitAt(x, y, scene.gatherings, scene.drawn),
    drawn: () => drawnIn(canvas, scene, vehicles, world.now()),
    close: () => cancelAnimationFrame(frame),
  }
}

function drawScene(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D, scene: Scene, vehicles: Overlay['vehicles'], world: OverlayWorld): void {
  const now = world.now()
  const { shown, stamps, selected } = scene
  wipe(canvas, pen)
  scene.drawn = new Map()
  const fastest = shown.vehicles ? drawVehicles(canvas, pen, scene, vehicles, world) : 0
  if (shown.alerts) placeGatherings(scene, world)
  else scene.gatherings = []
  const phase = world.still ? -1 : (now % RING_MS) / RING_MS
  let ringing = false
  for (const gathering of scene.gatherings.toReversed()) {
    if (!isNear(gathering, canvas)) continue
    ringing = drawGathering(pen, stamps, gathering, phase) || ringing
    if (selected !== null && gathering.ids.includes(selected)) drawChosen(pen, scene.palette, gathering)
  }
  scene.due = now + nextLook(fastest, ringing && !world.still ? RING_MS / RING_STEPS : Number.POSITIVE_INFINITY)
}

function wipe(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D): void {
  const ratio = devicePixelRatio
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)]
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight)
}

function isNear({ x, y }: { x: number; y: number }, canvas: HTMLCanvasElement): boolean {
  return x > -30 && y > -30 && x < canvas.clientWidth + 30 && y < canvas.clientHeight + 30
}

function put(pen: CanvasRenderingContext2D, { image, side }: Stamp, { x, y }: { x: number; y: number }): void {
  pen.drawImage(image, x - side / 2, y - side / 2, side, side)
}

/** Draws the vehicles in sight; answers how fast the fastest moves on the screen, in pixels per ms. */
function drawVehicles(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D, scene: Scene, vehicles: Overlay['vehicles'], world: OverlayWorld): number {
  const now = world.now()
  let fastest = 0
  for (const [id, { glide, moving, worst }] of vehicles) {
    const { position, headingDeg } = placeAt(glide, now)
    const point = world.project(position)
    if (!isNear(point, canvas)) continue
    scene.drawn.set(id, point)
    put(pen, scene.stamps.vehicle(headingDeg, moving, worst), point)
    if (now >= glide.end) continue
    const to = world.project(glide.to)
    fastest = Math.max(fastest, Math.hypot(to.x - point.x, to.y - point.y) / (glide.end - now))
  }
  return fastest
}

function placeGatherings(scene: Scene, world: OverlayWorld): void {
  const { alerts } = scene
  const zoom = world.zoom()
  const { gatheredFor } = scene
  if (gatheredFor.alerts === alerts && gatheredFor.zoom === zoom && scene.gatherings.length > 0) {
    for (const gathering of scene.gatherings) {
      const { x, y } = world.project(gathering.position)
      gathering.x = x
      gathering.y = y
    }
    return
  }
  scene.gatherings = gather(
    alerts.map(({ id, position, rank, open, firing }) => {
      const { x, y } = world.project(position)
      return { id, position, rank, open, firing, x, y }
    }),
    GATHER_PX,
  )
  scene.gatheredFor = { alerts, zoom }
}

/** Draws one mark; answers whether a ring pulses around it. */
function drawGathering(pen: CanvasRenderingContext2D, stamps: Stamps, gathering: Gathering, phase: number): boolean {
  const { rank, open, firing, ids } = gathering
  const ringing = open && firing && rank >= 2
  if (ringing) put(pen, stamps.ring(rank, phase), gathering)
  put(pen, stamps.alert(rank, open), gathering)
  if (ids.length > 1) put(pen, stamps.count(ids.length, rank), gathering)
  return ringing
}

function drawChosen(pen: CanvasRenderingContext2D, palette: Palette, { x, y, rank }: Gathering): void {
  pen.beginPath()
  pen.arc(x, y, (ALERT_SIZE[rank] ?? 8) + 8, 0, Math.PI * 2)
  pen.lineWidth = 2.5
  pen.strokeStyle = palette.text
  pen.stroke()
}

function drawnIn(canvas: HTMLCanvasElement, { drawn, gatherings }: Scene, vehicles: Overlay['vehicles'], now: number): ReturnType<Overlay['drawn']> {
  return {
    vehicles: [...drawn].flatMap(([id, { x, y }]) => {
      const vehicle = vehicles.get(id)
      if (!vehicle) return []
      const [lon, lat] = placeAt(vehicle.glide, now).position
      return [{ id, lon, lat, x, y }]
    }),
    alerts: gatherings.filter((each) => isNear(each, canvas)).map(({ ids, x, y }) => ({ ids: [...ids], x, y })),
  }
}

function hitAt(x: number, y: number, gatherings: readonly Gathering[], drawn: Points): Hit | undefined {
  const gathering = gatherings.find((one) => Math.hypot(one.x - x, one.y - y) <= 14)
  if (gathering) return { hit: 'alerts', gathering }
  let best: { id: string; far: number } | undefined
  for (const [id, point] of drawn) {
    const far = Math.hypot(point.x - x, point.y - y)
    if (far <= 10 && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { id, far }
  }
  return best && { hit: 'vehicle', id: best.id }
}
