import { Worker } from 'node:worker_threads'
import { CodedError } from '../domain/errors.ts'
import type { Answer, Ask, Picture, SessionData, Tell } from './session.worker.ts'
import type { Backoff } from './sources/backoff.ts'

/** What a thread made of the pictures that it was given. */
export type Outcome = { answers: Answer[] } | { lost: 'crashed' | 'failed' | 'stopped'; why: string }

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
  data: SessionData
  worker: URL
  /** An inference that takes longer has hung: the thread is ended and started anew. */
  deadlineMs: number
  backoff: Backoff
}

interface Task {
  id: number
  resolve(outcome: Outcome): void
  deadline: NodeJS.Timeout
}

/** One worker thread with one model, which is started anew after a while when it is lost. */
export class SessionThread {
  readonly #options: ThreadOptions
  readonly #hooks: ThreadHooks
  #worker: Worker | undefined
  #task: Task | undefined
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
    return this.#ready && !this.#task
  }

  /** Only for an idle thread. `give`: the pictures' buffers go with them; else they are copied and outlive a crash. */
  run(pictures: Picture[], give: boolean): Promise<Outcome> {
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#task = { id, resolve, deadline: setTimeout(() => void this.#worker?.terminate(), this.#options.deadlineMs) }
      const ask: Ask = { id, pictures }
      this.#worker?.postMessage(ask, give ? pictures.map(({ rgb }) => rgb.buffer) : [])
    })
  }

  async close(): Promise<void> {
    this.#done = true
    clearTimeout(this.#restart)
    this.#settle({ lost: 'stopped', why: 'the session is closed' })
    await this.#worker?.terminate()
  }

  #start(): void {
    const worker = new Worker(this.#options.worker, { workerData: this.#options.data, execArgv: [] })
    this.#worker = worker
    let why = 'it ended'
    worker.on('message', (message: Tell) => this.#heard(message))
    worker.on('error', (error) => {
      why = error.message
    })
    worker.once('exit', () => this.#exited(why))
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
        if (message.id === this.#task?.id) this.#settle({ answers: message.answers })
        break
      case 'failed':
        if (message.id === this.#task?.id) this.#settle({ lost: 'failed', why: message.why })
        break
    }
  }

  #settle(outcome: Outcome): void {
    const task = this.#task
    this.#task = undefined
    if (!task) return
    clearTimeout(task.deadline)
    task.resolve(outcome)
  }

  #exited(why: string): void {
    this.#ready = false
    if (!this.#done) {
      this.#hooks.lost(why)
      this.#restart = setTimeout(() => this.#start(), this.#options.backoff.next())
    }
    this.#settle({ lost: 'crashed', why })
  }
}
