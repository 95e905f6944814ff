import type { Palette } from '../shell/palette.ts'
import { FIXED, type FixedKind } from './features.ts'

type Pen = CanvasRenderingContext2D

/** Colours by rank: 0 info … 3 critical. */
export function rankColors(palette: Palette): readonly [string, string, string, string] {
  const { info, minor, major, critical } = palette.severity
  return [info, minor, major, critical]
}

function polygon(pen: Pen, points: readonly (readonly [number, number])[]): void {
  pen.beginPath()
  for (const [x, y] of points) pen.lineTo(x, y)
  pen.closePath()
}

/** The shape of a severity around the origin, so that it is told by form as well as by colour: octagon, triangle, diamond, disc. */
export function traceSeverity(pen: Pen, rank: number, size: number): void {
  if (rank === 3) {
    const corner = size * 0.42
    polygon(pen, [
      [-corner, -size],
      [corner, -size],
      [size, -corner],
      [size, corner],
      [corner, size],
      [-corner, size],
      [-size, corner],
      [-size, -corner],
    ])
  } else if (rank === 2) {
    polygon(pen, [
      [0, -size * 1.1],
      [size * 1.15, size * 0.85],
      [-size * 1.15, size * 0.85],
    ])
  } else if (rank === 1) {
    polygon(pen, [
      [0, -size * 1.1],
      [size * 1.1, 0],
      [0, size * 1.1],
      [-size * 1.1, 0],
    ])
  } else {
    pen.beginPath()
    pen.arc(0, 0, size * 0.9, 0, Math.PI * 2)
  }
}

const SIGN = ['i', '·', '!', '!'] as const

/** A whole alert mark around the origin. A judged or acknowledged one is drawn hollow: somebody has it in hand. */
export function drawAlert(pen: Pen, palette: Palette, rank: number, open: boolean, size: number): void {
  const color = rankColors(palette)[rank] ?? palette.accent
  traceSeverity(pen, rank, size)
  pen.lineJoin = 'round'
  pen.lineWidth = 2
  pen.fillStyle = open ? color : palette.panel
  pen.strokeStyle = open ? palette.map.halo : color
  pen.fill()
  pen.stroke()
  pen.fillStyle = open ? palette.panel : color
  pen.font = `700 ${Math.round(size * 1.25)}px system-ui, sans-serif`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(SIGN[rank] ?? '', 0, rank === 2 ? size * 0.25 : size * 0.06)
}

/** The number of alerts gathered under a mark, at its upper right. */
export function drawCount(pen: Pen, palette: Palette, count: number, size: number): void {
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

/** A truck seen from above, nose up, around the origin. */
export function drawVehicle(pen: Pen, color: string, edge: string, moving: boolean): void {
  if (!moving) {
    pen.beginPath()
    pen.roundRect(-3.5, -4.5, 7, 9, 2)
  } else {
    polygon(pen, [
      [0, -8],
      [5.5, 6.5],
      [0, 3.5],
      [-5.5, 6.5],
    ])
  }
  pen.lineJoin = 'round'
  pen.fillStyle = color
  pen.strokeStyle = edge
  pen.lineWidth = 1.5
  pen.stroke()
  pen.fill()
}

function drawFixed(pen: Pen, kind: FixedKind, color: string, edge: string): void {
  pen.lineWidth = 1.5
  pen.strokeStyle = edge
  pen.fillStyle = color
  if (kind === 'cover') {
    pen.beginPath()
    pen.arc(0, 0, 5.5, 0, Math.PI * 2)
  } else if (kind === 'camera') {
    pen.beginPath()
    pen.roundRect(-6, -4.5, 12, 9, 2.5)
  } else {
    polygon(pen, [
      [0, -6],
      [6, 0],
      [0, 6],
      [-6, 0],
    ])
  }
  pen.fill()
  pen.stroke()
  pen.fillStyle = edge
  pen.beginPath()
  pen.arc(0, 0, kind === 'camera' ? 2.4 : 1.8, 0, Math.PI * 2)
  pen.fill()
}

const RATIO = 2
const SIDE = 20

/** Names of the pictures that the map's layers ask for: `camera`, `camera-silent`, `camera-3` (worst alert critical) … */
export function fixedImages(palette: Palette): { name: string; image: ImageData; pixelRatio: number }[] {
  const looks: readonly (readonly [string, (kind: FixedKind) => string])[] = [
    ['', (kind) => palette.map[kind]],
    ['-silent', () => palette.map.silent],
    ...rankColors(palette).map((color, rank): readonly [string, () => string] => [`-${rank}`, () => color]),
  ]
  return FIXED.flatMap((kind) =>
    looks.map(([suffix, color]) => ({ name: kind + suffix, pixelRatio: RATIO, image: paint((pen) => drawFixed(pen, kind, color(kind), palette.map.halo)) })),
  )
}

function paint(draw: (pen: Pen) => void): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = SIDE * RATIO
  canvas.height = SIDE * RATIO
  const pen = canvas.getContext('2d')
  if (!pen) return new ImageData(SIDE * RATIO, SIDE * RATIO)
  pen.scale(RATIO, RATIO)
  pen.translate(SIDE / 2, SIDE / 2)
  draw(pen)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
