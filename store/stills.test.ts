import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStills } from './stills.ts'

let root: string
let folder: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wanglou-stills-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(root, 's-'))
})

const START = 1_795_222_800_000
const at = (second: number) => START + second * 1000
const jpeg = (second: number) => new Uint8Array([0xff, 0xd8, second % 256])
const files = async (camera: string) => (await readdir(join(folder, camera))).toSorted()

describe('stills', () => {
  it.each<[string, number[], number, number, number | undefined]>([
    ['the very one', [0, 1, 2], 1, 0, 1],
    ['the nearest before', [0, 10, 20], 14, 5, 10],
    ['the nearest after', [0, 10, 20], 16, 5, 20],
    ['the earlier of two equally near', [0, 10], 5, 5, 0],
    ['the first', [5, 6], 0, 5, 5],
    ['none when all are too far', [0, 10, 20], 15, 4, undefined],
    ['none when there are none', [], 0, 1000, undefined],
    ['the right one whatever order they came in', [20, 0, 10], 9, 5, 10],
  ])('finds %s', async (_, seconds, near, within, expected) => {
    const stills = await openStills({ folder })
    for (const second of seconds) await stills.put('cam', at(second), jpeg(second))
    const found = await stills.near('cam', at(near), within * 1000)
    expect(found && { at: found.at, jpeg: new Uint8Array(found.jpeg) }).toEqual(expected === undefined ? undefined : { at: at(expected), jpeg: jpeg(expected) })
  })

  it('keeps the first and last still of a parking alert, and no more than it may', async () => {
    const stills = await openStills({ folder, count: 100 })
    for (let second = 0; second <= 150; second++) await stills.put('cam', at(second), jpeg(second))
    expect(await files('cam')).toHaveLength(100)
    expect((await stills.near('cam', at(90), 500))?.at).toBe(at(90))
    expect((await stills.near('cam', at(150), 500))?.at).toBe(at(150))
    expect(await stills.near('cam', at(50), 500)).toBeUndefined()
  })

  it('drops what is far away in event time, also when a file is played again from its start', async () => {
    const stills = await openStills({ folder, withinMs: 60_000 })
    for (const second of [0, 30, 100]) await stills.put('cam', at(second), jpeg(second))
    expect(await files('cam')).toEqual([`${at(100)}.jpg`])
    await stills.put('cam', at(0), jpeg(0))
    expect(await files('cam')).toEqual([`${at(0)}.jpg`])
    expect((await stills.newest('cam'))?.at).toBe(at(0))
  })

  it('never holds more than it may, whoever puts: the cameras that hold most lose their oldest', async () => {
    const [maxBytes, size] = [100_000, 1000]
    const stills = await openStills({ folder, maxBytes })
    const still = new Uint8Array(size)
    const onDisk = async (): Promise<number> => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jpg')).length * size
    await stills.put('rare', at(0), still)
    for (let second = 0; second < 60; second++) {
      await Promise.all(['a', 'b', 'c', 'd'].map((camera) => stills.put(camera, at(second), still)))
      expect(stills.held().bytes).toBeLessThanOrEqual(maxBytes)
      expect(await onDisk()).toBe(stills.held().bytes)
    }
    expect(stills.held().bytes).toBeGreaterThan(0.9 * maxBytes)
    expect((await files('rare')).length).toBe(1)
    const each = await Promise.all(['a', 'b', 'c', 'd'].map(async (camera) => (await files(camera)).length))
    expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(10)
    for (const camera of ['a', 'b', 'c', 'd']) expect((await stills.newest(camera))?.at).toBe(at(59))
    const again = await openStills({ folder, maxBytes })
    expect(again.held()).toEqual(stills.held())
  })

  it('tells which pictures there are between two times, oldest first', async () => {
    const stills = await openStills({ folder })
    for (const second of [3, 1, 4, 2, 9]) await stills.put('cam', at(second), jpeg(second))
    expect(stills.times('cam', at(2), at(4))).toEqual([2, 3, 4].map(at))
    expect(stills.times('none', 0, at(9999))).toEqual([])
  })

  it('finds its stills again after a restart and sweeps up what was half written', async () => {
    const before = await openStills({ folder })
    for (const second of [3, 1, 2]) await before.put('cam', at(second), jpeg(second))
    await writeFile(join(folder, 'cam', `${at(4)}.0.part`), 'half')
    const stills = await openStills({ folder })
    expect((await stills.newest('cam'))?.at).toBe(at(3))
    expect(await files('cam')).toEqual([1, 2, 3].map((second) => `${at(second)}.jpg`))
  })

  it('keeps cameras apart and writes one still twice as one', async () => {
    const stills = await openStills({ folder })
    await Promise.all([stills.put('a', at(1), jpeg(1)), stills.put('b', at(2), jpeg(2)), stills.put('a', at(1), jpeg(9))])
    expect([(await stills.newest('a'))?.at, (await stills.newest('b'))?.at]).toEqual([at(1), at(2)])
    expect(await files('a')).toEqual([`${at(1)}.jpg`])
  })

  it.each(['..', '../x', 'a/b', '', '.hidden', 'a\\b', 'x'.repeat(65)])('has nothing to do with the camera %j', async (camera) => {
    const stills = await openStills({ folder })
    await expect(stills.put(camera, at(0), jpeg(0))).rejects.toMatchObject({ code: 'request.invalid' })
    expect(await stills.near(camera, at(0), 1000)).toBeUndefined()
    expect(await stills.newest(camera)).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses a time that is none', async () => {
    const stills = await openStills({ folder })
    for (const wrong of [-1, 0.5, Number.NaN]) await expect(stills.put('cam', wrong, jpeg(0))).rejects.toMatchObject({ code: 'request.invalid' })
  })
})
