import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CameraSource } from '../../domain/camera.ts'
import { findFfmpeg } from '../../drivers/ffmpeg.ts'
import { ManifestSchema } from '../models/manifest.ts'
import type { Frame } from './frame.ts'
import { withSize } from './sized.fixture.ts'
import { openSource } from './source.ts'

const input = ManifestSchema.shape.input.parse({ name: 'x', width: 64, height: 64, colour: 'rgb', fit: 'letterbox' })
const needs = { fps: 5, input, now: () => 0 }
let folder: string
let clip: string
let jpeg: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-broken-'))
  clip = join(folder, 'clip.mp4')
  await promisify(execFile)((await findFfmpeg()).path, ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10:d=3', '-c:v', 'mpeg4', '-y', clip])
  jpeg = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#369' } })
    .jpeg()
    .toBuffer()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const file = (path: string): CameraSource => ({ type: 'file', path, loop: false, realtime: false })
async function all(source: CameraSource): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of openSource(source, needs, AbortSignal.timeout(30_000))) frames.push(frame)
  return frames
}
const dot = (format: 'png' | 'jpeg') =>
  sharp({ create: { width: 1, height: 1, channels: 3, background: '#369' } })
    .toFormat(format)
    .toBuffer()

/** Living ffmpeg processes that read from this test's folder. */
function ffmpegs(): string[] {
  if (!existsSync('/proc/self/cmdline')) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

describe('a broken source says so, hurts no other, and leaves no process', () => {
  it.each<[string, string, () => Promise<Uint8Array> | Uint8Array, RegExp]>([
    ['a JPEG that is cut off', 'cut.jpg', () => jpeg.subarray(0, jpeg.length - 300), /not a readable picture/],
    ['a JPEG of one pixel', 'dot.jpg', () => dot('jpeg'), /1 × 1 pixels/],
    ['a PNG of one pixel', 'dot.png', () => dot('png'), /1 × 1 pixels/],
    ['a picture of 20,000 × 20,000 pixels', 'huge.jpg', () => withSize(jpeg, 20_000, 20_000), /20000 × 20000 pixels/],
    ['a text that is called a picture', 'text.jpg', () => Buffer.from('no picture at all'), /invalid|error|no pictures/i],
    ['a text that is called a video', 'text.mp4', () => Buffer.from('no video at all'), /invalid|error|no pictures/i],
    ['a video that is cut off', 'cut.mp4', () => readFileSync(clip).subarray(0, 3000), /invalid|not found|error|no pictures/i],
    ['an empty file', 'empty.mp4', () => new Uint8Array(), /invalid|no pictures/i],
  ])('%s', async (_, name, bytes, why) => {
    const path = join(folder, name)
    await writeFile(path, await bytes())
    const [broken, whole] = await Promise.allSettled([all(file(path)), all(file(clip))])
    expect(broken).toMatchObject({ status: 'rejected', reason: { code: 'source.failed', message: expect.stringMatching(why) } })
    expect(whole).toMatchObject({ status: 'fulfilled' })
    expect(whole.status === 'fulfilled' && whole.value.length).toBe(15)
    expect(ffmpegs()).toEqual([])
  })

  it('a picture under a name that says video, and the other way round, are what they are', async () => {
    const [picture, video] = [join(folder, 'picture.mp4'), join(folder, 'video.jpg')]
    await writeFile(picture, jpeg)
    await writeFile(video, readFileSync(clip))
    expect((await all(file(picture))).map(({ picture: size }) => size)).toEqual([{ width: 640, height: 360 }])
    expect(await all(file(video))).toHaveLength(15)
  })

  it.each(['a folder', 'nothing'])('%s instead of a file', async (what) => {
    const path = join(folder, what)
    if (what === 'a folder') await mkdir(path)
    await expect(all(file(path))).rejects.toMatchObject({ code: 'source.failed' })
    expect(ffmpegs()).toEqual([])
  })
})
