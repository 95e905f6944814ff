import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RtspCamera, whyNoRtspServer } from '../../drivers/rtsp-server.fixture.ts'
import { Health, type HealthChange } from '../health/health.ts'
import { ManifestSchema } from '../models/manifest.ts'
import { Backoff } from './backoff.ts'
import { openSource } from './source.ts'

const why = whyNoRtspServer()
const input = ManifestSchema.shape.input.parse({ name: 'x', width: 128, height: 128, colour: 'rgb', fit: 'letterbox' })
/** Event time runs so many times as fast as the wall clock: a minute of a frozen picture passes in three seconds. */
const FAST = 20

describe.skipIf(why !== undefined)(`a camera that drops, freezes and returns (${why ?? "GStreamer's RTSP server"})`, () => {
  let folder: string
  let camera: RtspCamera
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanglou-camera-'))
    camera = await RtspCamera.start(folder)
  })
  afterAll(async () => {
    await camera.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is told as lost, back, frozen and well, and leaves no process', { timeout: 120_000 }, async () => {
    const stop = new AbortController()
    const began = Date.now()
    const now = () => began + (Date.now() - began) * FAST
    const health = new Health()
    const told: HealthChange[] = []
    const errors: string[] = []
    const watching = watch({ url: camera.url, now, signal: stop.signal, health, told, errors })
    const states = () => told.map(({ state, picture }) => picture ?? state)
    const soon = (...expected: string[]) => vi.waitUntil(() => states().join() === expected.join(), { timeout: 50_000, interval: 20 })

    await soon('ok')
    await camera.tell('drop')
    await soon('ok', 'offline')
    await camera.tell('return')
    await soon('ok', 'offline', 'ok')
    await camera.tell('freeze')
    await soon('ok', 'offline', 'ok', 'frozen')
    await camera.tell('live')
    await soon('ok', 'offline', 'ok', 'frozen', 'ok')
    expect(ffmpegs(process.pid)).toBe(1)
    stop.abort()
    await watching
    expect(ffmpegs(process.pid)).toBe(0)
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.join()).not.toMatch(/p%40ss|p@ss|admin/)
  })

  it('that stops sending while the connection stays is noticed, and another camera is not hurt', { timeout: 60_000 }, async () => {
    const stop = new AbortController()
    const needs = { fps: 5, input, now: Date.now }
    const frames = openSource({ type: 'rtsp', url: camera.url }, needs, stop.signal)
    await frames.next()
    await camera.tell('stall')
    const stalled = (async () => {
      for await (const _ of frames);
    })().catch((error: unknown) => error)
    expect(await stalled).toMatchObject({ code: 'source.failed' })
    await camera.tell('live')
    const again = openSource({ type: 'rtsp', url: camera.url }, needs, stop.signal)
    expect((await again.next()).value?.picture).toEqual({ width: 320, height: 180 })
    await again.return()
    expect(ffmpegs(process.pid)).toBe(0)
  })
})

interface Watched {
  url: string
  now(): number
  signal: AbortSignal
  health: Health
  told: HealthChange[]
  errors: string[]
}

/** As a camera is watched, without a model. */
async function watch({ url, now, signal, health, told, errors }: Watched): Promise<void> {
  const backoff = new Backoff(100, 400)
  while (!signal.aborted) {
    try {
      for await (const frame of openSource({ type: 'rtsp', url }, { fps: 5, input, now }, signal)) {
        told.push(...health.look(frame.at, frame.rgb, { input, picture: frame.picture }))
        backoff.reset()
      }
    } catch (error) {
      errors.push(String(error))
      told.push(...health.lost(now()))
    }
    await wait(backoff.next(), undefined, { signal }).catch(() => undefined)
  }
}

/** Living ffmpeg processes that this process started. */
function ffmpegs(parent: number): number {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return stat.includes('(ffmpeg)') && Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]) === parent
      } catch {
        return false
      }
    }).length
}
