import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { overlap } from '../domain/box.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import { findFfmpeg } from '../drivers/ffmpeg.ts'
import type { Scene } from './scene.ts'
import { writeSpotModel } from './spot-model.fixture.ts'
import { type PastLook, Tracker } from './tracking/tracker.ts'
import { startVision, type Vision } from './vision.ts'

/** What a camera's frames become beyond the model's boxes: real video, real model, real places. */
const START = Date.parse('2026-11-21T09:00:00+08:00')
const log = { info: () => undefined, warn: () => undefined }
const ROAD = {
  id: 'lane',
  type: 'road',
  polygon: [
    [0, 0.2],
    [1, 0.2],
    [1, 1],
    [0, 1],
  ],
}
const SOIL = [0.4, 0.5, 0.25, 0.25] as const
const corner = (x: number, y: number, east: number, north: number) => ({ picture: [x, y], lon: 121.39 + east * 1e-5, lat: 37.54 + north * 1e-5 })
const CALIBRATION = { points: [corner(0, 1, 0, 0), corner(1, 1, 100, 0), corner(0.8, 0.2, 100, 200), corner(0.2, 0.2, 0, 200)] }

let folder: string
let clip: string
let vision: Vision | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-road-'))
  clip = join(folder, 'road.mp4')
  await writeSpotModel(folder)
  const { path } = await findFfmpeg()
  // Grey asphalt for twelve seconds; from the fourth on a heap of soil lies on it.
  const [x, y, w, h] = SOIL.map((share) => share * 640)
  const soil = `drawbox=x=${x}:y=${y}:w=${w}:h=${h}:color=0x7e6242:t=fill:enable='gte(t,4)'`
  await promisify(execFile)(path, ['-f', 'lavfi', '-i', 'color=0x606164:s=640x640:r=2:d=12', '-vf', soil, '-c:v', 'mpeg4', '-q:v', '2', '-y', clip])
})
afterEach(async () => {
  await vision?.close()
  vision = undefined
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function watched(more: object, past: PastLook[] = []): Promise<Scene[]> {
  const scenes: Scene[] = []
  const config = CameraConfigSchema.parse({ source: { type: 'file', path: clip, start: new Date(START).toISOString() }, model: 'spot', fps: 2, keepScore: 0.9, ...more })
  const emit = async (scene: Scene) => void scenes.push(scene)
  vision = startVision({ cameras: [{ id: 'cam', config }], models: [folder], emit, log, now: () => Date.now(), past: async () => past })
  await vi.waitUntil(() => vision?.status().cam?.state === 'ended', { timeout: 20_000, interval: 5 })
  return scenes
}

describe('a camera over a road', () => {
  it('sees what has come to lie there, with a track, its zone and a place on the map', async () => {
    const scenes = await watched({ zones: [ROAD], calibration: CALIBRATION })
    const found = scenes.flatMap(({ at, payload }) => payload.objects.map((object) => ({ second: (at - START) / 1000, ...object })))
    // It lies there from the fourth second; three seconds confirm it.
    expect(found.map(({ second }) => second)).toEqual([7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5])
    for (const { label, box, zones, track, lon, lat, errorM } of found) {
      expect([label, zones, track]).toEqual(['new-object', ['lane'], found[0]?.track])
      expect(overlap(box, SOIL)).toBeGreaterThan(0.7)
      expect(lon).toBeCloseTo(121.3905, 3)
      expect(lat).toBeGreaterThan(37.54)
      expect(errorM).toBeGreaterThan(0.5)
      expect(errorM).toBeLessThan(20)
    }
  })

  it('looks for nothing where no zone is a road', async () => {
    const scenes = await watched({ zones: [{ ...ROAD, type: 'no-parking' }] })
    expect(scenes).toHaveLength(24)
    expect(scenes.flatMap(({ payload }) => payload.objects)).toEqual([])
  })

  it('goes on where the run before was ended, with the names that it gave', async () => {
    const objects = [{ label: 'new-object', score: 0.9, box: [...SOIL] as [number, number, number, number], track: 'before-t7' }]
    const past = [3000, 3500, 4000, 4500, 5000, 5500].map((ms) => ({ at: START + ms, objects }))
    const scenes = await watched({ zones: [ROAD], keepScore: 0.2 }, past)
    expect(scenes[0]?.at).toBe(START + 6000)
    expect(scenes.at(-1)?.at).toBe(START + 11_500)
    const tracker = new Tracker('x')
    tracker.restore(past, { strong: 0.5, maxAgeMs: 10_000 })
    expect(tracker.update(START + 6000, [{ label: 'new-object', score: 0.8, box: [...SOIL] }], { strong: 0.5, maxAgeMs: 10_000 })).toEqual(['before-t7'])
  })
})
