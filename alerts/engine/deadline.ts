import type { Offset } from '../../domain/ids.ts'
import type { Seen, Watch } from '../../rules/watch.ts'

/** A turn of the engine that took too long. `rule`: the one that it was seen at most of the time, if there is one. */
export interface Overrun {
  offset: Offset
  rule: { id: string; version: number } | undefined
}

/** How often the engine is looked at within its deadline. */
export const LOOKS = 20

/**
 * Looks at the engine in even steps and says when one turn was seen at so many of them. Looks are counted, not
 * milliseconds: after the whole process was stopped for a while, one look is missing and not a deadline over.
 */
export class Deadline {
  #turn = 0
  #looks = 0
  readonly #rules = new Map<string, number>()

  look({ turn, offset, rule }: Seen): Overrun | undefined {
    if (turn !== this.#turn || turn % 2 === 0) this.#begin(turn)
    if (turn % 2 === 0) return undefined
    this.#looks++
    const name = rule && `${rule.id} ${rule.version}`
    if (name) this.#rules.set(name, (this.#rules.get(name) ?? 0) + 1)
    if (this.#looks < LOOKS) return undefined
    const guilty = name !== undefined && (this.#rules.get(name) ?? 0) > this.#looks / 2
    this.#begin(turn)
    return { offset, rule: guilty ? rule : undefined }
  }

  #begin(turn: number): void {
    this.#turn = turn
    this.#looks = 0
    this.#rules.clear()
  }
}

/** Looks until it is stopped. */
export function watchDeadline(watch: Watch, deadlineMs: number, overran: (overrun: Overrun) => void): () => void {
  const deadline = new Deadline()
  const timer = setInterval(() => {
    const overrun = deadline.look(watch.look())
    if (overrun) overran(overrun)
  }, deadlineMs / LOOKS)
  return () => clearInterval(timer)
}
