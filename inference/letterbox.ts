import type { Box } from '../domain/observation.ts'

/** Pixels. */
export interface Size {
  width: number
  height: number
}

/** A picture with a shorter side, in pixels, shows nothing of a street that a model could find. */
export const MIN_SIDE = 16

/**
 * How a picture comes to the size of a model's input: `stretch` loses its proportions, `letterbox` pads on both sides,
 * `pad` on the right and at the bottom.
 */
export const FITS = ['stretch', 'letterbox', 'pad'] as const
export type Fit = (typeof FITS)[number]

/** Where in the model's input the picture lies, in pixels of the input. */
export interface Placement extends Size {
  x: number
  y: number
}

/** Where a picture of this size lands. The same arithmetic stands in `fitFilter`; a test holds them together. */
export function placePicture(fit: Fit, picture: Size, input: Size): Placement {
  if (fit === 'stretch') return { x: 0, y: 0, ...input }
  const scale = Math.min(input.width / picture.width, input.height / picture.height)
  const width = Math.max(1, Math.round(picture.width * scale))
  const height = Math.max(1, Math.round(picture.height * scale))
  if (fit === 'pad') return { x: 0, y: 0, width, height }
  return { x: Math.floor((input.width - width) / 2), y: Math.floor((input.height - height) / 2), width, height }
}

/** The ffmpeg filters that bring a picture of any size to the input. `padValue`: 0–255, of the padding in every colour. */
export function fitFilter(fit: Fit, { width, height }: Size, padValue: number): string {
  if (fit === 'stretch') return `scale=${width}:${height}:flags=bilinear,format=rgb24`
  const scale = `min(${width}/iw\\,${height}/ih)`
  const grey = padValue.toString(16).padStart(2, '0').repeat(3)
  const corner = fit === 'pad' ? '0:0' : `'floor((ow-iw)/2)':'floor((oh-ih)/2)'`
  return `scale=w='max(1\\,round(iw*${scale}))':h='max(1\\,round(ih*${scale}))':flags=bilinear,format=rgb24,pad=${width}:${height}:${corner}:0x${grey}`
}

/** Corners in pixels of the model's input → box in fractions of the picture, cut at its edges; undefined if nothing is left of it. */
export function toPicture(x1: number, y1: number, x2: number, y2: number, at: Placement): Box | undefined {
  const left = fraction((x1 - at.x) / at.width)
  const top = fraction((y1 - at.y) / at.height)
  const width = round(fraction((x2 - at.x) / at.width) - left)
  const height = round(fraction((y2 - at.y) / at.height) - top)
  return width > 0 && height > 0 ? [left, top, width, height] : undefined
}

function fraction(value: number): number {
  return round(Math.min(1, Math.max(0, value)))
}

/** To a tenth of a pixel of a 1,000 pixel picture: scenes are the largest thing in the journal. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
