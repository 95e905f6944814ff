import type { Instant } from '../../domain/time.ts'

interface Entry {
  at: Instant
  order: number
  run: (at: Instant) => void
}

/** What happens next, by time; what is due at one time happens in the order in which it was planned. */
export class Agenda {
  readonly #heap: Entry[] = []
  #order = 0

  plan(at: Instant, run: (at: Instant) => void): void {
    const heap = this.#heap
    const entry = { at, order: this.#order++, run }
    let i = heap.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (before(heap[parent] as Entry, entry)) break
      heap[i] = heap[parent] as Entry
      i = parent
    }
    heap[i] = entry
  }

  /** Takes out and returns the first that is due at `to` or before. */
  take(to: Instant): Entry | undefined {
    const heap = this.#heap
    const top = heap[0]
    if (!top || top.at > to) return undefined
    const last = heap.pop() as Entry
    if (heap.length > 0) this.#sink(last)
    return top
  }

  #sink(entry: Entry): void {
    const heap = this.#heap
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++
      if (before(entry, heap[child] as Entry)) break
      heap[i] = heap[child] as Entry
      i = child
    }
    heap[i] = entry
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
