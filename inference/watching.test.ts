import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CameraConfig, CameraConfigSchema } from '../domain/camera.ts'
import { type CoverageHour, totalOf } from '../domain/coverage.ts'
import { findFfmpeg } from '../drivers/ffmpeg.ts'
import type { Scene } from './scene.ts'
import type { Blindness } from './schedule/camera-coverage.ts'
import { PushedFrames } from './sources/pushed.ts'
import { writeSpotModel } from './spot-model.fixture.ts'
import { type ScheduleOptions, startVision, type Vision, type VisionOptions } from './vision.ts'
import type { WatchStatus } from './watch.ts'

/** Gate, schedule, rotation and Coverage with a real model, real JPEGs over real HTTP and the wall clock. */
const log = { info: () => undefined, warn: () => undefined }
let folder: string
let pictures: Buffer[]
let server: Server
let vision: Vision
let scenes: Scene[]
let hours: Map<string, CoverageHour>
let news: Blindness[]
/** What each camera shows, by its path; undefined: no answer at all. */
let shown: Record<string, number | undefined>
let asked: Record<string, number>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-watching-'))
  await writeSpotModel(folder)
  const { path } = await findFfmpeg()
  // Two streets: a white spot on the left, and on the right.
  for (const [index, x] of [0, 400].entries()) {
    const spot = ['-f', 'lavfi', '-i', 'color=black:s=640x640', '-f', 'lavfi', '-i', 'color=white:s=80x80', '-filter_complex', `overlay=x=${x}:y=480`]
    await promisify(execFile)(path, [...spot, '-frames:v', '1', '-y', join(folder, `${index}.jpg`)])
  }
  pictures = await Promise.all([0, 1].map((index) => readFile(join(folder, `${index}.jpg`))))
  server = createServer((request, response) => {
    const camera = request.url?.slice(1) ?? ''
    asked[camera] = (asked[camera] ?? 0) + 1
    const picture = shown[camera]
    if (picture !== undefined) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(pictures[picture])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  ;[scenes, hours, news, shown, asked] = [[], new Map(), [], {}, {}]
})
afterEach(() => vision.close())

function camera(id: string, more: object = {}): { id: string; config: CameraConfig } {
  const { port } = server.address() as AddressInfo
  const source = { type: 'http', url: `http://127.0.0.1:${port}/${id}` }
  return { id, config: CameraConfigSchema.parse({ source, model: 'spot', fps: 10, keepScore: 0.2, ...more }) }
}

function start(cameras: { id: string; config: CameraConfig }[], schedule: Partial<ScheduleOptions> = {}, more: Partial<VisionOptions> = {}): void {
  const keep = async (kept: CoverageHour[]) => {
    for (const hour of kept) hours.set(`${hour.camera} ${hour.algorithm} ${hour.hour}`, hour)
  }
  vision = startVision({
    ...{ cameras, models: [folder], schedule, log, now: Date.now },
    emit: async (scene) => void scenes.push(scene),
    coverage: { before: [], keep, tell: async (told) => void news.push(...told) },
    ...more,
  })
}

const statusOf = (id: string) => vision.status()[id] as WatchStatus
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 25_000, interval: 10 })
const balance = ({ frames, inferred, gated, dropped }: Pick<WatchStatus, 'frames' | 'inferred' | 'gated' | 'dropped'>) => frames - inferred - totalOf(gated) - totalOf(dropped)

describe('the gate', () => {
  it('keeps back what stands still, lets pass what moves, and looks when it is due', async () => {
    shown = { cam: 0 }
    start([camera('cam', { algorithms: [{ rule: 'parking', everyS: 2 }] })])
    await until(() => (statusOf('cam')?.gated.still ?? 0) > 30)
    const still = scenes.length
    // The first, and one every two seconds or so.
    expect(still).toBeGreaterThanOrEqual(2)
    expect(still).toBeLessThan(statusOf('cam').frames / 2)
    shown = { cam: 1 }
    await until(() => scenes.length > still && scenes.at(-1)?.payload.objects[0]?.box[0] === 0.625)
    await vision.update('cam', null)
    const kept = [...hours.values()]
    await vision.keepCoverage()
    for (const hour of [...kept, ...hours.values()]) expect(balance(hour)).toBe(0)
  })
})

