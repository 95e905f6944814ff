/**
 * Lines that wait to be sent, oldest first, in batches. It holds at most `limit` lines: what no longer fits is dropped
 * from the old end, a batch at a time, and the count is the answer. A chart with a hole in the past is of more use than
 * one that ends there.
 */
export class LineQueue {
  readonly #batchLines: number
  readonly #limit: number
  readonly #batches: string[][] = []
  #length = 0

  constructor({ batchLines, limit }: { batchLines: number; limit: number }) {
    this.#batchLines = batchLines
    this.#limit = limit
  }

  get length(): number {
    return this.#length
  }

  /** Takes a line; answers how many old ones had to go. */
  push(line: string): number {
    const last = this.#batches.at(-1)
    if (last !== undefined && last.length < this.#batchLines) last.push(line)
    else this.#batches.push([line])
    this.#length++
    return this.#length > this.#limit ? this.#drop() : 0
  }

  /** The oldest batch leaves the queue. */
  shift(): string[] | undefined {
    const batch = this.#batches.shift()
    this.#length -= batch?.length ?? 0
    return batch
  }

  /** A batch that could not be sent comes back as the oldest; answers how many of its lines found no room. */
  unshift(batch: string[]): number {
    if (this.#length + batch.length > this.#limit) return batch.length
    this.#batches.unshift(batch)
    this.#length += batch.length
    return 0
  }

  #drop(): number {
    return this.shift()?.length ?? 0
  }
}
