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
 *   node bench/ingest.ts [--seconds 10] [--connections 8] [--rate 0] …      (all options of load.ts)
 *
 * The journal is written below `data/`, on the file system that the platform itself uses. All numbers are of this
 * machine with the load generator on it; only the ratio travels.
 */

/** What is measured: something that takes MQTT. A whole platform can stand here as well. */
export interface SystemUnderTest {
  mqttPort: number
  /** CPU time of the broker, in µs, with what else the system measured of itself. */
  stop(): Promise<Record<string, unknown>>
}

export interface Load {
  acked: number
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

interface OwnMeasures {
  cpu?: { user: number; system: number }
  commits?: { commits: number; p50Ms: number; p99Ms: number }
  counters?: { received: number; kept: number }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const raw = await measure(startRaw, args)
  const platform = await measure(startIngestRoom, args)
  const { cpu, commits, counters } = platform.own as OwnMeasures
  if (counters?.kept !== counters?.received) throw new Error(`not all of the load was kept: ${JSON.stringify(counters)}`)
  const result = {
    raw: raw.load.perSecond,
    platform: platform.load.perSecond,
    ratio: Number((platform.load.perSecond / raw.load.perSecond).toFixed(2)),
    p50: platform.load.p50,
    p99: platform.load.p99,
    rawP50: raw.load.p50,
    rawP99: raw.load.p99,
    brokerCpuUsPerMessage: cpu && counters ? Number(((cpu.user + cpu.system) / counters.received).toFixed(2)) : null,
    messagesPerCommit: commits && counters ? Math.round(counters.received / commits.commits) : null,
    commitP50: commits?.p50Ms ?? null,
    commitP99: commits?.p99Ms ?? null,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
