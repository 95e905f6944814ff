import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { CodedError } from '../domain/errors.ts'
import type { Answer, Ask, Picture, SessionData, Tell } from './session.worker.ts'
import type { Backoff } from './sources/backoff.ts'

/** What a thread made of the pictures that it was given. */
export type Outcome = { answers: Answer[] } | { lost: 'crashed' | 'failed' | 'stopped' | 'not_begun'; why: string }

export interface ThreadHooks {
  /** It can take pictures, for the first time or again. */
  ready(told: Extract<Tell, { what: 'ready' }>): void
  unusable(error: CodedError): void
  /** It was lost and starts again by itself. */
  lost(why: string): void
  /** So many differing pictures in a row had equal scores. */
  still(pictures: number): void
}

export interface ThreadOptions {
  data: Omit<SessionData, 'inside'>
  worker: URL
  /** An inference that takes longer has hung: the thread is ended and started anew. */
  deadlineMs: number
  backoff: Backoff
}

interface Task {
  id: number
  resolve(outcome: Outcome): void
  deadline?: NodeJS.Timeout
}

/** A thread that was told to end and does not has hung for good. */
const END_MS = 10_000
const STEP_MS = 500

/** A worker that was started, until it is replaced. */
interface Running {
  worker: Worker
  inside: Int32Array
  gone: Promise<void>
}

/**
 * One worker thread with one model, which is started anew after a while when it is lost. A thread inside the runtime's own
 * code must not be ended from outside: the runtime would take the whole process with it. It is told to end, and replaced.
 */
export class SessionThread {
  readonly #options: ThreadOptions
  readonly #hooks: ThreadHooks
  #running: Running | undefined
  /** Threads that were given up and may still be at work. */
  #ending: Promise<unknown> = Promise.resolve()
  /** What it is busy with, and what lies ready behind it. */
  readonly #tasks: Task[] = []
  #ready = false
  #done = false
  #restart: NodeJS.Timeout | undefined
  #nextId = 0
  /** It takes several pictures at once. */
  batches = false

  constructor(options: ThreadOptions, hooks: ThreadHooks) {
    this.#options = options
    this.#hooks = hooks
    this.#start()
  }

  get idle(): boolean {
    return this.#ready && this.#tasks.length === 0
  }

  /** It was lost and is not back yet. */
  get down(): boolean {
    return this.#restart !== undefined && !this.#ready
  }

  get busy(): boolean {
    return this.#tasks.length > 0
  }

  /** It is at work, and nothing lies ready for it. */
  get takesAhead(): boolean {
    return this.#ready && this.#tasks.length === 1
  }

  /**
   * Only for a thread that is idle or takes ahead: what is given ahead is begun without a pause, or is `not_begun` when the
   * thread is lost before. `give`: the pictures' buffers go with them; else they are copied and outlive a crash.
   */
  run(pictures: Picture[], give: boolean): Promise<Outcome> {
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#tasks.push({ id, resolve })
      this.#begin()
      const ask: Ask = { id, pictures }
      this.#running?.worker.postMessage(ask, give ? pictures.map(({ rgb }) => rgb.buffer) : [])
    })
  }

  async close(): Promise<void> {
    this.#done = true
    clearTimeout(this.#restart)
    this.#settleAll({ lost: 'stopped', why: 'the session is closed' })
    await Promise.all([this.#ending, this.#running && end(this.#running)])
  }

  #start(): void {
    const inside = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(this.#options.worker, { workerData: { ...this.#options.data, inside } satisfies SessionData, execArgv: [] })
    const gone = Promise.withResolvers<void>()
    const running = { worker, inside, gone: gone.promise }
    this.#running = running
    let why = 'it ended'
    worker.on('message', (message: Tell) => {
      if (this.#running === running) this.#heard(message)
    })
    worker.on('error', (error) => {
      why = error.message
    })
    worker.once('exit', () => {
      gone.resolve()
      if (this.#running === running) this.#lost(why)
    })
  }

  /** What it was asked takes too long: it goes on by itself to its end, and another takes its place. */
  #hung(): void {
    const hung = this.#running
    this.#running = undefined
    this.#lost(`no answer in ${this.#options.deadlineMs} ms`)
    if (hung) this.#ending = Promise.all([this.#ending, end(hung)])
  }

  #heard(message: Tell): void {
    switch (message.what) {
      case 'ready':
        this.#ready = true
        this.batches = message.batches
        this.#hooks.ready(message)
        break
      case 'unusable':
        this.#done = true
        this.#hooks.unusable(new CodedError(message.code, message.why))
        break
      case 'answers':
        this.#options.backoff.reset()
        this.#hooks.still(message.still)
        if (message.id === this.#tasks[0]?.id) this.#settle({ answers: message.answers })
        break
      case 'failed':
        if (message.id === this.#tasks[0]?.id) this.#settle({ lost: 'failed', why: message.why })
        break
    }
  }

  /** The first task's time runs from now on. */
  #begin(): void {
    const [first] = this.#tasks
    if (first) first.deadline ??= setTimeout(() => this.#hung(), this.#options.deadlineMs)
  }

  #settle(outcome: Outcome): void {
    const task = this.#tasks.shift()
    if (!task) return
    clearTimeout(task.deadline)
    this.#begin()
    task.resolve(outcome)
  }

  /** Only the first was begun. */
  #settleAll(outcome: Outcome & { why: string }): void {
    const [first, ...behind] = this.#tasks.splice(0)
    clearTimeout(first?.deadline)
    first?.resolve(outcome)
    for (const task of behind) task.resolve({ lost: 'not_begun', why: outcome.why })
  }

  #lost(why: string): void {
    this.#ready = false
    if (!this.#done) {
      this.#hooks.lost(why)
      this.#restart = setTimeout(() => this.#start(), this.#options.backoff.next())
    }
    this.#settleAll({ lost: 'crashed', why })
  }
}

/** Lets a thread end by itself; one that does not is ended where that harms nobody, or else left to itself. */
async function end({ worker, inside, gone }: Running): Promise<void> {
  worker.postMessage({ id: -1, pictures: [], close: true } satisfies Ask)
  for (let waited = 0; waited < END_MS; waited += STEP_MS) {
    const stop = new AbortController()
    const ended = await Promise.race([gone.then(() => true), wait(STEP_MS, false, { signal: stop.signal })])
    stop.abort()
    if (ended) return
    if (Atomics.load(inside, 0) === 0) {
      await worker.terminate()
      return
    }
  }
  worker.unref()
}
