import type { Position } from '../../domain/geo.ts'
import type { Palette } from '../shell/palette.ts'
import { type Gathering, gather, type Spot } from './gather.ts'
import { type Glide, placeAt } from './motion.ts'
import { drawAlert, drawVehicle, rankColors, traceSeverity } from './sprites.ts'

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
  now: () => number
  /** People who asked their system for less motion get rings that stand still. */
  still: boolean
}

const FRAME_MS = 33
const GATHER_PX = 26
const RING_MS = 1800
const ALERT_SIZE = [7, 8, 9, 10] as const

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
  close: () => void
}

export function createOverlay(canvas: HTMLCanvasElement, first: Palette, world: OverlayWorld): Overlay {
  const pen = canvas.getContext('2d')
  const vehicles = new Map<string, OverlayVehicle>()
  let palette = first
  let alerts: readonly OverlayAlert[] = []
  let shown = { vehicles: true, alerts: true }
  let selected: string | null = null
  let gatherings: Gathering[] = []
  let drawn = new Map<string, { x: number; y: number }>()
  let lastDraw = 0
  let frame = 0

  const draw = (): void => {
    if (!pen) return
    lastDraw = world.now()
    wipe(canvas, pen)
    drawn = shown.vehicles ? drawVehicles(pen, palette, vehicles, world, canvas) : new Map()
    gatherings = shown.alerts ? gather(spotsOf(alerts, world), GATHER_PX) : []
    for (const gathering of gatherings.toReversed())
      if (isNear(gathering, canvas)) drawGathering(pen, palette, gathering, selected, world.still ? -1 : (lastDraw % RING_MS) / RING_MS)
  }
  const loop = (): void => {
    frame = requestAnimationFrame(loop)
    // Two pictures of three would show the same: trucks move a fraction of a pixel per frame.
    if (world.now() - lastDraw >= FRAME_MS) draw()
  }
  frame = requestAnimationFrame(loop)
  return {
    vehicles,
    setAlerts: (next) => {
      alerts = next
    },
    setPalette: (next) => {
      palette = next
      draw()
    },
    setShown: (next) => {
      shown = next
    },
    setSelected: (alert) => {
      selected = alert
    },
    draw,
    at: (x, y) => hitAt(x, y, gatherings, drawn),
    close: () => cancelAnimationFrame(frame),
  }
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

function drawVehicles(
  pen: CanvasRenderingContext2D,
  palette: Palette,
  vehicles: ReadonlyMap<string, OverlayVehicle>,
  world: OverlayWorld,
  canvas: HTMLCanvasElement,
): Map<string, { x: number; y: number }> {
  const drawn = new Map<string, { x: number; y: number }>()
  const now = world.now()
  for (const [id, { glide, moving, worst }] of vehicles) {
    const { position, headingDeg } = placeAt(glide, now)
    const point = world.project(position)
    if (!isNear(point, canvas)) continue
    drawn.set(id, point)
    pen.save()
    pen.translate(point.x, point.y)
    pen.rotate((headingDeg * Math.PI) / 180)
    drawVehicle(pen, rankColors(palette)[worst] ?? (moving ? palette.map.vehicle : palette.map.vehicleIdle), palette.map.halo, moving)
    pen.restore()
  }
  return drawn
}

function spotsOf(alerts: readonly OverlayAlert[], world: OverlayWorld): Spot[] {
  return alerts.map(({ id, position, rank, open, firing }) => ({ id, rank, open, firing, ...pointOf(world.project(position)) }))
}

function pointOf({ x, y }: { x: number; y: number }): { x: number; y: number } {
  return { x, y }
}

function drawGathering(pen: CanvasRenderingContext2D, palette: Palette, gathering: Gathering, selected: string | null, phase: number): void {
  const size = ALERT_SIZE[gathering.rank] ?? 8
  const color = rankColors(palette)[gathering.rank] ?? palette.accent
  pen.save()
  pen.translate(gathering.x, gathering.y)
  if (gathering.open && gathering.firing && gathering.rank >= 2) drawRing(pen, color, gathering.rank, size, phase)
  if (selected !== null && gathering.ids.includes(selected)) {
    pen.beginPath()
    pen.arc(0, 0, size + 8, 0, Math.PI * 2)
    pen.lineWidth = 2.5
    pen.strokeStyle = palette.text
    pen.stroke()
  }
  drawAlert(pen, palette, gathering.rank, gathering.open, size)
  if (gathering.ids.length > 1) drawCount(pen, palette, gathering.ids.length, size)
  pen.restore()
}

function drawRing(pen: CanvasRenderingContext2D, color: string, rank: number, size: number, phase: number): void {
  const grown = phase < 0 ? 0.5 : phase
  pen.globalAlpha = phase < 0 ? 0.5 : (1 - grown) * 0.8
  pen.strokeStyle = color
  pen.lineWidth = 2.5
  traceSeverity(pen, rank, size + grown * 18)
  pen.stroke()
  pen.globalAlpha = 1
}

function drawCount(pen: CanvasRenderingContext2D, palette: Palette, count: number, size: number): void {
  const text = count > 999 ? '999+' : String(count)
  pen.font = '600 10px system-ui, sans-serif'
  const wide = Math.max(14, pen.measureText(text).width + 7)
  pen.beginPath()
  pen.roundRect(size * 0.6, -size - 7, wide, 14, 7)
  pen.fillStyle = palette.panel
  pen.strokeStyle = palette.line
  pen.lineWidth = 1
  pen.fill()
  pen.stroke()
  pen.fillStyle = palette.text
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(text, size * 0.6 + wide / 2, -size + 0.5)
}

function hitAt(x: number, y: number, gatherings: readonly Gathering[], drawn: ReadonlyMap<string, { x: number; y: number }>): Hit | undefined {
  const gathering = gatherings.find((one) => Math.hypot(one.x - x, one.y - y) <= 14)
  if (gathering) return { hit: 'alerts', gathering }
  let best: { id: string; far: number } | undefined
  for (const [id, point] of drawn) {
    const far = Math.hypot(point.x - x, point.y - y)
    if (far <= 10 && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { id, far }
  }
  return best && { hit: 'vehicle', id: best.id }
}
