import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClipRing, openClipRing, SEGMENT_S } from './clips.ts'

const START = 1_795_222_800
let folder: string
let now: number
let ring: ClipRing
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-clips-'))
  now = (START + 60) * 1000
  ring = openClipRing({ folder, keepMs: 30_000, now: () => now })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** As ffmpeg leaves it: begun in one second, written to for some more. */
async function segment(camera: string, second: number, lasts = SEGMENT_S): Promise<void> {
  await mkdir(join(folder, camera), { recursive: true })
  const path = join(folder, camera, `${START + second}.ts`)
  await writeFile(path, new Uint8Array(100))
  await utimes(path, START + second + lasts, START + second + lasts)
}
const seconds = async (camera: string, from: number, to: number): Promise<number[]> =>
  (await ring.segments(camera, (START + from) * 1000, (START + to) * 1000)).map((each) => each.from / 1000 - START)

describe('the ring of clips', () => {
  it.each<[string, number, number, number[]]>([
    ['the segments that hold something of the time', 5, 14, [4, 8, 12]],
    ['the whole of it', -10, 99, [0, 4, 8, 12, 30]],
    ['what follows a gap', 20, 32, [30]],
    ['none where there was nothing', 17, 29, []],
  ])('finds %s', async (_, from, to, expected) => {
    for (const second of [12, 0, 8, 4, 30]) await segment('cam', second)
    expect(await seconds('cam', from, to)).toEqual(expected)
    expect(await seconds('other', from, to)).toEqual([])
  })

  it('keeps no segment longer than it may, whatever else lies there', async () => {
    for (const second of [0, 20, 26, 30, 55]) await segment('cam', second)
    await ring.tap('cam').began({ path: '/a.mp4', start: 1, loop: false, picture: false })
    expect(await ring.prune()).toEqual({ segments: 3, bytes: 300 })
    expect(await seconds('cam', 0, 99)).toEqual([26, 30, 55])
    now += 60_000
    expect(await ring.prune()).toEqual({ segments: 0, bytes: 0 })
    expect(await readdir(join(folder, 'cam'))).toEqual(['runs.json'])
  })

  it('remembers which files a camera played, the newest first, over a restart', async () => {
    const run = (start: number) => ({ path: '/a.mp4', start, loop: true, picture: false })
    for (let start = 0; start < 12; start++) await ring.tap('cam').began(run(start))
    await ring.tap('cam').began(run(11))
    expect((await openClipRing({ folder, now: () => now }).runs('cam')).map(({ start }) => start)).toEqual([11, 10, 9, 8, 7, 6, 5, 4])
    expect(await ring.runs('other')).toEqual([])
  })

  it.each(['..', 'a/b', '', '.x'])('has nothing to do with the camera %j', async (camera) => {
    await expect(ring.tap(camera).recording()).rejects.toMatchObject({ code: 'request.invalid' })
    await expect(ring.tap(camera).began({ path: '/a', start: 1, loop: false, picture: false })).rejects.toMatchObject({ code: 'request.invalid' })
    expect([await ring.runs(camera), await ring.segments(camera, 0, now)]).toEqual([[], []])
  })
})
