import type { CodedError } from '../domain/errors.ts'
import type { Detection } from './detector.ts'
import type { Size } from './letterbox.ts'
import { DEAD_AFTER } from './liveness.ts'
import type { AnyManifest, ModelFile } from './models/manifest.ts'
import type { Device } from './onnx.ts'
import type { Answer, Picture } from './session.worker.ts'
import { type Outcome, SessionThread } from './session-thread.ts'
import { Backoff } from './sources/backoff.ts'
import { Turns } from './turns.ts'

export interface SessionOptions {
  file: ModelFile<AnyManifest>
  /** Threads of the runtime inside one inference. */
  threads: number
  /** Worker threads, each with the model of its own. */
  workers?: number
  device?: Device
  /** Pictures that wait are run together, at most so many, by a model that takes many. */
  batch?: number
  /** Shared with the other models of the machine. */
  turns?: Turns
  /** An inference that takes longer has hung: its thread is ended and started anew. */
  deadlineMs?: number
  /** Of a worker's restarts; each has its own. */
  backoff?(): Backoff
  onRestart?(why: string): void
  /** The model does not run where it was asked to. */
  onFallback?(why: string): void
  /** The model gave equal scores for so many differing pictures; 0: it has come back to life. */
  onStill?(pictures: number): void
  /** For tests: a worker that breaks on purpose. */
  worker?: URL
}

/** Why a picture has no answer: its thread crashed, the model refused it, the session was closed. */
export interface Lost {
  lost: 'crashed' | 'failed' | 'stopped'
  why: string
}
/** What an inference came to: the model's answer, or that the frame was lost with its thread. */
export type Inferred = { detections: Detection[] } | Lost

interface Waiting extends Picture {
  /** The first call counts. */
  resolve(inferred: Answer | Lost): void
  reject(error: CodedError): void
  /** Its thread was lost while it ran with others: the next time it is run by itself. */
  alone: boolean
}

const WORKER = new URL('./session.worker.ts', import.meta.url)
const DEADLINE_MS = 30_000
const CLOSED: Lost = { lost: 'stopped', why: 'the session is closed' }
const CALLED_OFF: Lost = { lost: 'stopped', why: 'nobody waits for it any more' }
/** An inference that has begun may come to its end for so long after it was called off: most do, and what they saw counts. */
const GRACE_MS = 2000

/**
 * One model in worker threads. A crash of a thread loses the frame that it was busy with, nothing else: frames that wait are
 * given to the others, or to its successor, which starts after 1 … 30 s; frames that were run together are run again one
 * by one, so that only the guilty one is lost. A model that cannot be used at all is `model.invalid` or `model.dead` for
 * every call.
 */
export class Session<A extends Answer = { detections: Detection[] }> {
  readonly #options: SessionOptions
  readonly #turns: Turns
  readonly #threads: SessionThread[]
  readonly #queue: Waiting[] = []
  /** Threads that have had a turn and not given it back. */
  readonly #turnsOf = new Set<SessionThread>()
  /** Turns that were asked for and have not come. */
  #asked = 0
  #unusable: CodedError | undefined
  #closed = false
  #dead = false
  /** Threads lost so far. */
  restarts = 0
  /** Where it runs; null until the first thread is ready. */
  device: Device | null = null

  constructor(options: SessionOptions) {
    this.#options = options
    const { file, threads, workers = 1, device = 'cpu', worker = WORKER, deadlineMs = DEADLINE_MS } = options
    this.#turns = options.turns ?? new Turns(workers)
    const data = { file, threads, device }
    this.#threads = Array.from({ length: workers }, () => new SessionThread({ data, worker, deadlineMs, backoff: options.backoff?.() ?? new Backoff() }, this.#hooks()))
  }

  /** For so many differing pictures in a row every score was the same: what it says means nothing. */
  get dead(): boolean {
    return this.#dead
  }

  /** All of its threads were lost and none is back: what waits for them does not wait for others. */
  get down(): boolean {
    return this.#threads.every(({ down }) => down)
  }

  /** Frames that it can use at once: those that its threads run, and one that is ready. */
  get slots(): number {
    const together = this.#threads.some(({ batches }) => batches) ? (this.#options.batch ?? 1) : 1
    return this.#threads.length * together + 1
  }

