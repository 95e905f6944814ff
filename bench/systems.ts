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
  /** Ends it; what it measured of itself. */
  stop(): Promise<Measures>
}

export interface Measures {
  counters?: { received: number; kept: number }
  commits?: { commits: number; p50Ms: number; p99Ms: number }
  /** CPU time of the broker's thread in µs. */
  brokerCpu?: { user: number; system: number }
  /** Of the whole process, for raw aedes. */
  cpu?: { user: number; system: number }
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Starts a process that prints `ready {…}` and, when told to end, a line of JSON. */
async function start(file: string, args: readonly string[]): Promise<System> {
  const child: ChildProcess = spawn(process.execPath, [here(file), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [ready] = (await once(lines, 'line')) as [string]
  let last = '{}'
  lines.on('line', (line) => {
    last = line
  })
  return {
    ...(JSON.parse(ready.replace(/^ready /, '')) as Omit<System, 'stop'>),
    stop: async () => {
      child.kill('SIGTERM')
      await once(child, 'close')
      return JSON.parse(last) as Measures
    },
  }
}

export const startRaw = (): Promise<System> => start('./raw-aedes.ts', [])
export const startWhole = (gateways: readonly string[]): Promise<System> => start('./platform-process.ts', [gateways.join(',')])

/** Runs a load process against a system; its one line of JSON. */
export async function load<T>(file: string, system: System, args: readonly string[]): Promise<T> {
  const env = { ...process.env, BENCH_PASSWORDS: JSON.stringify(system.passwords ?? {}), BENCH_TOKEN: system.token ?? '' }
  const child = spawn(process.execPath, [here(file), '--port', String(system.mqtt), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
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
