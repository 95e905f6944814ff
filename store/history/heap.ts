/** A binary heap: the least of many, without keeping the rest in order. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent] as T
      if (this.#compare(item, above) >= 0) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }

  pop(): T | undefined {
    const [least] = this.#items
    const last = this.#items.pop()
    if (this.#items.length > 0 && last !== undefined) this.#sink(last)
    return least
  }

  #sink(item: T): void {
    const items = this.#items
    let at = 0
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      const right = child + 1
      if (right < items.length && this.#compare(items[right] as T, items[child] as T) < 0) child = right
      if (this.#compare(item, items[child] as T) <= 0) break
      items[at] = items[child] as T
      at = child
    }
    items[at] = item
  }
}
