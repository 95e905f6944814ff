import { Worker } from 'node:worker_threads'

/**
 * Carries the log of a history into its file in a thread of its own: it copies and flushes what a flush wrote, which
 * takes tens of milliseconds, and neither the writer nor readers wait for it. Without it the log would only grow longer,
 * so whatever goes wrong there harms nothing, and the next run tries again.
 */
export class Checkpoints {
  readonly #path: string
  #worker: Worker | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Returns at once. */
  run(): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage('checkpoint')
  }

  close(): void {
    this.#worker?.postMessage('close')
    this.#worker = undefined
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint.worker.ts', import.meta.url), { workerData: this.#path, resourceLimits: { maxOldGenerationSizeMb: 32 } })
    const gone = () => {
      if (this.#worker === worker) this.#worker = undefined
    }
    worker.on('error', gone).on('exit', gone).unref()
    return worker
  }
}
