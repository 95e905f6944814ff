import { once } from 'node:events'
import { type MessagePort, Worker } from 'node:worker_threads'
import { type Observable, Subject } from 'rxjs'
import { CodedError } from '../../domain/errors.ts'
import type { AssetChange } from '../../domain/feed.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Digest } from '../../domain/projection.ts'
import type { AssetTrace } from '../../rules/explain.ts'
import type { EnginePaths, EngineStats, ExplainQuery, FromEngine, ToEngine } from './messages.ts'

export interface EngineOptions {
  paths: EnginePaths
  historyDays: number
  /** How far the book has got: the engine starts at or before it. */
  bookOffset(): Promise<Offset>
  /** A fresh port that says `{head}` after each commit. */
  headPort(): MessagePort
  /** Journals a tick; its failure is the journal's to report. */
  tick(): Promise<void>
  failed(error: unknown): void
}

export interface EngineThread {
  digests$: Observable<Digest>
  latest$: Observable<AssetChange[]>
  /** Sets it to work: what it says before somebody listens would be lost. */
  begin(): void
  stats(): EngineStats | undefined
  /** The book has projected up to here. */
  applied(through: Offset): void
  /** Undefined: the engine does not know the asset. Throws `not_ready` while it does not run. */
  explain(query: ExplainQuery): Promise<AssetTrace | undefined>
  state(): 'starting' | 'running' | 'restarting' | 'stopped'
  close(): Promise<void>
}

const RESTART_MS = 1000

/**
 * Runs the engine in a thread of its own and starts it again from its snapshot if the thread dies. Rejects when it
 * cannot even start for the first time.
 */
export async function startEngine(options: EngineOptions): Promise<EngineThread> {
  const digests$ = new Subject<Digest>()
  const latest$ = new Subject<AssetChange[]>()
  /** The thread, while it lives. */
  let worker: Worker | undefined
  let begun = false
  let again: NodeJS.Timeout | undefined
  let state: ReturnType<EngineThread['state']> = 'starting'
  let stats: EngineStats | undefined

  const asked = new Map<number, { resolve(trace: AssetTrace | undefined): void; reject(error: Error): void }>()
  let lastAsked = 0

  const ready = Promise.withResolvers<void>()

  const say = (message: ToEngine, transfer: MessagePort[] = []): void => worker?.postMessage(message, transfer)

  function hear(message: FromEngine): void {
    switch (message.type) {
      case 'ready':
        state = 'running'
        ready.resolve()
        return
      case 'digest':
        digests$.next(message.digest)
        return
      case 'latest':
        latest$.next(message.changes)
        return
      case 'tick':
        options.tick().catch(options.failed)
        return
      case 'stats':
        stats = message.stats
        return
      case 'explained':
        asked.get(message.id)?.resolve(message.trace)
        asked.delete(message.id)
        return
      case 'failed':
        options.failed(new Error(message.why))
        return
    }
  }

  async function run(): Promise<void> {
    const bookOffset = await options.bookOffset()
    if (state === 'stopped') return
    worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { workerData: { paths: options.paths, bookOffset, historyDays: options.historyDays } })
    worker.on('message', hear)
    worker.on('error', (error) => (state === 'starting' ? ready.reject(error) : options.failed(error)))
    worker.on('exit', () => {
      worker = undefined
      for (const { reject } of asked.values()) reject(new CodedError('not_ready', 'The engine stopped while it was asked.'))
      asked.clear()
      if (state === 'stopped' || state === 'starting') return
      state = 'restarting'
      again = setTimeout(() => run().catch(options.failed), RESTART_MS)
    })
    if (begun) follow()
  }

  function follow(): void {
    const port = options.headPort()
    say({ type: 'heads', port }, [port])
  }

  await run()
  await ready.promise
  return {
    digests$,
    latest$,
    begin: () => {
      begun = true
      follow()
    },
    stats: () => stats,
    applied: (through) => say({ type: 'applied', through }),
    explain: (query) => {
      if (!worker || state !== 'running') throw new CodedError('not_ready', `The engine is ${state}.`)
      const { promise, resolve, reject } = Promise.withResolvers<AssetTrace | undefined>()
      asked.set(++lastAsked, { resolve, reject })
      say({ type: 'explain', id: lastAsked, query })
      return promise
    },
    state: () => state,
    close: async () => {
      state = 'stopped'
      clearTimeout(again)
      if (!worker) return
      const exited = once(worker, 'exit')
      say({ type: 'stop' })
      await exited
    },
  }
}
