import { CodedError } from '../../domain/errors.ts'

/**
 * Runs at most `slots` jobs at a time and lets `waiting` more wait. Slow hashes run on the thread pool that file reads
 * use too, and each takes memory: a storm of logins must not stop the rest of the platform.
 */
export class Slots {
  readonly #slots: number
  readonly #waiting: number
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(slots: number, waiting: number) {
    this.#slots = slots
    this.#waiting = waiting
  }

  /** Throws `auth.throttled` when the queue is full. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#slots) {
      if (this.#queue.length >= this.#waiting) throw new CodedError('auth.throttled')
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#queue.push(resolve)
      await promise
    } else this.#running++
    try {
      return await job()
    } finally {
      // A waiting job takes over this one's slot, so that a newcomer cannot jump the queue in between.
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    }
  }
}
