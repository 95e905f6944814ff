import sharp, { type Sharp } from 'sharp'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Box } from '../domain/observation.ts'
import { type Fit, MIN_SIDE, placePicture, type Size } from './letterbox.ts'

/** A still picture ready for a model. */
export interface Picture {
  /** input width × height × 3 bytes, red first. */
  rgb: Uint8Array<ArrayBuffer>
  /** Its own size in pixels, upright. */
  size: Size
}

/** Pixels above which a picture is refused: a small file can unpack to gigabytes. */
const MAX_PIXELS = 100_000_000
const JPEG_QUALITY = 85

/** The owner of sharp. Brings an encoded picture (JPEG, PNG, WebP …) upright to a model's input. Throws `source.failed`. */
export async function readPicture(bytes: Uint8Array, input: Size & { fit: Fit; padValue: number }): Promise<Picture> {
  const size = await sizeOf(bytes)
  const at = placePicture(input.fit, size, input)
  const grey = { r: input.padValue, g: input.padValue, b: input.padValue }
  const placed = upright(bytes)
    .resize({ width: at.width, height: at.height, fit: 'fill', kernel: 'linear' })
    .extend({ left: at.x, top: at.y, right: input.width - at.width - at.x, bottom: input.height - at.height - at.y, background: grey })
  const { data } = await readable(() => placed.raw().toBuffer({ resolveWithObject: true }))
  return { rgb: new Uint8Array(data), size }
}

function upright(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: MAX_PIXELS }).autoOrient().toColourspace('srgb').removeAlpha()
}

/** Size of an upright picture by its head alone, before anything is unpacked. */
async function sizeOf(bytes: Uint8Array): Promise<Size> {
  const { width, height } = (await readable(() => sharp(bytes, { limitInputPixels: false }).metadata())).autoOrient
  if (width * height > MAX_PIXELS) throw new CodedError('source.failed', `the picture has ${width} × ${height} pixels; ${MAX_PIXELS / 1e6} million are the most`)
  if (Math.min(width, height) < MIN_SIDE) throw new CodedError('source.failed', `the picture has ${width} × ${height} pixels; ${MIN_SIDE} on a side are the least`)
  return { width, height }
}

/** A picture unpacked once, to cut several parts out of it. */
export interface Whole {
  size: Size
  /** The part within the box (fractions of the picture), stretched to `to`; undefined when nothing of it lies within. */
  part(box: Box, to: Size): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** The part within the box, in its own pixels. */
  pixels(box: Box): Size
}

/** Throws `source.failed`. */
export async function openPicture(bytes: Uint8Array): Promise<Whole> {
  const size = await sizeOf(bytes)
  const { data } = await readable(() => upright(bytes).raw().toBuffer({ resolveWithObject: true }))
  const whole = { raw: { ...size, channels: 3 as const } }
  return {
    size,
    part: async (box, to) => {
      const area = areaOf(box, size)
      if (area.width < 1 || area.height < 1) return undefined
      const part = sharp(data, whole)
        .extract(area)
        .resize({ ...to, fit: 'fill', kernel: 'linear' })
      return new Uint8Array(await readable(() => part.raw().toBuffer()))
    },
    pixels: (box) => {
      const { width, height } = areaOf(box, size)
      return { width, height }
    },
  }
}

/** Whole pixels of the picture within a box. */
function areaOf([x, y, w, h]: Box, { width, height }: Size): Size & { left: number; top: number } {
  const within = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)))
  const [left, top] = [within(x * width, width), within(y * height, height)]
  return { left, top, width: within((x + w) * width, width) - left, height: within((y + h) * height, height) - top }
}

/** The picture as an upright JPEG at most `maxWidth` wide. Throws `source.failed`. */
export async function toStill(bytes: Uint8Array, maxWidth: number): Promise<Uint8Array> {
  const resized = () => sharp(bytes, { limitInputPixels: MAX_PIXELS }).autoOrient().resize({ width: maxWidth, withoutEnlargement: true })
  return await readable(() => resized().jpeg({ quality: JPEG_QUALITY }).toBuffer())
}

/** Of nothing at all sharp complains before there is anything to wait for. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CodedError('source.failed', `not a readable picture: ${messageOf(error)}`)
  }
}

/** Raw bytes, red first, as a JPEG of another size. `blur`: deviation in pixels of the JPEG; 0: none. `quality`: 1–100. */
export async function encodeJpeg(rgb: Uint8Array, from: Size, to: Size, { quality = JPEG_QUALITY, blur = 0 }: { quality?: number; blur?: number } = {}): Promise<Uint8Array> {
  const scaled = sharp(rgb, { raw: { ...from, channels: 3 } }).resize({ ...to, fit: 'fill' })
  return await (blur >= 0.3 ? scaled.blur(blur) : scaled).jpeg({ quality }).toBuffer()
}
