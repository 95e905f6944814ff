/** How long to wait before the next try: doubles from `firstMs` to `maxMs`, and starts again after a success. */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  #nextMs: number

  constructor(firstMs = 1000, maxMs = 30_000) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
    this.#nextMs = firstMs
  }

  next(): number {
    const ms = this.#nextMs
    this.#nextMs = Math.min(this.#maxMs, ms * 2)
    return ms
  }

  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
