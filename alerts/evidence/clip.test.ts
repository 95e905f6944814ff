import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Cut } from '../../domain/ports/clips.ts'
import { findFfmpeg } from '../../drivers/ffmpeg.ts'
import { lengthOfVideo } from '../../drivers/ffmpeg-clip.ts'
import { type ClipRing, openClipRing } from '../../store/clips.ts'
import { openStills } from '../../store/stills.ts'
import { createClips } from './clip.ts'

const START = 1_795_222_800_000
const at = (second: number): number => START + second * 1000
let root: string
let film: string
let picture: Uint8Array
let folder: string
let ring: ClipRing
let stills: Awaited<ReturnType<typeof openStills>>
let now: number

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wanglou-clip-'))
  film = join(root, 'film.mp4')
  const run = promisify(execFile)
  const { path } = await findFfmpeg()
  await run(path, ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=5:d=40', '-c:v', 'libx264', '-g', '5', '-y', film])
  await run(path, ['-i', film, '-frames:v', '1', '-y', join(root, 'p.jpg')])
  // A stream as the ring has it: segments of 4 s, named for the second in which they begin.
  await mkdir(join(root, 'segments'))
  await run(path, ['-i', film, '-c', 'copy', '-f', 'segment', '-segment_time', '4', '-segment_format', 'mpegts', join(root, 'segments', '%d.ts')])
  picture = await readFile(join(root, 'p.jpg'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'))
  now = at(120)
  ring = openClipRing({ folder: join(folder, 'clips'), now: () => now })
  stills = await openStills({ folder: join(folder, 'stills') })
})

async function cut(source: string | undefined, from: number, to: number): Promise<Cut & { lengthMs?: number }> {
  const tools = { work: folder }
  const made = await createClips({ ring, stills, sourceOf: async () => source, tools, now: () => now }).cut('cam', at(from), at(to))
  if ('none' in made) return made
  const path = join(folder, 'out.mp4')
  await writeFile(path, made.bytes)
  return { ...made, lengthMs: await lengthOfVideo(path, tools) }
}
const played = (loop = false) => ring.tap('cam').began({ path: film, start: at(0), loop, picture: false })
async function streamed(): Promise<void> {
  await mkdir(join(folder, 'clips/cam'), { recursive: true })
  for (const name of await readdir(join(root, 'segments'))) {
    const begin = START / 1000 + Number.parseInt(name, 10) * 4
    const path = join(folder, 'clips/cam', `${begin}.ts`)
    await writeFile(path, await readFile(join(root, 'segments', name)))
    await utimes(path, begin + 4, begin + 4)
  }
}

describe('a clip', () => {
  it.each<[string, boolean, number, number, number, number]>([
    ['is cut from the file by event time', false, 5, 35, 5, 30],
    ['ends where the file ends', false, 20, 50, 20, 20],
    ['begins where the file begins', false, -10, 20, 0, 20],
    ['finds its place in a file that goes round and round', true, 50, 70, 50, 20],
    ['ends with the round', true, 70, 100, 70, 10],
  ])('%s', async (_, loop, from, to, begin, seconds) => {
    await played(loop)
    const made = await cut('file', from, to)
    expect(made).toMatchObject({ at: at(begin), ms: seconds * 1000, of: 'video' })
    expect(Math.abs((made.lengthMs ?? 0) - seconds * 1000)).toBeLessThanOrEqual(1000)
  })

  it('of a stream is the segments that hold it, whole', async () => {
    await streamed()
    const made = await cut('rtsp', 10, 30)
    expect(made).toMatchObject({ at: at(8), ms: 24_000, of: 'video' })
    expect(Math.abs((made.lengthMs ?? 0) - 24_000)).toBeLessThanOrEqual(1000)
  })

  it('of a stream that broke off is the longer piece', async () => {
    await streamed()
    await rm(join(folder, `clips/cam/${START / 1000 + 16}.ts`))
    expect(await cut('rtsp', 10, 38)).toMatchObject({ at: at(20), ms: 20_000, of: 'video' })
  })

  it('of a stream waits until it is over', async () => {
    await streamed()
    now = at(30)
    expect(await cut('rtsp', 10, 30)).toMatchObject({ none: expect.stringContaining('not over yet'), again: at(38) })
  })

  it.each([
    ['an HTTP camera', 'http'],
    ['a stream that was not recorded', 'rtsp'],
    ['a file that is one picture', 'file'],
    ['a camera that is off by now', undefined],
  ])('of %s is made of its stills', async (_, source) => {
    if (source === 'file') await ring.tap('cam').began({ path: join(root, 'p.jpg'), start: at(0), loop: true, picture: true })
    for (const second of [12, 15, 20, 31]) await stills.put('cam', at(second), picture)
    expect(await cut(source, 10, 30)).toMatchObject({ at: at(12), ms: 18_000, of: 'stills', lengthMs: 18_000 })
  })

  it.each<[string, string | undefined, number, RegExp, boolean]>([
    ['the platform has no source', undefined, 0, /has no source for cam/, true],
    ['the alert came too late for the stream', 'rtsp', 0, /the 120 s for which the stream/, true],
    ['there is no picture', 'http', 0, /there is no picture of cam between/, false],
    ['there is one picture only', 'http', 1, /there is only one picture/, false],
  ])('that cannot be, says why: %s', async (_, source, pictures, why, final) => {
    if (source === 'rtsp') now = at(500)
    for (let count = 0; count < pictures; count++) await stills.put('cam', at(15), picture)
    const none = await cut(source, 10, 30)
    expect(none).toMatchObject({ none: expect.stringMatching(why) })
    expect('final' in none && none.final === true).toBe(final)
  })

  it('of a file that is gone is made of the stills', async () => {
    await played()
    await rename(film, `${film}.away`)
    for (const second of [12, 15]) await stills.put('cam', at(second), picture)
    expect(await cut('file', 10, 30)).toMatchObject({ of: 'stills' })
    await rename(`${film}.away`, film)
  })
})
