import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type MessagePort, Worker } from 'node:worker_threads'
import { type Observable, Subject } from 'rxjs'
import { CodedError, messageOf } from '../../domain/errors.ts'
import type { AssetChange } from '../../domain/feed.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Digest } from '../../domain/projection.ts'
import type { AssetTrace } from '../../rules/explain.ts'
import type { Quarantine } from '../../rules/state.ts'
import { Watch } from '../../rules/watch.ts'
import { type Overrun, watchDeadline } from './deadline.ts'
import type { EnginePaths, EngineStart, EngineStats, ExplainQuery, FromEngine, ToEngine } from './messages.ts'
import { eachOnce } from './quarantines.ts'

export interface EngineOptions {
  paths: EnginePaths
  historyDays: number
  /** How far the book has got: the engine starts at or before it. */
  bookOffset(): Promise<Offset>
  /** A fresh port that says `{head}` after each commit. */
  headPort(): MessagePort
  /** Journals a tick; its failure is the journal's to report. */
  tick(): Promise<void>
  /** Journals that a version is out. */
  quarantine(quarantine: Quarantine): Promise<void>
  /** So long may a batch of records be judged, ms (S18). */
  deadlineMs: number
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
  /** What ended its thread, until it runs again. */
  fault(): string | undefined
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
  let fault: string | undefined

  const asked = new Map<number, { resolve(trace: AssetTrace | undefined): void; reject(error: Error): void }>()
  let lastAsked = 0

  /** Versions that took too long, found by this process. */
  const out: Quarantine[] = []
  let recovery: Promise<void> = Promise.resolve()
  let unwatch = (): void => {}

  const ready = Promise.withResolvers<void>()

  const say = (message: ToEngine, transfer: MessagePort[] = []): void => worker?.postMessage(message, transfer)

  function hear(message: FromEngine): void {
    switch (message.type) {
      case 'ready':
        state = 'running'
        fault = undefined
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
        if (message.why === undefined) asked.get(message.id)?.resolve(message.trace)
        else asked.get(message.id)?.reject(new Error(message.why))
        asked.delete(message.id)
        return
      case 'quarantine':
        void journalled(message.quarantine)
        return
      case 'failed':
        options.failed(new Error(message.why))
        return
    }
  }

  /** Tries until it is in the journal: from then on it holds for every replay. */
  const journalled = eachOnce(async (quarantine) => {
    options.failed(new Error(`rule ${quarantine.rule} version ${quarantine.version} is quarantined: ${quarantine.why}`))
    while (state !== 'stopped') {
      try {
        return await options.quarantine(quarantine)
      } catch (error) {
        options.failed(error)
        await delay(RESTART_MS)
      }
    }
  })

  /** The only way to stop a rule that does not come back is to end its thread; what it was about to say is lost, and said again without it. */
  async function recover(guilty: Worker, quarantine: Quarantine): Promise<void> {
    await guilty.terminate()
    await journalled(quarantine)
    await run(quarantine.from)
  }

  function overran({ offset, rule }: Overrun): void {
    const seconds = options.deadlineMs / 1000
    if (!worker || !rule) return options.failed(new Error(`the engine has been judging record ${offset} for more than ${seconds} s; no single rule is to blame`))
    const quarantine = { rule: rule.id, version: rule.version, from: offset, why: `judging took longer than ${seconds} s` }
    out.push(quarantine)
    const guilty = worker
    ended('restarting')
    guilty.removeAllListeners()
    guilty.on('error', options.failed)
    recovery = recover(guilty, quarantine).catch(options.failed)
  }

  function ended(next: typeof state): void {
    worker = undefined
    unwatch()
    for (const { reject } of asked.values()) reject(new CodedError('not_ready', 'The engine stopped while it was asked.'))
    asked.clear()
    if (state !== 'stopped' && state !== 'starting') state = next
  }

  async function run(distrustFrom: Offset = Infinity): Promise<void> {
    const bookOffset = await options.bookOffset()
    if (state === 'stopped') return
    const watch = new Watch()
    const start: EngineStart = { paths: options.paths, bookOffset, historyDays: options.historyDays, watch: watch.buffer, quarantines: out, distrustFrom }
    worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { workerData: start })
    unwatch = watchDeadline(watch, options.deadlineMs, overran)
    worker.on('message', hear)
    worker.on('error', (error) => {
      fault = messageOf(error)
      if (state === 'starting') ready.reject(error)
      else options.failed(error)
    })
    worker.on('exit', () => {
      ended('restarting')
      if (state !== 'restarting') return
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
    fault: () => fault,
    close: async () => {
      state = 'stopped'
      clearTimeout(again)
      await recovery
      if (!worker) return
      const exited = once(worker, 'exit')
      say({ type: 'stop' })
      await exited
    },
  }
}
