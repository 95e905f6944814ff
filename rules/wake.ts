import type { Instant } from '../domain/time.ts'

/** One asset's place in the queue. */
export interface Wake {
  readonly id: string
  clock: Instant
  /** The queue's own: the clock that it stands at, never after `clock`, and its place in the heap. */
  stands: Instant
  slot: number
}

export function newWake(id: string): Wake {
  return { id, clock: Infinity, stands: Infinity, slot: -1 }
}

/**
 * Wake-ups by clock, earliest first; equal clocks in order of asset id. Each asset wakes at the very clock that its state
 * asked for last, so that the order is a function of the state: the same before a restart, after it and in a replay (S14).
 * A wake-up that is put off, as every observation does, stays where it stands until it comes to the front.
 */
export class WakeQueue {
  readonly #heap: Wake[] = []

  get next(): Instant {
    return this.#front()?.clock ?? Infinity
  }

  /** Asks for an asset's wake-up at `clock`; Infinity: not at all, and what is no time neither, which no order knows. */
  set(wake: Wake, asked: Instant): void {
    const clock = Number.isNaN(asked) ? Infinity : asked
    wake.clock = clock
    if (clock >= wake.stands) return
    wake.stands = clock
    if (wake.slot < 0) this.#put(wake, this.#heap.length)
    this.#rise(wake)
  }

  /** Takes the earliest wake-up if it is due by `clock`. */
  pop(clock: Instant): Wake | undefined {
    const front = this.#front()
    if (!front || front.clock > clock) return undefined
    this.#remove(front)
    front.clock = Infinity
    return front
  }

  /** The earliest one, after those that were put off have moved back. */
  #front(): Wake | undefined {
    for (;;) {
      const top = this.#heap[0]
      if (!top || top.stands === top.clock) return top
      if (top.clock === Infinity) this.#remove(top)
      else {
        top.stands = top.clock
        this.#sink(top)
      }
    }
  }

  #remove(wake: Wake): void {
    const last = this.#heap.pop()
    if (last && last !== wake) {
      this.#put(last, wake.slot)
      this.#rise(last)
      this.#sink(last)
    }
    wake.slot = -1
    wake.stands = Infinity
  }

  #rise(wake: Wake): void {
    for (;;) {
      const above = this.#heap[(wake.slot - 1) >> 1]
      if (wake.slot === 0 || !above || !before(wake, above)) return
      this.#swap(wake, above)
    }
  }

  #sink(wake: Wake): void {
    for (;;) {
      const [left, right] = [this.#heap[2 * wake.slot + 1], this.#heap[2 * wake.slot + 2]]
      const least = right && left && before(right, left) ? right : left
      if (!least || !before(least, wake)) return
      this.#swap(wake, least)
    }
  }

  #swap(a: Wake, b: Wake): void {
    const slot = a.slot
    this.#put(a, b.slot)
    this.#put(b, slot)
  }

  #put(wake: Wake, slot: number): void {
    this.#heap[slot] = wake
    wake.slot = slot
  }
}

function before(a: Wake, b: Wake): boolean {
  return a.stands < b.stands || (a.stands === b.stands && a.id < b.id)
}
