import type { Instant } from '../domain/time.ts'

/** Wake-ups by clock, earliest first; equal clocks in order of asset id, so that replay wakes in the same order. */
export class WakeQueue {
  readonly #heap: { clock: Instant; id: string }[] = []

  get next(): Instant {
    return this.#heap[0]?.clock ?? Infinity
  }

  push(clock: Instant, id: string): void {
    const heap = this.#heap
    let i = heap.length
    heap.push({ clock, id })
    for (let parent = (i - 1) >> 1; i > 0 && before(heap, i, parent); i = parent, parent = (i - 1) >> 1) swap(heap, i, parent)
  }

  /** Takes the earliest wake-up if it is due by `clock`. */
  pop(clock: Instant): { clock: Instant; id: string } | undefined {
    const heap = this.#heap
    const top = heap[0]
    if (!top || top.clock > clock) return undefined
    const last = heap.pop()
    if (last && heap.length > 0) {
      heap[0] = last
      sink(heap)
    }
    return top
  }
}

type Heap = { clock: Instant; id: string }[]

function before(heap: Heap, i: number, j: number): boolean {
  const a = heap[i]
  const b = heap[j]
  return a !== undefined && b !== undefined && (a.clock < b.clock || (a.clock === b.clock && a.id < b.id))
}

function swap(heap: Heap, i: number, j: number): void {
  const [a, b] = [heap[i], heap[j]]
  if (a && b) {
    heap[i] = b
    heap[j] = a
  }
}

function sink(heap: Heap): void {
  for (let i = 0; ; ) {
    let least = i
    for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(heap, child, least)) least = child
    if (least === i) return
    swap(heap, i, least)
    i = least
  }
}