  /**
   * Runs one frame; its buffer is given away. Asked while others run, it waits its turn. When `signal` aborts, a frame that
   * waits is `stopped` at once and one that has begun after two seconds: a thread that cannot load or hangs answers never.
   * Throws `model.invalid`, `model.dead`.
   */
  async infer(rgb: Uint8Array<ArrayBuffer>, picture: Size, floor: number, signal?: AbortSignal): Promise<A | Lost> {
    if (this.#unusable) throw this.#unusable
    if (this.#closed) return CLOSED
    if (signal?.aborted) return CALLED_OFF
    const { promise, resolve, reject } = Promise.withResolvers<A | Lost>()
    // The answers of a model are those of its kind.
    const waiting: Waiting = { rgb, picture, floor, alone: false, resolve: resolve as Waiting['resolve'], reject }
    this.#queue.push(waiting)
    let late: NodeJS.Timeout | undefined
    const callOff = () => {
      late = this.#takeBack(waiting)
    }
    signal?.addEventListener('abort', callOff, { once: true })
    this.#next()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', callOff)
      clearTimeout(late)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#queue.splice(0)) waiting.resolve(CLOSED)
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  #hooks(): ConstructorParameters<typeof SessionThread>[1] {
    return {
      ready: ({ device, fallback }) => {
        const first = this.device === null
        this.device = device
        if (fallback !== null && first) this.#options.onFallback?.(fallback)
        this.#next()
      },
      unusable: (error) => {
        this.#unusable = error
        for (const waiting of this.#queue.splice(0)) waiting.reject(error)
      },
      lost: (why) => {
        this.restarts++
        this.#options.onRestart?.(why)
      },
      still: (pictures) => this.#heardStill(pictures),
    }
  }

  #heardStill(pictures: number): void {
    // Another worker may be behind in its count: only a sign of life ends it.
    const dead = pictures >= DEAD_AFTER || (this.#dead && pictures > 0)
    if (dead !== this.#dead) this.#options.onStill?.(dead ? pictures : 0)
    this.#dead = dead
  }

  #takeBack(waiting: Waiting): NodeJS.Timeout | undefined {
    const place = this.#queue.indexOf(waiting)
    if (place < 0) return setTimeout(() => waiting.resolve(CALLED_OFF), GRACE_MS)
    this.#queue.splice(place, 1)
    waiting.resolve(CALLED_OFF)
    return undefined
  }

  /** Asks for as many turns as there are idle threads with something to do, and lays something ready for the busy ones. */
  #next(): void {
    // Counted anew each time: a turn that comes at once makes one of them busy.
    while (this.#asked < Math.min(this.#idle(), this.#queue.length)) {
      this.#asked++
      this.#turns.ask(() => this.#go())
    }
    this.#layReady()
  }

  /**
   * A lone thread that has to ask for its next picture stands still meanwhile. It keeps its turn for it, so nobody else may
   * be waiting for one. Of several threads any may be free first: nothing is laid behind one that may be slow.
   */
  #layReady(): void {
    const [thread, ...others] = this.#threads
    if (!thread?.takesAhead || thread.batches || others.length > 0 || this.#turns.wanted || this.#queue[0]?.alone !== false) return
    this.#run(thread, this.#queue.splice(0, 1))
  }

  #idle(): number {
    return this.#threads.filter(({ idle }) => idle).length
  }

  /** It is our turn. What was to be done may be gone meanwhile. */
  #go(): void {
    this.#asked--
    const thread = this.#threads.find(({ idle }) => idle)
    const batch = thread ? this.#take(thread.batches) : []
    if (!thread || batch.length === 0) {
      this.#turns.give()
      return
    }
    this.#turnsOf.add(thread)
    this.#run(thread, batch)
  }

  #run(thread: SessionThread, batch: readonly Waiting[]): void {
    const pictures = batch.map(({ rgb, picture, floor }) => ({ rgb, picture, floor }))
    // What lies ready behind another may have to be run elsewhere.
    if (thread.busy) for (const waiting of batch) waiting.rgb = waiting.rgb.slice()
    void thread.run(pictures, batch.length === 1).then((outcome) => {
      if (!thread.busy && this.#turnsOf.delete(thread)) this.#turns.give()
      this.#settle(batch, outcome)
      this.#next()
    })
  }

  /** What is run next: one, or what waits, shared among the idle threads. */
  #take(batches: boolean): Waiting[] {
    if (!batches || this.#queue[0]?.alone) return this.#queue.splice(0, 1)
    const alone = this.#queue.findIndex((waiting) => waiting.alone)
    const free = alone < 0 ? this.#queue.length : alone
    return this.#queue.splice(0, Math.min(free, this.#options.batch ?? 1, Math.ceil(this.#queue.length / this.#idle())))
  }

  #settle(batch: readonly Waiting[], outcome: Outcome): void {
    if ('answers' in outcome) {
      batch.forEach((waiting, index) => {
        waiting.resolve(outcome.answers[index] as Answer)
      })
      return
    }
    const { lost, why } = outcome
    if (lost === 'not_begun') {
      if (this.#closed) for (const waiting of batch) waiting.resolve(CLOSED)
      else this.#queue.unshift(...batch)
    } else if (lost !== 'stopped' && batch.length > 1) {
      for (const waiting of batch) waiting.alone = true
      this.#queue.unshift(...batch)
    } else for (const waiting of batch) waiting.resolve({ lost, why })
  }
}
