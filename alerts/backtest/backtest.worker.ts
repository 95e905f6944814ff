import { setPriority } from 'node:os'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../domain/errors.ts'
import type { FromPart, PartJob } from './messages.ts'
import { runPart } from './part.ts'

/** The thread of one part of a backtest. It reads what is stored, with connections of its own, and writes nothing. */
const main = parentPort as MessagePort
const job = workerData as PartJob
const stop = new Int32Array(job.stop)
const PROGRESS_MS = 100

/** Ingest and engine go first. Only on Linux does this mean the thread alone; elsewhere it would slow the platform down. */
function stepBack(): void {
  const LEAST = 19
  if (process.platform === 'linux') setPriority(0, LEAST)
}

let told = 0
function progress(done: number): void {
  const now = performance.now()
  if (now - told < PROGRESS_MS) return
  told = now
  say({ type: 'progress', done })
}

function say(message: FromPart): void {
  main.postMessage(message)
}

stepBack()
try {
  const result = await runPart(job, { progress, stopped: () => Atomics.load(stop, 0) !== 0 })
  say(result ? { type: 'done', result } : { type: 'stopped' })
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal'
  say({ type: 'failed', why: `${code}: ${messageOf(error)}` })
}
