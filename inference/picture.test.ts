import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPicture, readPicture, toStill } from './picture.ts'

const input = { width: 32, height: 32, fit: 'stretch', padValue: 114 } as const
const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#ff8000' } })

/** A JPEG whose head says that it has so many pixels: what it unpacks to is known before it is unpacked. */
function claiming(jpeg: Buffer, width: number, height: number): Buffer {
  const claimed = Buffer.from(jpeg)
  const frame = claimed.findIndex((byte, at) => byte === 0xff && claimed[at + 1] === 0xc0)
  claimed.writeUInt16BE(height, frame + 5)
  claimed.writeUInt16BE(width, frame + 7)
  return claimed
}

describe('a picture that shows nothing is source.failed, before anything is unpacked', () => {
  let jpeg: Buffer
  let noise: Buffer
  beforeAll(async () => {
    jpeg = await plain(64, 48).jpeg().toBuffer()
    noise = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 60 } } })
      .jpeg()
      .toBuffer()
  })

  it.each<[string, () => Promise<Buffer> | Buffer, RegExp]>([
    ['1 × 1', () => plain(1, 1).jpeg().toBuffer(), /1 × 1 pixels; 16 on a side are the least/],
    ['one line', () => plain(640, 1).png().toBuffer(), /640 × 1 pixels/],
    ['20,000 × 20,000', () => claiming(jpeg, 20_000, 20_000), /20000 × 20000 pixels; 100 million are the most/],
    ['cut off in the middle', () => noise.subarray(0, noise.length / 2), /not a readable picture/],
    ['cut off in its head', () => jpeg.subarray(0, 40), /not a readable picture/],
    ['of fewer pixels than its head says', () => claiming(jpeg, 4000, 4000), /not a readable picture/],
    ['a text', () => Buffer.from('hello'), /not a readable picture/],
    ['nothing', () => Buffer.alloc(0), /not a readable picture/],
  ])('%s', async (_, make, why) => {
    const bytes = await make()
    for (const read of [() => readPicture(bytes, input), () => openPicture(bytes)]) {
      const error: unknown = await read().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'source.failed' })
      expect(String(error)).toMatch(why)
    }
  })

  it('a still of what is cut off is refused too', async () => {
    await expect(toStill(noise.subarray(0, noise.length / 2), 320)).rejects.toMatchObject({ code: 'source.failed' })
  })
})

describe('any picture becomes red, green, blue', () => {
  it.each<[string, () => Promise<Buffer>, [number, number, number]]>([
    ['JPEG', () => plain(64, 48).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), [255, 128, 0]],
    ['PNG with transparency', () => plain(64, 48).ensureAlpha(0.5).png().toBuffer(), [255, 128, 0]],
    [
      'grey',
      () =>
        sharp({ create: { width: 64, height: 48, channels: 3, background: '#9a9a9a' } })
          .toColourspace('b-w')
          .png()
          .toBuffer(),
      [154, 154, 154],
    ],
    ['16 bits', () => plain(64, 48).toColourspace('rgb16').png().toBuffer(), [255, 128, 0]],
    ['WebP', () => plain(64, 48).webp({ lossless: true }).toBuffer(), [255, 128, 0]],
    ['CMYK', () => plain(64, 48).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), [229, 124, 29]],
  ])('%s', async (name, make, colour) => {
    const { rgb } = await readPicture(await make(), input)
    expect(rgb).toHaveLength(32 * 32 * 3)
    for (const [plane, value] of colour.entries()) expect(Math.abs((rgb[3 * 500 + plane] as number) - value)).toBeLessThanOrEqual(name === 'CMYK' ? 30 : 3)
  })

  it('and stands upright', async () => {
    const turned = await plain(64, 48).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect((await readPicture(turned, input)).size).toEqual({ width: 48, height: 64 })
    expect((await openPicture(turned)).size).toEqual({ width: 48, height: 64 })
  })
})

describe('a part of a picture', () => {
  it('is cut at its box, and at the edge of the picture', async () => {
    const left = await sharp({ create: { width: 100, height: 50, channels: 3, background: '#000' } })
      .composite([{ input: { create: { width: 50, height: 50, channels: 3, background: '#fff' } }, left: 50, top: 0 }])
      .png()
      .toBuffer()
    const whole = await openPicture(left)
    expect(whole.pixels([0.25, 0.2, 0.5, 0.4])).toEqual({ width: 50, height: 20 })
    const half = await whole.part([0.25, 0.2, 0.5, 0.4], { width: 50, height: 20 })
    expect([half?.[0], half?.[3 * 24], half?.[3 * 26], half?.at(-1)]).toEqual([0, 0, 255, 255])
    expect(whole.pixels([0.9, -0.5, 0.5, 1])).toEqual({ width: 10, height: 25 })
    expect((await whole.part([0.9, -0.5, 0.5, 1], { width: 4, height: 4 }))?.every((byte) => byte === 255)).toBe(true)
    expect(await whole.part([1.1, 0, 0.5, 1], { width: 4, height: 4 })).toBeUndefined()
  })
})
