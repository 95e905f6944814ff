import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * How fast messages are acknowledged, against aedes that keeps nothing.
 *
 *   node bench/ingest.ts [--rounds 3] [--seconds 10] [--connections 16] [--rate 0] …      (all options of load.ts)
 *
 * Both are measured in turn, several rounds, and the median round counts: whatever else the machine does hits both.
 * The journal is written below `data/`, on the file system that the platform itself uses. All numbers are of this
 * machine with the load generator on it; only the ratio travels.
 */

/** What is measured: something that takes MQTT. A whole platform can stand here as well. */
export interface SystemUnderTest {
  mqttPort: number
  /** What the system measured of itself: its CPU time and more. */
  stop(): Promise<Record<string, unknown>>
}

export interface Load {
  acked: number
  /** With those of the warm-up. */
  total: number
  /** CPU time of the generator for one message. */
  cpuUs: number
  perSecond: number
  p50: number
  p90: number
  p99: number
  max: number
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Starts a process that prints `ready PORT` and, when asked to end, perhaps a line of JSON. */
async function startProcess(file: string, args: readonly string[]): Promise<SystemUnderTest> {
  const child: ChildProcess = spawn(process.execPath, [here(file), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [ready] = (await once(lines, 'line')) as [string]
  let last = '{}'
  lines.on('line', (line) => {
    last = line
  })
  const stop = async (): Promise<Record<string, unknown>> => {
    child.kill('SIGTERM')
    await once(child, 'close')
    return JSON.parse(last) as Record<string, unknown>
  }
  return { mqttPort: Number(ready.split(' ')[1]), stop }
}

export function startRaw(): Promise<SystemUnderTest> {
  return startProcess('./raw-aedes.ts', [])
}

export async function startIngestRoom(): Promise<SystemUnderTest> {
  mkdirSync('data', { recursive: true })
  const folder = mkdtempSync(join('data', 'bench-'))
  const system = await startProcess('./ingest-process.ts', [folder])
  const stop = async (): Promise<Record<string, unknown>> => {
    try {
      return await system.stop()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return { ...system, stop }
}

/** Loads a system and stops it. */
export async function measure(start: () => Promise<SystemUnderTest>, args: readonly string[]): Promise<{ load: Load; own: Record<string, unknown> }> {
  const system = await start()
  let own: Record<string, unknown>
  let load: Load
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [here('./load.ts'), '--port', String(system.mqttPort), ...args])
    load = JSON.parse(stdout) as Load
  } finally {
    own = await system.stop()
  }
  return { load, own }
}

interface Cpu {
  user: number
  system: number
}
interface OwnMeasures {
  broker: Cpu
  journal: Cpu
  commits: { commits: number; p50Ms: number; p99Ms: number }
  counters: { received: number; kept: number }
}

/** CPU time for one message, in µs: what other programs do to the wall clock does not touch it. */
function cpuUs({ user, system }: Cpu, messages: number): number {
  return Number(((user + system) / messages).toFixed(2))
}

async function round(args: readonly string[]): Promise<Record<string, number>> {
  const raw = await measure(startRaw, args)
  const platform = await measure(startIngestRoom, args)
  const { broker, journal, commits, counters } = platform.own as unknown as OwnMeasures
  if (counters.kept !== counters.received) throw new Error(`not all of the load was kept: ${JSON.stringify(counters)}`)
  return {
    raw: raw.load.perSecond,
    platform: platform.load.perSecond,
    ratio: Number((platform.load.perSecond / raw.load.perSecond).toFixed(2)),
    p50: platform.load.p50,
    p99: platform.load.p99,
    rawP50: raw.load.p50,
    rawP99: raw.load.p99,
    rawCpuUs: cpuUs(raw.own.cpu as Cpu, raw.load.total),
    brokerCpuUs: cpuUs(broker, counters.received),
    journalCpuUs: cpuUs(journal, counters.received),
    loadCpuUs: Number(platform.load.cpuUs.toFixed(2)),
    messagesPerCommit: Math.round(counters.received / commits.commits),
    commitP50: commits.p50Ms,
    commitP99: commits.p99Ms,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const at = args.indexOf('--rounds')
  const [, rounds = '3'] = at >= 0 ? args.splice(at, 2) : []
  const results: Record<string, number>[] = []
  for (let n = 0; n < Number(rounds); n++) {
    results.push(await round(args))
    process.stderr.write(`${JSON.stringify(results.at(-1))}\n`)
  }
  const median = results.toSorted((a, b) => (a.ratio ?? 0) - (b.ratio ?? 0))[results.length >> 1]
  process.stdout.write(`${JSON.stringify(median)}\n`)
}
