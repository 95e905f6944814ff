import type { Instant } from '../domain/time.ts'

/** One asset's place in the queue; `slot` is the queue's own. */
export interface Wake {
  readonly id: string
  clock: Instant
  slot: number
}

export function newWake(id: string): Wake {
  return { id, clock: Infinity, slot: -1 }
}

/**
 * Wake-ups by clock, earliest first; equal clocks in order of asset id. Each asset stands in it once, at the very clock
 * that its state asks for, so that the order of wake-ups is a function of the state: the same before a restart, after it
 * and in a replay (S14).
 */
export class WakeQueue {
  readonly #heap: Wake[] = []

  get next(): Instant {
    return this.#heap[0]?.clock ?? Infinity
  }

  /** Moves an asset's wake-up to `clock`; Infinity takes it out. */
  set(wake: Wake, clock: Instant): void {
    if (wake.clock === clock) return
    wake.clock = clock
    if (wake.slot < 0) this.#put(wake, this.#heap.length)
    this.#rise(wake)
    this.#sink(wake)
    if (clock === Infinity) this.#remove(wake)
  }

  /** Takes the earliest wake-up if it is due by `clock`. */
  pop(clock: Instant): Wake | undefined {
    const top = this.#heap[0]
    if (!top || top.clock > clock) return undefined
    this.#remove(top)
    top.clock = Infinity
    return top
  }

  #remove(wake: Wake): void {
    const last = this.#heap.pop()
    if (last && last !== wake) {
      this.#put(last, wake.slot)
      this.#rise(last)
      this.#sink(last)
    }
    wake.slot = -1
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
  return a.clock < b.clock || (a.clock === b.clock && a.id < b.id)
}
