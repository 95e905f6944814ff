/** A set that forgets what was added first. */
export class Bounded<T> {
  readonly #max: number
  readonly #values = new Set<T>()

  constructor(max: number) {
    this.#max = max
  }

  has(value: T): boolean {
    return this.#values.has(value)
  }

  add(value: T): void {
    this.#values.delete(value)
    this.#values.add(value)
    const first = this.#values.values().next()
    if (this.#values.size > this.#max && !first.done) this.#values.delete(first.value)
  }
}
