import type { Instant } from '../../domain/time.ts'

/** A camera that is looked at by single pictures. */
export interface Stop {
  /** Longest allowed time between two looks, ms. */
  readonly every: number
  /** Gets one picture: what has it looked at, or undefined when the camera gave none. Neither rejects. */
  fetch(): Promise<(() => Promise<void>) | undefined>
}

export interface RotationOptions {
  /** Visits under way at once, those to slow cameras apart. */
  concurrency: number
  now(): Instant
  /** Calls `run` in `ms`; returns how to call it off. */
  later(ms: number, run: () => void): () => void
}

/** A visit begins when this share of the interval is over: the rest is for the way. */
const EARLY = 0.9
/** A camera that has not answered by now gives up its place, and one that gave nothing the last time gets none: both are awaited beside the others. Who waits for the dead must not make the living wait. */
const SLOW_MS = 1500
/** For each place so many cameras may be awaited so. */
const SLOW_MOST = 8
const FIRST_RETRY_MS = 15_000

interface Round {
  stop: Stop
  /** When its next visit is due to begin. */
  at: Instant
  failures: number
  visiting: Promise<void> | undefined
}

/** Visits cameras one after another, each within its interval, with few requests under way and one timer for all that wait. */
export class Rotation {
  readonly #options: RotationOptions
  readonly #rounds = new Map<Stop, Round>()
  #busy = 0
  #slow = 0
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
    const { now, later } = this.#options
    for (;;) {
      const at = now()
      const next = this.#next(at)
      if (!next) return
      if (next.at > at) {
        this.#callOff?.()
        this.#callOff = later(next.at - at, () => this.#serve())
        return
      }
      next.visiting = this.#visit(next, at)
    }
  }

  /** Who is visited next, of those that there is room for: due first, and the living before the dead. */
  #next(at: Instant): Round | undefined {
    const { concurrency } = this.#options
    const roomForLost = this.#slow < concurrency * SLOW_MOST
    const room = roomForLost && this.#busy < concurrency
    let [living, lost]: (Round | undefined)[] = []
    if (!roomForLost) return undefined
    for (const round of this.#rounds.values()) {
      if (round.visiting) continue
      if (round.failures > 0) {
        if (!lost || round.at < lost.at) lost = round
      } else if (room && (!living || round.at < living.at)) living = round
    }
    if (!living || !lost) return living ?? lost
    return living.at <= at || living.at <= lost.at ? living : lost
  }

  async #visit(round: Round, began: Instant): Promise<void> {
    const look = await this.#fetch(round)
    await look?.()
    this.#busy--
    round.failures = look ? 0 : round.failures + 1
    const { every } = round.stop
    round.at = look ? began + EARLY * every : this.#options.now() + Math.min(EARLY * every, FIRST_RETRY_MS * 2 ** (round.failures - 1))
    round.visiting = undefined
    this.#serve()
  }

  /** Holds a place until it has an answer or is slow; with its answer it has one again. */
  async #fetch({ stop, failures }: Round): ReturnType<Stop['fetch']> {
    let slow = failures > 0
    if (slow) this.#slow++
    else this.#busy++
    const callOff = this.#options.later(SLOW_MS, () => {
      if (slow) return
      slow = true
      this.#busy--
      this.#slow++
      this.#serve()
    })
    const look = await stop.fetch()
    callOff()
    if (slow) {
      this.#slow--
      this.#busy++
    }
    return look
  }
}
