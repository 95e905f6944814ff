import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What is measured: something in a process of its own that takes MQTT. */
export interface System {
  mqtt: number
  http?: number
  /** Passwords by gateway and a reader's token, for systems that ask. */
  passwords?: Record<string, string>
  token?: string
  /** What it measured of itself until now. */
  measure(): Promise<Measures>
  stop(): Promise<void>
  child: ChildProcess
}
/** Where a load goes. */
export type Target = Pick<System, 'mqtt' | 'passwords' | 'token'>

/** CPU time in µs. */
export interface Cpu {
  user: number
  system: number
}

/** What a system says of itself; raw aedes knows its CPU time only. */
export interface Measures {
  processCpu: Cpu
  counters?: { received: number; kept: number }
  commits?: { commits: number; p50Ms: number; p99Ms: number; flushP99Ms: number }
  head?: number
  engine?: { offset: number; cpu: Cpu }
  brokerCpu?: Cpu
  journalCpu?: Cpu
  mainCpu?: Cpu
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Starts a process that prints `ready {…}`, answers every message with its measures, and ends when told to. */
async function start(file: string, args: readonly string[]): Promise<System> {
  const child: ChildProcess = spawn(process.execPath, [here(file), ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [ready] = (await once(lines, 'line')) as [string]
  return {
    ...(JSON.parse(ready.replace(/^ready /, '')) as Pick<System, 'mqtt' | 'http' | 'passwords' | 'token'>),
    child,
    measure: async () => {
      child.send('measure')
      const [measures] = (await once(child, 'message')) as [Measures]
      return measures
    },
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'close')
    },
  }
}

export const startRaw = (): Promise<System> => start('./raw-aedes.ts', [])
export const startWhole = (gateways: readonly string[]): Promise<System> => start('./platform-process.ts', [gateways.join(',')])
/** The whole platform, which runs a backtest over a stored day when it is told to. */
export const startBacktesting = (gateways: readonly string[], day: object): Promise<System> => start('./backtest-process.ts', [gateways.join(','), JSON.stringify(day)])

/** Runs a load process against a system; its one line of JSON. `heard` is told when it begins and ends to measure. */
export async function load<T>(file: string, target: Target, args: readonly string[], heard?: (what: 'measuring' | 'measured') => void): Promise<T> {
  const env = { ...process.env, BENCH_PASSWORDS: JSON.stringify(target.passwords ?? {}), BENCH_TOKEN: target.token ?? '' }
  const child = spawn(process.execPath, [here(file), '--port', String(target.mqtt), ...args], { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  let out = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.on('message', (message) => heard?.(message as 'measuring' | 'measured'))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`${file} ended with ${code}`)
  return JSON.parse(out) as T
}

/** One live view that reads everything, as an operator's page does. */
export function watchFeed(system: System): () => void {
  const controller = new AbortController()
  const read = async (): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${system.http}/api/v1/feed`, { headers: { authorization: `Bearer ${system.token}` }, signal: controller.signal })
    if (!answer.ok || !answer.body) throw new Error(`the feed answered ${answer.status}`)
    for await (const _chunk of answer.body) if (controller.signal.aborted) return
  }
  read().catch((error: unknown) => {
    if (!controller.signal.aborted) process.stderr.write(`the feed broke: ${String(error)}\n`)
  })
  return () => controller.abort()
}
