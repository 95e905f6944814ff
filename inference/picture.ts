import sharp from 'sharp'
import { CodedError, messageOf } from '../domain/errors.ts'
import { type Fit, placePicture, type Size } from './letterbox.ts'

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
  const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS })
  const { width, height } = (await readable(picture.metadata())).autoOrient
  const at = placePicture(input.fit, { width, height }, input)
  const grey = { r: input.padValue, g: input.padValue, b: input.padValue }
  const placed = picture
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .resize({ width: at.width, height: at.height, fit: 'fill', kernel: 'linear' })
    .extend({ left: at.x, top: at.y, right: input.width - at.width - at.x, bottom: input.height - at.height - at.y, background: grey })
  const { data } = await readable(placed.raw().toBuffer({ resolveWithObject: true }))
  return { rgb: new Uint8Array(data), size: { width, height } }
}

/** The picture as an upright JPEG at most `maxWidth` wide. Throws `source.failed`. */
export async function toStill(bytes: Uint8Array, maxWidth: number): Promise<Uint8Array> {
  const picture = sharp(bytes, { limitInputPixels: MAX_PIXELS }).autoOrient().resize({ width: maxWidth, withoutEnlargement: true })
  return await readable(picture.jpeg({ quality: JPEG_QUALITY }).toBuffer())
}

async function readable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new CodedError('source.failed', `not a readable picture: ${messageOf(error)}`)
  }
}

/** Raw bytes, red first, as a JPEG of another size. `blur`: deviation in pixels of the JPEG; 0: none. `quality`: 1–100. */
export async function encodeJpeg(rgb: Uint8Array, from: Size, to: Size, { quality = JPEG_QUALITY, blur = 0 }: { quality?: number; blur?: number } = {}): Promise<Uint8Array> {
  const scaled = sharp(rgb, { raw: { ...from, channels: 3 } }).resize({ ...to, fit: 'fill' })
  return await (blur >= 0.3 ? scaled.blur(blur) : scaled).jpeg({ quality }).toBuffer()
}
