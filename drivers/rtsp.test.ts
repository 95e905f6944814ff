import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Candidate } from './ffmpeg.ts'
import { type FrameRequest, type RawFrame, readFrames } from './ffmpeg-frames.ts'
import { readJpegs } from './ffmpeg-jpegs.ts'
import { CAMERA_FPS, RtspCamera, whyNoRtspServer } from './rtsp-server.fixture.ts'

const why = whyNoRtspServer()
const installed = async () => (await import('@ffmpeg-installer/ffmpeg')).default.path

describe.skipIf(why !== undefined)(`a camera that GStreamer plays (${why ?? 'its RTSP server'})`, () => {
  let folder: string
  let camera: RtspCamera
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanglou-rtsp-'))
    camera = await RtspCamera.start(folder)
  })
  afterAll(async () => {
    await camera.close()
    await rm(folder, { recursive: true, force: true })
  })

  const request = (url: string, candidates: Candidate[]): FrameRequest => ({
    ...{ input: { type: 'rtsp', url }, fps: CAMERA_FPS, width: 64, height: 36, filter: 'scale=64:36,format=rgb24' },
    ...{ still: { every: CAMERA_FPS, maxWidth: 1280 }, stallMs: 10_000, candidates },
  })

  describe.each<[string, Candidate[]]>([
    ['the first ffmpeg found', ['ffmpeg', installed]],
    ['the ffmpeg that npm installs', [installed]],
  ])('with %s', (_, candidates) => {
    it('logs in with a digest and gives pictures', async () => {
      const frames: RawFrame[] = []
      for await (const frame of readFrames(request(camera.url, candidates), AbortSignal.timeout(30_000))) if (frames.push(frame) === CAMERA_FPS + 1) break
      expect(frames.map(({ index }) => index)).toEqual(frames.map((_, n) => n))
      expect(frames.every(({ picture }) => picture.width === 320 && picture.height === 180)).toBe(true)
      expect(frames.filter(({ jpeg }) => jpeg)).toHaveLength(2)
    })

    it('gives JPEGs to look at', async () => {
      const { fps, stallMs, input } = request(camera.url, candidates)
      for await (const jpeg of readJpegs({ input, fps, stallMs, maxWidth: 160, candidates }, AbortSignal.timeout(30_000))) {
        expect([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9])
        break
      }
    })

    it.each([
      ['a wrong password', () => camera.url.replace('ss%20', 'xx%20'), /401/],
      ['no password', () => camera.url.replace(/\/\/.*@/, '//'), /401/],
      ['a channel that it does not have', () => camera.url.replace('ch1', 'ch7'), /404/],
    ])('says what the camera says to %s', async (_, url, said) => {
      const error: unknown = await readFrames(request(url(), candidates), AbortSignal.timeout(30_000))
        .next()
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'source.failed' })
      expect(String(error)).toMatch(said)
      expect(String(error)).not.toMatch(/p%40ss|p@ss|xx/)
    })
  })
})
