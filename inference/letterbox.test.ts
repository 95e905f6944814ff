import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FITS, placePicture, toPicture } from './letterbox.ts'
import { ManifestSchema } from './models/manifest.ts'
import { readPicture } from './picture.ts'
import { fileFrames } from './sources/ffmpeg.ts'

describe('placePicture', () => {
  it.each([
    ['stretch', { width: 1920, height: 1080 }, { x: 0, y: 0, width: 640, height: 640 }],
    ['letterbox', { width: 1920, height: 1080 }, { x: 0, y: 140, width: 640, height: 360 }],
    ['letterbox', { width: 1080, height: 1920 }, { x: 140, y: 0, width: 360, height: 640 }],
    ['pad', { width: 1920, height: 1080 }, { x: 0, y: 0, width: 640, height: 360 }],
    ['pad', { width: 4000, height: 1 }, { x: 0, y: 0, width: 640, height: 1 }],
    ['letterbox', { width: 64, height: 64 }, { x: 0, y: 0, width: 640, height: 640 }],
  ] as const)('%s of %o', (fit, picture, placement) => {
    expect(placePicture(fit, picture, { width: 640, height: 640 })).toEqual(placement)
  })
})

describe('toPicture', () => {
  const at = { x: 0, y: 140, width: 640, height: 360 }
  it.each([
    ['a box in the middle', [160, 230, 480, 410], [0.25, 0.25, 0.5, 0.5]],
    ['one that leaves the picture is cut', [-64, 104, 64, 320], [0, 0, 0.1, 0.5]],
    ['one in the padding is nothing', [10, 0, 90, 100], undefined],
  ] as const)('%s', (_, [x1, y1, x2, y2], box) => {
    expect(toPicture(x1, y1, x2, y2, at)).toEqual(box)
  })
})

describe('ffmpeg and sharp place a picture where placePicture says', () => {
  const input = { width: 96, height: 64 }
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanglou-fit-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const cases = FITS.flatMap((fit) => [[641, 359] as const, [99, 333] as const, [97, 65] as const].map(([width, height]) => ({ fit, width, height })))
  it.each(cases)('$fit of $width × $height', async ({ fit, width, height }) => {
    const white = await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
      .png()
      .toBuffer()
    const path = join(folder, `${fit}-${width}.png`)
    await writeFile(path, white)
    const expected = placePicture(fit, { width, height }, input)
    const needs = { fps: 1, now: () => 0, input: ManifestSchema.shape.input.parse({ ...input, name: 'x', colour: 'rgb', fit }) }
    const frames = fileFrames({ type: 'file', path, loop: false, realtime: false }, needs, AbortSignal.timeout(20_000))
    const { value: frame } = await frames.next()
    await frames.return()
    expect(frame?.picture).toEqual({ width, height })
    expect(whitePart(frame?.rgb ?? new Uint8Array(), input.width)).toEqual(expected)
    const read = await readPicture(white, { ...input, fit, padValue: 114 })
    expect(read.size).toEqual({ width, height })
    expect(whitePart(read.rgb, input.width)).toEqual(expected)
  })
})

/** Where a picture is white and not the grey of the padding. */
function whitePart(rgb: Uint8Array, width: number): { x: number; y: number; width: number; height: number } {
  const [xs, ys]: [number[], number[]] = [[], []]
  for (let pixel = 0; pixel * 3 < rgb.length; pixel++) {
    if ((rgb[pixel * 3] as number) > 250) {
      xs.push(pixel % width)
      ys.push(Math.floor(pixel / width))
    } else expect(rgb[pixel * 3]).toBe(114)
  }
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return { x: left, y: top, width: Math.max(...xs) - left + 1, height: Math.max(...ys) - top + 1 }
}
