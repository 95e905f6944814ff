import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClipWork, lengthOfVideo } from '../../drivers/ffmpeg-clip.ts'
import { RtspCamera, whyNoRtspServer } from '../../drivers/rtsp-server.fixture.ts'
import { ManifestSchema } from '../../inference/models/manifest.ts'
import { openSource } from '../../inference/sources/source.ts'
import { openClipRing } from '../../store/clips.ts'
import { createClips } from './clip.ts'

const why = whyNoRtspServer()
const input = ManifestSchema.shape.input.parse({ name: 'x', width: 64, height: 36, colour: 'rgb', fit: 'pad' })
let folder: string
let camera: RtspCamera

describe.skipIf(why !== undefined)(`a clip of a camera's stream${why ? ` (${why})` : ''}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanglou-stream-'))
    camera = await RtspCamera.start(folder)
  })
  afterAll(async () => {
    await camera?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is what was seen then, recorded by the process that reads it, and the ring stays small', { timeout: 90_000 }, async () => {
    const ring = openClipRing({ folder: join(folder, 'clips'), keepMs: 60_000, now: Date.now })
    const tools: ClipWork = { work: folder }
    const stop = new AbortController()
    let first = 0
    const frames = openSource({ type: 'rtsp', url: camera.url }, { fps: 5, input, clips: ring.tap('cam'), now: Date.now }, stop.signal)
    const clips = createClips({ ring, stills: { near: async () => undefined, times: () => [] }, sourceOf: async () => 'rtsp', tools, now: Date.now })
    for await (const { at } of frames) {
      first ||= at
      // From 2 s to 8 s after the first picture, as soon as that is surely on the disk.
      if (at >= first + 17_000) break
    }
    stop.abort()
    const cut = await clips.cut('cam', first + 2000, first + 8000)
    if ('none' in cut) throw new Error(cut.none)
    const path = join(folder, 'cut.mp4')
    await writeFile(path, cut.bytes)
    expect(cut.of).toBe('video')
    expect(cut.at).toBeLessThanOrEqual(first + 2000)
    expect(cut.at + cut.ms).toBeGreaterThanOrEqual(first + 8000 - 1000)
    expect(Math.abs((await lengthOfVideo(path, tools)) - cut.ms)).toBeLessThanOrEqual(2000)
    expect((await readdir(join(folder, 'clips/cam'))).length).toBeLessThanOrEqual(6)
    expect((await ring.prune()).segments).toBeGreaterThanOrEqual(3)
  })
})
