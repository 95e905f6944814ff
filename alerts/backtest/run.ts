import { Worker } from 'node:worker_threads'
import { CodedError } from '../../domain/errors.ts'
import { formatDuration } from '../../domain/time.ts'
import { Watch } from '../../rules/watch.ts'
import { watchDeadline } from '../engine/deadline.ts'
import { mergeParts } from './merge.ts'
import type { FromPart, PartJob, PartResult } from './messages.ts'

export type RunJob = Omit<PartJob, 'part' | 'parts' | 'stop' | 'watch'>
export type RunResult = ReturnType<typeof mergeParts>

export interface Run {
  /** Undefined when it was stopped; rejects when a part failed. */
  result: Promise<RunResult | undefined>
  stop(): void
}

/** A worker that has not stopped of itself by then is ended: a condition may keep it from asking. */
const STOP_MS = 2000
/** More would hurt the platform on the same machine more than an author who has to choose a shorter time. */
const MOST_MEMORY_MB = 2048

/** How long it may take, ms: one record, and all of it. Whoever waits behind it waits no longer. */
export interface RunLimits {
  recordMs: number
  wholeMs: number
}

/** Runs a backtest in workers, each over its part of the assets. `progress` hears how far it is: 0 to 1. Rejects with `rules.too_slow` beyond the limits. */
export function startRun(job: RunJob, parts: number, { recordMs, wholeMs }: RunLimits, progress: (share: number) => void): Run {
  const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const done = new Array<number>(parts).fill(0)
  const watches = done.map(() => new Watch())
  const workers = watches.map(({ buffer: watch }, part) => {
    const workerData: PartJob = { ...job, part, parts, stop, watch }
    return new Worker(new URL('./backtest.worker.ts', import.meta.url), { workerData, resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB } })
  })
  const ended = workers.map((worker, part) =>
    outcomeOf(worker, (share) => {
      done[part] = share
      progress(done.reduce((sum, each) => sum + each, 0) / parts)
    }),
  )
  let killer: NodeJS.Timeout | undefined
  const halt = (): void => {
    Atomics.store(new Int32Array(stop), 0, 1)
    killer ??= setTimeout(() => workers.forEach((worker) => void worker.terminate()), STOP_MS)
  }
  const late = Promise.withResolvers<never>()
  const tooSlow = (why: string): void => late.reject(new CodedError('rules.too_slow', why))
  const unwatch = watches.map((watch) => watchDeadline(watch, recordMs, ({ offset }) => tooSlow(`judging record ${offset} took longer than ${formatDuration(recordMs)}`)))
  const timer = setTimeout(() => tooSlow(`it took longer than ${formatDuration(wholeMs)}; choose a shorter time`), wholeMs)
  const result = Promise.race([Promise.all(ended), late.promise])
    .catch(async (error: unknown) => {
      // One part alone is worth nothing.
      halt()
      await Promise.allSettled(ended)
      throw error
    })
    .finally(() => {
      clearTimeout(killer)
      clearTimeout(timer)
      for (const each of unwatch) each()
    })
  return { stop: halt, result: result.then((results) => (results.every((each) => each !== undefined) ? mergeParts(results) : undefined)) }
}

/** What a worker says last, once its thread has ended: then its files are closed. */
async function outcomeOf(worker: Worker, progress: (share: number) => void): Promise<PartResult | undefined> {
  let last: FromPart | undefined
  worker.on('message', (message: FromPart) => {
    if (message.type === 'progress') progress(message.done)
    else last = message
  })
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => resolve())
  })
  if (last?.type === 'failed') throw new CodedError('internal', last.why)
  return last?.type === 'done' ? last.result : undefined
}
