import type { Instant } from '../../domain/time.ts'

/** A camera that is looked at by single pictures. */
export interface Stop {
  /** Longest allowed time between two looks, ms. */
  readonly every: number
  /** Gets one picture and has it looked at. False: the camera gave none. Never rejects. */
  visit(): Promise<boolean>
}

export interface RotationOptions {
  /** Visits under way at once. */
  concurrency: number
  now(): Instant
  /** Calls `run` in `ms`; returns how to call it off. */
  later(ms: number, run: () => void): () => void
}

/** A visit begins when this share of the interval is over: the rest is for the way. */
const EARLY = 0.9
/** Of the visits under way so many go to cameras that gave nothing the last time: those who wait for the dead must not make the living wait. */
const LOST_SHARE = 0.25
const FIRST_RETRY_MS = 15_000

interface Round {
  stop: Stop
  /** When its next visit is due to begin. */
  at: Instant
  failures: number
  visiting: Promise<void> | undefined
}

/** Visits cameras one after another, each within its interval, with few requests under way and one timer for all of them. */
export class Rotation {
  readonly #options: RotationOptions
  readonly #rounds = new Map<Stop, Round>()
  #visiting = { found: 0, lost: 0 }
  #callOff: (() => void) | undefined

  constructor(options: RotationOptions) {
    this.#options = options
  }

  /** The first visit is due at once. */
  add(stop: Stop): void {
    this.#rounds.set(stop, { stop, at: this.#options.now(), failures: 0, visiting: undefined })
    this.#serve()
  }

  /** Resolves when no visit of it is under way any more. */
  async remove(stop: Stop): Promise<void> {
    const round = this.#rounds.get(stop)
    this.#rounds.delete(stop)
    await round?.visiting
  }

  get size(): number {
    return this.#rounds.size
  }

  #serve(): void {
    this.#callOff?.()
    this.#callOff = undefined
    const { now, later, concurrency } = this.#options
    const at = now()
    const lostMost = Math.max(1, Math.floor(concurrency * LOST_SHARE))
    for (;;) {
      const next = this.#next(this.#visiting.found + this.#visiting.lost < concurrency, this.#visiting.lost < lostMost)
      if (!next) return
      if (next.at > at) {
        this.#callOff = later(next.at - at, () => this.#serve())
        return
      }
      next.visiting = this.#visit(next, at)
    }
  }

  /** Who is due first among those that may be visited now. */
  #next(room: boolean, roomForLost: boolean): Round | undefined {
    if (!room) return undefined
    let first: Round | undefined
    for (const round of this.#rounds.values()) {
      if (round.visiting || (round.failures > 0 && !roomForLost)) continue
      if (!first || round.at < first.at) first = round
    }
    return first
  }

  async #visit(round: Round, began: Instant): Promise<void> {
    const kind = round.failures > 0 ? 'lost' : 'found'
    this.#visiting[kind]++
    const found = await round.stop.visit()
    this.#visiting[kind]--
    round.failures = found ? 0 : round.failures + 1
    const { every } = round.stop
    round.at = found ? began + EARLY * every : this.#options.now() + Math.min(EARLY * every, FIRST_RETRY_MS * 2 ** (round.failures - 1))
    round.visiting = undefined
    this.#serve()
  }
}
