import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Candidate, findFfmpeg } from './ffmpeg.ts'
import { clipOfStills, cutVideo, hideInClip, hideInPicture, joinSegments, lengthOfVideo, type Mask } from './ffmpeg-clip.ts'
import { type FrameRequest, readFrames } from './ffmpeg-frames.ts'

const installed = async () => (await import('@ffmpeg-installer/ffmpeg')).default.path
const exec = promisify(execFile)
const [WIDTH, HEIGHT] = [320, 180]
let folder: string
let clip: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-clip-'))
  clip = join(folder, "a clip's.mp4")
  const { path } = await findFfmpeg()
  // 12 s at 10 pictures a second, a key picture every second; grey rises with each second, so that a picture tells its own second.
  await exec(path, ['-f', 'lavfi', '-i', `nullsrc=s=${WIDTH}x${HEIGHT}:r=10:d=12,geq=lum='16+floor(T)*16':cb=128:cr=128`, '-c:v', 'libx264', '-g', '10', '-y', clip])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Every picture of a video or the one of a JPEG, as grey bytes. */
async function greys(bytes: Uint8Array, fps = 10): Promise<Uint8Array[]> {
  const path = join(folder, `look-${Math.random()}`)
  await writeFile(path, bytes)
  const { stdout } = await exec((await findFfmpeg()).path, ['-i', path, '-vf', `fps=${fps},scale=${WIDTH}:${HEIGHT}`, '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  })
  if (stdout.length === 0) throw new Error('there is no picture')
  return Array.from({ length: stdout.length / WIDTH / HEIGHT }, (_, i) => stdout.subarray(i * WIDTH * HEIGHT, (i + 1) * WIDTH * HEIGHT))
}
/** Video levels (16–235) come out of a conversion to grey as 0–255. */
const secondOf = (picture: Uint8Array): number => Math.round((picture[0] as number) / ((16 * 255) / 219))
const isMp4 = (bytes: Uint8Array): boolean => Buffer.from(bytes).toString('latin1', 4, 8) === 'ftyp'

describe.each<[string, Candidate[]]>([
  ['the first ffmpeg found', ['ffmpeg', installed]],
  ['the ffmpeg that npm installs', [installed]],
])('clips with %s', (_, candidates) => {
  const tools = () => ({ work: folder, candidates })

  it('are cut from a file at the second that was asked for', async () => {
    expect(await lengthOfVideo(clip, tools())).toBe(12_000)
    const cut = await cutVideo(clip, { fromMs: 4000, ms: 5000 }, tools())
    expect(isMp4(cut)).toBe(true)
    const seconds = (await greys(cut)).map(secondOf)
    expect([...new Set(seconds)].slice(0, 5)).toEqual([4, 5, 6, 7, 8])
    // A little more comes along: pictures are stored in another order than they are shown in.
    expect(seconds.length).toBeGreaterThanOrEqual(50)
    expect(seconds.length).toBeLessThan(60)
  })

  it('are joined of the segments that are written while frames are read', async () => {
    const ring = join(folder, `ring-${candidates.length}`)
    await mkdir(ring)
    const request: FrameRequest = {
      ...{ input: { type: 'video', path: clip, loop: false, realtime: true }, fps: 5, width: 64, height: 36, filter: 'scale=64:36,format=rgb24' },
      ...{ still: { every: 5, maxWidth: 320 }, stallMs: 20_000, candidates, record: { pattern: join(ring, '%s.ts'), segmentS: 2 } },
    }
    let frames = 0
    for await (const _frame of readFrames(request, AbortSignal.timeout(40_000))) frames++
    expect(frames).toBe(60)
    const names = (await readdir(ring)).sort()
    expect(names.length).toBeGreaterThanOrEqual(5)
    const joined = await joinSegments(
      names.slice(1, 4).map((name) => join(ring, name)),
      tools(),
    )
    const seconds = [...new Set((await greys(joined)).map(secondOf))]
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b))
    expect(seconds.length).toBeGreaterThanOrEqual(5)
  })

  it('that cannot be written cost no frame', async () => {
    const request: FrameRequest = {
      ...{ input: { type: 'video', path: clip, loop: false, realtime: false }, fps: 5, width: 64, height: 36, filter: 'scale=64:36,format=rgb24' },
      ...{ still: { every: 5, maxWidth: 320 }, stallMs: 20_000, candidates, record: { pattern: join(folder, 'no such folder', '%s.ts'), segmentS: 2 } },
    }
    let frames = 0
    for await (const _frame of readFrames(request, AbortSignal.timeout(20_000))) frames++
    expect(frames).toBe(60)
  })

  it('are made of stills, each of which stands until the next, whatever its size', async () => {
    const { path } = await findFfmpeg(candidates)
    const still = async (second: number, size: string): Promise<Uint8Array> => {
      const out = join(folder, `${second}.jpg`)
      await exec(path, ['-ss', String(second), '-i', clip, '-frames:v', '1', '-vf', `scale=${size}`, '-y', out])
      return readFile(out)
    }
    const stills = [
      { atMs: 0, jpeg: await still(2, '321:181') },
      { atMs: 3000, jpeg: await still(6, '160:90') },
    ]
    const made = await clipOfStills(stills, 8000, tools())
    expect(isMp4(made)).toBe(true)
    expect((await greys(made, 1)).map(secondOf)).toEqual([2, 2, 2, 6, 6, 6, 6, 6])
  })

  it('and pictures hide what the mask covers, and nothing else', async () => {
    const { path } = await findFfmpeg(candidates)
    const noisy = join(folder, 'noise.mp4')
    await exec(path, [
      '-f',
      'lavfi',
      '-i',
      `nullsrc=s=${WIDTH}x${HEIGHT}:r=10:d=2,geq=lum='255*mod(floor(X/4)+floor(Y/4),2)':cb=128:cr=128`,
      '-c:v',
      'libx264',
      '-crf',
      '10',
      '-y',
      noisy,
    ])
    const jpeg = join(folder, 'noise.jpg')
    await exec(path, ['-i', noisy, '-frames:v', '1', '-q:v', '2', '-y', jpeg])
    const mask = (on: boolean): Mask => {
      const cells = new Uint8Array(160 * 90)
      if (on) for (let row = 45; row < 90; row++) cells.fill(255, row * 160, row * 160 + 80)
      return { width: 160, height: 90, cells }
    }
    const [before] = await greys(await readFile(jpeg), 25)
    const [after] = await greys(await hideInPicture(await readFile(jpeg), mask(true), tools()), 25)
    expect(differences(before, after)).toEqual({ inside: expect.toSatisfy((share: number) => share > 0.9), outside: expect.toSatisfy((share: number) => share < 0.02) })
    const film = await readFile(noisy)
    const [first, second] = await greys(await hideInClip(film, [mask(true), mask(false)], 1, tools()), 1)
    const [plain, plainSecond] = await greys(film, 1)
    expect(differences(plain, first).inside).toBeGreaterThan(0.9)
    expect(differences(plainSecond, second).inside).toBeLessThan(0.02)
  })

  it.each([
    ['a file that is missing', (work: object) => cutVideo('/no/such.mp4', { fromMs: 0, ms: 1000 }, work as never)],
    ['a file that is no video', (work: object) => lengthOfVideo(import.meta.filename, work as never)],
    ['a picture that is none', (work: object) => hideInPicture(new Uint8Array([1, 2, 3]), { width: 1, height: 1, cells: new Uint8Array(1) }, work as never)],
    ['segments that are none', (work: object) => joinSegments([import.meta.filename], work as never)],
  ])('say source.failed for %s and leave nothing behind', async (_, make) => {
    const before = await readdir(folder)
    await expect(make(tools())).rejects.toMatchObject({ code: 'source.failed' })
    expect(await readdir(folder)).toEqual(before)
  })
})

/** Share of pixels that are clearly others, in the lower left quarter (less its rim) and in the rest. */
function differences(a: Uint8Array | undefined, b: Uint8Array | undefined): { inside: number; outside: number } {
  const counts = { inside: [0, 0], outside: [0, 0] } as Record<'inside' | 'outside', [number, number]>
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
    const rim = Math.abs(x - WIDTH / 2) < 8 || Math.abs(y - HEIGHT / 2) < 8
    if (rim) continue
    const count = counts[x < WIDTH / 2 && y > HEIGHT / 2 ? 'inside' : 'outside']
    count[0] += Math.abs((a?.[i] ?? 0) - (b?.[i] ?? 0)) > 40 ? 1 : 0
    count[1]++
  }
  return { inside: counts.inside[0] / counts.inside[1], outside: counts.outside[0] / counts.outside[1] }
}
