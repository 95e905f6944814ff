import type { Palette } from '../shell/palette.ts'
import { drawAlert, drawCount, drawVehicle, rankColors, traceSeverity } from './sprites.ts'

/** A small picture that is drawn once and put down many times: stamping costs a fraction of filling and stroking paths. */
export interface Stamp {
  image: HTMLCanvasElement
  /** Side in CSS pixels; the middle of the picture is the place. */
  side: number
}

const HEADINGS = 48
/** Pictures of one pulse of a ring. */
export const RING_STEPS = 24
const RING_GROWS = 18
export const ALERT_SIZE = [7, 8, 9, 10] as const

export interface Stamps {
  vehicle: (headingDeg: number, moving: boolean, worst: number) => Stamp
  alert: (rank: number, open: boolean) => Stamp
  /** The ring around an alert at a phase from 0 to 1, or standing still below 0. */
  ring: (rank: number, phase: number) => Stamp
  count: (count: number, rank: number) => Stamp
}

/** All stamps of one palette at one pixel ratio, each made when first asked for. */
export function createStamps(palette: Palette, ratio: number): Stamps {
  const made = new Map<string, Stamp>()
  const stamp = (key: string, side: number, draw: (pen: CanvasRenderingContext2D) => void): Stamp => {
    const known = made.get(key)
    if (known) return known
    const image = document.createElement('canvas')
    image.width = image.height = Math.ceil(side * ratio)
    const pen = image.getContext('2d')
    pen?.scale(ratio, ratio)
    pen?.translate(side / 2, side / 2)
    if (pen) draw(pen)
    const fresh = { image, side }
    made.set(key, fresh)
    return fresh
  }
  const colors = rankColors(palette)
  return {
    vehicle: (headingDeg, moving, worst) => {
      const turn = Math.round((headingDeg / 360) * HEADINGS) % HEADINGS
      return stamp(`v${turn},${moving},${worst}`, 22, (pen) => {
        pen.rotate((turn / HEADINGS) * Math.PI * 2)
        drawVehicle(pen, colors[worst] ?? (moving ? palette.map.vehicle : palette.map.vehicleIdle), palette.map.halo, moving)
      })
    },
    alert: (rank, open) => stamp(`a${rank},${open}`, 32, (pen) => drawAlert(pen, palette, rank, open, ALERT_SIZE[rank] ?? 8)),
    ring: (rank, phase) => {
      const step = phase < 0 ? -1 : Math.floor(phase * RING_STEPS)
      return stamp(`r${rank},${step}`, 72, (pen) => drawRing(pen, colors[rank] ?? palette.accent, rank, step < 0 ? 0.5 : step / RING_STEPS))
    },
    count: (count, rank) => stamp(`c${count},${rank}`, 80, (pen) => drawCount(pen, palette, count, ALERT_SIZE[rank] ?? 8)),
  }
}

function drawRing(pen: CanvasRenderingContext2D, color: string, rank: number, grown: number): void {
  pen.globalAlpha = (1 - grown) * 0.8
  pen.strokeStyle = color
  pen.lineWidth = 2.5
  traceSeverity(pen, rank, (ALERT_SIZE[rank] ?? 8) + grown * RING_GROWS)
  pen.stroke()
}
