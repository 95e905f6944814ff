import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CameraSource } from '../domain/camera.ts'
import { LiveViews } from './live.ts'
import type { LivePicture } from './sources/pictures.ts'
import { PushedFrames } from './sources/pushed.ts'

let folder: string
let live: LiveViews
let sources: Record<string, CameraSource>
const pushed = new PushedFrames()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-live-'))
  const path = join(folder, 'street.png')
  await writeFile(
    path,
    await sharp({ create: { width: 320, height: 180, channels: 3, background: '#204060' } })
      .png()
      .toBuffer(),
  )
  sources = { file: { type: 'file', path, loop: true, realtime: false }, pushed: { type: 'gateway', gateway: null } }
  live = new LiveViews({ sourceOf: (camera) => sources[camera] ?? null, pushed, most: 2, log: { warn: () => undefined }, now: Date.now })
})
afterEach(async () => {
  await live.close()
  await rm(folder, { recursive: true, force: true })
})

class Viewer {
  readonly seen: LivePicture[] = []
  ended = false
  show = (picture: LivePicture): void => void this.seen.push(picture)
  end = (): void => {
    this.ended = true
  }
  pictures = (count: number): Promise<unknown> => vi.waitUntil(() => this.seen.length >= count, { timeout: 20_000, interval: 10 })
}

it('shows one reading to all who look, whoever comes later sees the newest at once, and ends it with the last', async () => {
  const [one, two] = [new Viewer(), new Viewer()]
  const leave = live.watch('file', one)
  await one.pictures(2)
  const leaveToo = live.watch('file', two)
  expect(two.seen).toEqual([one.seen.at(-1)])
  expect((await sharp(one.seen[0]?.jpeg).metadata()).width).toBe(320)
  leave()
  await two.pictures(3)
  leaveToo()
  const { length } = two.seen
  await live.close()
  expect(two.seen).toHaveLength(length)
})

it('shows what a gateway pushes', async () => {
  const viewer = new Viewer()
  live.watch('pushed', viewer)
  for (const at of [1000, 2000]) pushed.push('pushed', { at, jpeg: Uint8Array.of(0xff, 0xd8, at / 1000) })
  await viewer.pictures(1)
  expect(viewer.seen.at(-1)?.at).toBe(2000)
})

it('has so many cameras at one time, and ends a view whose camera gets another source', async () => {
  const viewer = new Viewer()
  sources.more = { type: 'gateway', gateway: null }
  live.watch('pushed', viewer)
  live.watch('file', viewer)
  expect([live.has('file'), live.has('more'), live.has('none')]).toEqual([true, false, false])
  expect(() => live.watch('more', viewer)).toThrow(/live views/)
  live.changed('pushed')
  expect(viewer.ended).toBe(true)
  expect(live.has('more')).toBe(true)
})
