import { Worker } from 'node:worker_threads'
import { CodedError } from '../domain/errors.ts'
import type { Size } from './letterbox.ts'
import type { ModelFile } from './models/manifest.ts'
import type { Detection } from './onnx.ts'
import type { Ask, SessionData, Tell } from './session.worker.ts'
import { Backoff } from './sources/backoff.ts'

export interface SessionOptions {
  file: ModelFile
  /** Threads of the runtime inside one inference. */
  threads: number
  /** An inference that takes longer has hung: its thread is ended and started anew. */
  deadlineMs?: number
  backoff?: Backoff
  onRestart?(why: string): void
  /** For tests: a worker that breaks on purpose. */
  worker?: URL
}

/** What an inference came to: the model's answer, or that the frame was lost with its thread. */
export type Inferred = { detections: Detection[] } | { lost: 'crashed' | 'failed' | 'stopped'; why: string }

interface Waiting {
  ask: Ask
  resolve(inferred: Inferred): void
}

const WORKER = new URL('./session.worker.ts', import.meta.url)
const DEADLINE_MS = 30_000

/**
 * One ONNX session in a worker thread. A crash of the thread loses the frame that it was busy with, nothing else:
 * frames that wait are given to its successor, which starts after 1 … 30 s.
 * A model that cannot be used at all is `model.invalid` for every call.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #backoff: Backoff
  readonly #queue: Waiting[] = []
  #busy: (Waiting & { deadline: NodeJS.Timeout }) | undefined
  #worker: Worker | undefined
  #ready = false
  #invalid: CodedError | undefined
  #restart: NodeJS.Timeout | undefined
  #closed = false
  #nextId = 0
  /** Threads lost so far. */
  restarts = 0

  constructor(options: SessionOptions) {
    this.#options = options
    this.#backoff = options.backoff ?? new Backoff()
    this.#start()
  }

  /** Runs one frame; its buffer is given away. Asked while another runs, it waits its turn. Throws `model.invalid`. */
  infer(rgb: Uint8Array<ArrayBuffer>, picture: Size, floor: number): Promise<Inferred> {
    if (this.#invalid) return Promise.reject(this.#invalid)
    if (this.#closed) return Promise.resolve({ lost: 'stopped', why: 'the session is closed' })
    return new Promise((resolve, reject) => {
      const settle = (inferred: Inferred) => (this.#invalid ? reject(this.#invalid) : resolve(inferred))
      this.#queue.push({ ask: { id: this.#nextId++, rgb, picture, floor }, resolve: settle })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#restart)
    this.#settle({ lost: 'stopped', why: 'the session is closed' })
    this.#drain()
    await this.#worker?.terminate()
  }

  #start(): void {
    const data: SessionData = { file: this.#options.file, threads: this.#options.threads }
    const worker = new Worker(this.#options.worker ?? WORKER, { workerData: data, execArgv: [] })
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
        this.#next()
        break
      case 'invalid':
        this.#invalid = new CodedError('model.invalid', message.why)
        this.#drain()
        break
      case 'detections':
        this.#backoff.reset()
        this.#answer(message.id, { detections: message.detections })
        break
      case 'failed':
        this.#answer(message.id, { lost: 'failed', why: message.why })
        break
    }
  }

  #answer(id: number, inferred: Inferred): void {
    if (this.#busy?.ask.id !== id) return
    this.#settle(inferred)
    this.#next()
  }

  #next(): void {
    if (!this.#ready || this.#busy) return
    const waiting = this.#queue.shift()
    if (!waiting) return
    // One frame at a time: of what waits here, a crash takes nothing.
    const deadline = setTimeout(() => void this.#worker?.terminate(), this.#options.deadlineMs ?? DEADLINE_MS)
    this.#busy = { ...waiting, deadline }
    this.#worker?.postMessage(waiting.ask, [waiting.ask.rgb.buffer])
  }

  #settle(inferred: Inferred): void {
    const busy = this.#busy
    this.#busy = undefined
    if (!busy) return
    clearTimeout(busy.deadline)
    busy.resolve(inferred)
  }

  #drain(): void {
    for (const waiting of this.#queue.splice(0)) waiting.resolve({ lost: 'stopped', why: 'the session is closed' })
  }

  #exited(why: string): void {
    this.#ready = false
    this.#settle({ lost: 'crashed', why })
    if (this.#closed || this.#invalid) return
    this.restarts++
    this.#options.onRestart?.(why)
    this.#restart = setTimeout(() => this.#start(), this.#backoff.next())
  }
}
