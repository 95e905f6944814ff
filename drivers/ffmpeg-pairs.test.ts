import { describe, expect, it } from 'vitest'
import { FramePairs, JpegSplitter, type PictureInfo } from './ffmpeg-pairs.ts'

const picture = (value: number) => new Uint8Array(4).fill(value)
const still = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)

const info = (pts: number, more: Partial<PictureInfo> = {}): PictureInfo => ({ first: pts === 0, pts, width: 8, height: 6, ...more })

describe('FramePairs', () => {
  it('joins pieces of any length to frames and gives each still to its own', async () => {
    const pairs = new FramePairs(4, 2)
    const bytes = Buffer.concat([picture(0), picture(1), picture(2)])
    pairs.raw(bytes.subarray(0, 3))
    pairs.info(info(0))
    pairs.raw(bytes.subarray(3, 9))
    pairs.still(still)
    pairs.raw(bytes.subarray(9))
    pairs.info(info(1))
    pairs.still(still)
    pairs.info(info(2))
    pairs.end()
    const frames = [await pairs.next(), await pairs.next(), await pairs.next(), await pairs.next()]
    expect(frames).toEqual([
      { index: 0, rgb: picture(0), picture: { width: 8, height: 6 }, jpeg: still },
      { index: 1, rgb: picture(1), picture: { width: 8, height: 6 }, jpeg: null },
      { index: 2, rgb: picture(2), picture: { width: 8, height: 6 }, jpeg: still },
      undefined,
    ])
  })

  it('keeps the time of each where some are left out, and its size where the source changes it', async () => {
    const pairs = new FramePairs(4, 5)
    const infos = [info(100, { first: true }), info(103), info(110), info(112, { first: true, width: 80, height: 60 })]
    for (const [n, each] of infos.entries()) {
      pairs.info(each)
      pairs.raw(picture(n))
    }
    for (let n = 0; n < 3; n++) pairs.still(still)
    pairs.end()
    const seen = [await pairs.next(), await pairs.next(), await pairs.next(), await pairs.next()]
    expect(seen.map((frame) => [frame?.index, frame?.picture.width, frame?.jpeg !== null])).toEqual([
      [0, 8, true],
      [3, 8, false],
      [10, 8, true],
      [12, 80, false],
    ])
  })

  it('keeps the raw pipe open while a still is awaited and closes it when the reader is behind', async () => {
    const pairs = new FramePairs(4, 10)
    let open = true
    pairs.flow = (value) => {
      open = value
    }
    for (let i = 0; i < 5; i++) {
      pairs.info(info(i))
      pairs.raw(picture(i))
    }
    expect(open).toBe(true)
    pairs.still(still)
    expect(open).toBe(false)
    for (let i = 0; i < 4; i++) await pairs.next()
    expect(open).toBe(true)
  })

  it('does not wait for stills once their pipe has ended', async () => {
    const pairs = new FramePairs(4, 1)
    pairs.info(info(0))
    pairs.raw(picture(0))
    const next = pairs.next()
    pairs.stillsEnd()
    expect((await next)?.jpeg).toBeNull()
  })
})

describe('JpegSplitter', () => {
  it.each([1, 2, 3, 5, 64])('finds the same pictures in pieces of %i bytes', (size) => {
    const stream = Buffer.from([0xff, 0xd8, 1, 0xff, 0, 0xff, 0xd9, 0xff, 0xd8, 2, 3, 0xff, 0xd9])
    const splitter = new JpegSplitter()
    const found: number[][] = []
    for (let at = 0; at < stream.length; at += size) for (const jpeg of splitter.push(stream.subarray(at, at + size))) found.push([...jpeg])
    expect(found).toEqual([
      [0xff, 0xd8, 1, 0xff, 0, 0xff, 0xd9],
      [0xff, 0xd8, 2, 3, 0xff, 0xd9],
    ])
  })
})