describe('calendars', () => {
  it('nobody looks while no algorithm is on duty, and every pair knows why', async () => {
    shown = { cam: 0 }
    let night = false
    const algorithms = [{ rule: 'night', schedule: 'night-hours' }]
    start([camera('cam', { algorithms })], {}, { isOn: () => night })
    await until(() => (statusOf('cam')?.gated.off_schedule ?? 0) > 5)
    expect(scenes).toEqual([])
    night = true
    await until(() => scenes.length > 0)
    await vision.keepCoverage()
    const [hour] = [...hours.values()]
    expect(hour).toMatchObject({ camera: 'cam', algorithm: 'night', gated: { off_schedule: expect.any(Number) } })
    expect(hour?.inferred).toBeGreaterThan(0)
    expect(balance(hour as CoverageHour)).toBe(0)
  })
})

describe('the rotation', () => {
  it('looks at many cameras with one picture each, and again when their interval is nearly over; the dead are told apart', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `r-${index}`)
    shown = Object.fromEntries(ids.map((id, index) => [id, index % 10 === 9 ? undefined : index % 2]))
    const rotation = { fromMs: 1000, concurrency: 4, visitMs: 3000 }
    start(
      ids.map((id) => camera(id, { algorithms: [{ rule: 'parking', everyS: 4 }] })),
      { rotation },
    )
    const living = ids.filter((id) => shown[id] !== undefined)
    await until(() => living.every((id) => (statusOf(id)?.inferred ?? 0) >= 2))
    for (const id of living) {
      const looks = scenes.filter((scene) => scene.camera === id)
      expect(asked[id]).toBeLessThanOrEqual(looks.length + 1)
    }
    await until(() => ids.filter((id) => shown[id] === undefined).every((id) => statusOf(id).state === 'waiting'))
    expect(statusOf('r-9').error).toContain('no picture within 3 s')
    const ends = vision.close()
    await ends
    const blind = new Map([...hours.values()].map(({ camera: id, blindMs }) => [id, blindMs]))
    expect(blind.get('r-9')?.source_lost).toBeGreaterThan(0)
  })

  it('does not take a pinned camera, nor one whose interval is too short', async () => {
    shown = { pinned: 0, hasty: 0, rotated: 0 }
    const rotation = { fromMs: 2000, concurrency: 4, visitMs: 3000 }
    const every = (everyS: number) => ({ algorithms: [{ rule: 'parking', everyS }] })
    start([camera('pinned', { ...every(20), pinned: true }), camera('hasty', every(1)), camera('rotated', every(20))], { rotation })
    await until(() => (asked.pinned ?? 0) > 10 && (asked.hasty ?? 0) > 10)
    expect(asked.rotated).toBe(1)
  })
})

describe('a model whose thread never comes up', () => {
  it.each([
    ['a camera of the rotation', { algorithms: [{ rule: 'parking', everyS: 20 }] }],
    ['a pinned camera', { pinned: true }],
    ['a file', { source: 'file' }],
  ])('keeps no stop waiting: %s', async (_, { source, ...more }: { source?: string; [key: string]: unknown }) => {
    const hanging = join(folder, 'hanging.ts')
    await writeFile(hanging, "import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => undefined)")
    shown = { cam: 0 }
    const film = source && { source: { type: 'file', path: join(folder, 'film.mp4'), start: '2026-11-21T09:00:00+08:00' } }
    if (film) await promisify(execFile)((await findFfmpeg()).path, ['-f', 'lavfi', '-i', 'color=black:s=64x64:r=10:d=4', '-c:v', 'mpeg4', '-y', film.source.path])
    const rotation = { fromMs: 5000, concurrency: 4, visitMs: 3000 }
    start([camera('cam', { ...more, ...film })], { rotation }, { compute: { worker: pathToFileURL(hanging) } })
    await until(() => (statusOf('cam')?.frames ?? 0) > 0)
    const status = statusOf('cam')
    expect(status.inferred).toBe(0)
    await vision.update('cam', null)
    for (const hour of hours.values()) expect(balance(hour)).toBe(0)
    await vision.keepCoverage()
    expect([...hours.values()].length).toBeGreaterThan(0)
    for (const hour of hours.values()) expect([balance(hour), hour.dropped.stopped]).toEqual([0, expect.any(Number)])
  })
})

