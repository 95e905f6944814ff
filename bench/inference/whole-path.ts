import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { CameraConfigSchema } from '../../domain/camera.ts'
import { totalOf } from '../../domain/coverage.ts'
import type { Scene } from '../../inference/scene.ts'
import { startVision, type Vision } from '../../inference/vision.ts'
import { type Ingest, startIngest } from '../../ingest/ingest.ts'
import { given } from '../given.ts'
import { MODEL, MODELS, VIDEO } from './material.ts'

/**
 * The product's own path in a process of its own: video file → ffmpeg → frames → boxes → tracks → scenes in a real journal
 * on disk, each commit flushed. Prints what it measured of itself.
 *
 * `--cameras 0`: one file, as fast as it goes. `--cameras N`: N cameras that play the file in real time, one look a second
 * each at the most, with the gate or without; then CPU time counts, ffmpeg's too, and not speed.
 */
const { seconds, threads, cameras, gate } = given({ seconds: 10, threads: 1, cameras: 0, gate: false })
const WARM_MS = 3000
const folder = mkdtempSync(join(tmpdir(), 'wanglou-bench-'))
const log = {
  info: () => undefined,
  warn: (_: object, message: string) => process.stderr.write(`${message}\n`),
  error: (_: object, message: string) => process.stderr.write(`${message}\n`),
}
const ingest = await startIngest({ dataDir: folder, mqtt: { host: '127.0.0.1', port: 0 }, authenticate: () => Promise.reject(new Error('nobody')), log })
const journal: number[] = []
const looks: number[] = []
const vision = startVision({
  cameras: camerasOf(),
  models: MODELS,
  emit: (scene) => emit(ingest, scene),
  compute: { threads, workers: 1 },
  onLook: (ms) => looks.push(ms),
  log,
  now: Date.now,
})
try {
  while (looks.length < 2 * Math.max(1, cameras)) await wait(100)
  await wait(WARM_MS)
  process.stdout.write(`${JSON.stringify(await measure(vision))}\n`)
} finally {
  await vision.close()
  await ingest.close()
  rmSync(folder, { recursive: true, force: true })
}

function camerasOf() {
  const source = { type: 'file', path: VIDEO.path, loop: true, realtime: cameras > 0 }
  const config = CameraConfigSchema.parse({ source, model: MODEL, fps: cameras > 0 ? 1 : VIDEO.fps, gate: { use: gate ? 'always' : 'never' } })
  return Array.from({ length: Math.max(1, cameras) }, (_, index) => ({ id: `camera-${index}`, config }))
}

async function emit(into: Ingest, scene: Scene): Promise<void> {
  const begun = performance.now()
  await into.observe([{ kind: 'scene', device: scene.camera, gateway: 'platform', payload: scene.payload }])
  journal.push(performance.now() - begun)
}

async function measure(running: Vision): Promise<object> {
  const before = { ...counts(running), cpu: cpuMs(), at: performance.now() }
  journal.length = 0
  looks.length = 0
  await wait(seconds * 1000)
  const after = { ...counts(running), at: performance.now(), cpu: cpuMs() }
  const elapsed = after.at - before.at
  const inferred = after.inferred - before.inferred
  return {
    framesPerSecond: (inferred * 1000) / elapsed,
    frames: after.frames - before.frames,
    inferred,
    gated: after.gated - before.gated,
    dropped: after.dropped - before.dropped,
    p50Ms: quantile(looks, 0.5),
    p99Ms: quantile(looks, 0.99),
    journalMs: journal.reduce((sum, ms) => sum + ms, 0) / Math.max(1, journal.length),
    coresBusy: (after.cpu - before.cpu) / elapsed,
    rssMb: process.memoryUsage.rss() / 1_048_576,
  }
}

function counts(running: Vision): { frames: number; inferred: number; gated: number; dropped: number } {
  const sum = { frames: 0, inferred: 0, gated: 0, dropped: 0 }
  for (const { frames, inferred, gated, dropped } of Object.values(running.status())) {
    sum.frames += frames
    sum.inferred += inferred
    sum.gated += totalOf(gated)
    sum.dropped += totalOf(dropped)
  }
  return sum
}

/** CPU time of this process and of its ffmpegs, which Linux tells in ticks of 10 ms. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  const ticks = children.map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [])
  return (user + system) / 1000 + ticks.reduce((sum, fields) => sum + 10 * (Number(fields[11]) + Number(fields[12])), 0)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
