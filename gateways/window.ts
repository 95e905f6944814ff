/** Numbers in flight, in order. Acknowledgements may come in any order; only a prefix without holes may be forgotten. */
export class Window {
  readonly #order: number[] = []
  readonly #acked = new Set<number>()
  #head = 0

  get size(): number {
    return this.#order.length - this.#head - this.#acked.size
  }

  /** The oldest number that is not acknowledged. */
  get oldest(): number | undefined {
    return this.#order[this.#head]
  }

  sent(n: number): void {
    this.#order.push(n)
  }

  /** The last number of the prefix that is now acknowledged without holes; undefined while the oldest is missing. */
  acked(n: number): number | undefined {
    this.#acked.add(n)
    let through: number | undefined
    for (let head = this.#order[this.#head]; head !== undefined && this.#acked.delete(head); head = this.#order[this.#head]) {
      through = head
      this.#head++
    }
    if (this.#head > 1024) {
      this.#order.splice(0, this.#head)
      this.#head = 0
    }
    return through
  }
}