it('a model whose thread falls as it loads is why its camera is blind, not a lack of time', async () => {
  const falling = join(folder, 'falling.ts')
  await writeFile(falling, "throw new Error('out of memory')")
  shown = { cam: 0 }
  start([camera('cam', { algorithms: [{ rule: 'parking', everyS: 1 }] })], {}, { compute: { worker: pathToFileURL(falling) } })
  const blind = await vi.waitUntil(
    async () => {
      await vision.keepCoverage()
      return [...hours.values()].find(({ blindMs }) => blindMs.model_crashed !== undefined)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(blind.camera).toBe('cam')
})

it('frames that a gateway pushes while nobody can look are in the account of their camera', async () => {
  const pushed = new PushedFrames()
  const source = { type: 'gateway' }
  start(
    [camera('blind', { source, model: null }), camera('waiting', { source, model: 'nobody-has-it', algorithms: [{ rule: 'parking' }] }), camera('cam', { source })],
    {},
    { pushed },
  )
  await until(() => statusOf('waiting')?.state === 'waiting' && statusOf('blind') !== undefined)
  const jpeg = pictures[0] as Buffer
  for (const id of ['blind', 'waiting']) for (const at of [1000, 2000, 3000]) pushed.push(id, { at, jpeg })
  for (const id of ['blind', 'waiting']) expect(statusOf(id)).toMatchObject({ frames: 3, inferred: 0, dropped: { unheard: 3 } })
  await until(() => {
    pushed.push('cam', { at: Date.now(), jpeg })
    return scenes.length > 1
  })
  await vision.close()
  expect(hours.size).toBe(2)
  for (const hour of hours.values()) expect([balance(hour), hour.frames > 0]).toEqual([0, true])
  expect([...hours.values()].find((hour) => hour.camera === 'waiting')?.dropped).toEqual({ unheard: 3 })
})

describe('Coverage', () => {
  it('of an hour goes on when a camera is taken off and on again', async () => {
    shown = { cam: 0 }
    const one = camera('cam', { algorithms: [{ rule: 'parking', everyS: 1 }] })
    start([one])
    await until(() => scenes.length > 1)
    await vision.update('cam', null)
    await vision.keepCoverage()
    const before = [...hours.values()].reduce((sum, { frames }) => sum + frames, 0)
    const looks = scenes.length
    await vision.update('cam', one.config)
    await until(() => scenes.length > looks)
    await vision.close()
    const after = [...hours.values()]
    expect(after.reduce((sum, { inferred }) => sum + inferred, 0)).toBe(scenes.length)
    expect(after.reduce((sum, { frames }) => sum + frames, 0)).toBeGreaterThan(before)
    for (const hour of after) expect(balance(hour)).toBe(0)
  })

  it('a camera that goes dark is told to the rules with its cause, and again when it is looked at', { timeout: 60_000 }, async () => {
    shown = { cam: 0 }
    start([camera('cam', { algorithms: [{ rule: 'parking', everyS: 3 }], pinned: true })])
    await until(() => scenes.length > 0)
    shown = {}
    await until(() => news.some(({ algorithms }) => algorithms.length > 0))
    expect(news.at(-1)).toMatchObject({ camera: 'cam', cause: 'source_lost', algorithms: ['parking'] })
    shown = { cam: 0 }
    server.closeAllConnections()
    await until(() => news.at(-1)?.algorithms.length === 0)
    await vision.keepCoverage()
    const lost = [...hours.values()].reduce((sum, { blindMs }) => sum + (blindMs.source_lost ?? 0), 0)
    expect(lost).toBeGreaterThan(0)
  })
})
