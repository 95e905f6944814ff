import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type CameraConfig, CameraConfigSchema } from '../../domain/camera.ts'
import { totalOf } from '../../domain/coverage.ts'
import { configuredPairs } from '../../inference/schedule/pair.ts'
import { startVision, type Vision } from '../../inference/vision.ts'
import { startIngest } from '../../ingest/ingest.ts'
import { openStills } from '../../store/stills.ts'
import { given, round } from '../given.ts'
import { MODEL, MODELS } from '../inference/material.ts'
import { type Promised, Witness } from './witness.ts'

/** The platform's cameras, journal and stills in a process of its own, looking at the street's. Prints what it saw. */
const { port, minutes, cameras, pinned, load } = given({ port: 0, minutes: 10, cameras: 470, pinned: 10, load: 0.7 })
/** So long the speed of a look is measured, fetching and decoding included. */
const CALIBRATE_MS = 15_000
const folder = mkdtempSync(join(tmpdir(), 'wanglou-bench-'))
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const ingest = await startIngest({ dataDir: folder, mqtt: { host: '127.0.0.1', port: 0 }, authenticate: () => Promise.reject(new Error('nobody')), log: quiet })
const stills = await openStills({ folder: join(folder, 'stills') })
const witness = new Witness()
const looks: number[] = []

function watch(configs: readonly { id: string; config: CameraConfig }[]): Vision {
  return startVision({
    cameras: configs,
    models: MODELS,
    stills,
    async emit(scene) {
      await ingest.observe([{ kind: 'scene', device: scene.camera, gateway: 'platform', payload: scene.payload }])
      witness.look(scene.camera, Date.now())
    },
    schedule: { rotation: { fromMs: 3000, concurrency: 16, visitMs: 10_000 } },
    coverage: { before: [], keep: async (hours) => witness.keep(hours), tell: async (news) => witness.tell(news) },
    onLook: (ms) => looks.push(ms),
    log: quiet,
    now: Date.now,
  })
}

const algorithms = (everyS: number) => [
  { rule: 'vehicle-no-parking', everyS },
  { rule: 'piles', everyS: 2 * everyS },
]
const camera = (index: number, more: object) => ({
  id: `camera-${index}`,
  config: CameraConfigSchema.parse({ source: { type: 'http', url: `http://127.0.0.1:${port}/camera/${index}` }, model: MODEL, ...more }),
})

/** Looks a second that this machine carries, measured with more cameras in the rotation than it can serve; and from it the interval that the budget allows. */
async function calibrate(): Promise<{ looksPerSecond: number; everyS: number }> {
  const vision = watch(
    Array.from({ length: 97 * 3 }, (_, index) => camera(index % 97, { algorithms: algorithms(3), fps: 1 })).map((each, index) => ({ ...each, id: `trial-${index}` })),
  )
  await wait(CALIBRATE_MS / 3)
  const from = looks.length
  await wait(CALIBRATE_MS)
  const looksPerSecond = ((looks.length - from) * 1000) / CALIBRATE_MS
  await vision.close()
  // The pinned ones take up to one look a second each.
  const left = Math.max(1, looksPerSecond * load - pinned)
  return { looksPerSecond: round(looksPerSecond, 1), everyS: Math.max(5, Math.ceil((cameras - pinned) / left)) }
}

function totals(vision: Vision): { frames: number; inferred: number; gated: Record<string, number>; dropped: Record<string, number> } {
  const sum = { frames: 0, inferred: 0, gated: {} as Record<string, number>, dropped: {} as Record<string, number> }
  for (const { frames, inferred, gated, dropped } of Object.values(vision.status())) {
    sum.frames += frames
    sum.inferred += inferred
    for (const [reason, count] of Object.entries(gated)) sum.gated[reason] = (sum.gated[reason] ?? 0) + count
    for (const [reason, count] of Object.entries(dropped)) sum.dropped[reason] = (sum.dropped[reason] ?? 0) + count
  }
  return sum
}

const rssMb = (): number => {
  globalThis.gc?.()
  return round(process.memoryUsage.rss() / 1_048_576, 1)
}

async function measure({ looksPerSecond, everyS }: { looksPerSecond: number; everyS: number }): Promise<object> {
  const configs = Array.from({ length: cameras }, (_, index) =>
    camera(index, { algorithms: algorithms(index < pinned ? 2 : everyS), fps: 1, pinned: index < pinned, gate: { use: index < pinned ? 'always' : 'never', everyS: null } }),
  )
  const pairs = configs.flatMap(({ id, config }): Promised[] => configuredPairs(config, everyS * 1000).map(({ algorithm, everyMs }) => ({ camera: id, algorithm, everyMs })))
  looks.length = 0
  const begun = Date.now()
  const cpu = process.cpuUsage()
  const vision = watch(configs)
  const memory: number[] = []
  for (let part = 0; part < 10; part++) {
    await wait(minutes * 6000)
    memory.push(rssMb())
  }
  const running = totals(vision)
  const spent = process.cpuUsage(cpu)
  const ended = Date.now()
  await vision.keepCoverage()
  const coverage = witness.judge(pairs, begun, ended)
  const states = Map.groupBy(Object.values(vision.status()), ({ state }) => state)
  await vision.close()
  const { frames, inferred, gated, dropped } = running
  const under = frames - inferred - totalOf(gated) - totalOf(dropped)
  return {
    ...{ cameras, pinned, minutes, looksPerSecond, everyS, inferredPerSecond: round((inferred * 1000) / (ended - begun), 1) },
    ...{ frames, inferred, gated, dropped, underWay: under, balanced: witness.balanced() },
    states: Object.fromEntries([...states].map(([state, all]) => [state, all.length])),
    coverage,
    rssMb: memory,
    coresBusy: round((spent.user + spent.system) / 1000 / (ended - begun)),
    frameToScene: { p50Ms: quantile(looks, 0.5), p99Ms: quantile(looks, 0.99) },
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

try {
  const allowed = await calibrate()
  process.stderr.write(`${allowed.looksPerSecond} looks/s; ${cameras} cameras are looked at every ${allowed.everyS} s\n`)
  process.stdout.write(`${JSON.stringify(await measure(allowed))}\n`)
} finally {
  await ingest.close()
  rmSync(folder, { recursive: true, force: true })
}
