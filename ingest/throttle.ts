import { SECOND } from '../domain/time.ts'

/** A bucket that fills with `perSecond` tokens and holds a second's worth. Time is an argument, in ms of any steady clock. */
export class Throttle {
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#at = now
  }

  /** Takes a token if there is one. */
  take(now: number): boolean {
    this.#fill(now)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Takes tokens that may still have to come: how long to wait for the last of them, in ms. */
  wait(now: number, tokens = 1): number {
    this.#fill(now)
    this.#tokens -= tokens
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * SECOND
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) / SECOND) * this.#perSecond)
    this.#at = now
  }
}
