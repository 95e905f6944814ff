/**
 * So many inferences at once, whatever the number of models and their threads: two that share a core are both late.
 * Whoever asks first goes first.
 */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Calls `go` when it is its turn, at once if it can; whoever has had it gives it back. */
  ask(go: () => void): void {
    if (this.#free === 0) this.#waiting.push(go)
    else {
      this.#free--
      go()
    }
  }

  /** Somebody waits for a turn. */
  get wanted(): boolean {
    return this.#waiting.length > 0
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}

export interface Crew {
  /** Threads of the runtime inside one inference. */
  threads: number
  /** Worker threads per model. */
  workers: number
  /** Inferences at once, of all models together. */
  turns: number
}

/** Loading a model in each of many workers costs memory; more than this is to be asked for. */
const MOST_WORKERS = 4

/**
 * How many threads may work without two of them fighting over a core: threads × workers ≤ cores. Without a wish for
 * workers one core is left to the platform. `why` says aloud what of the wishes the machine cannot give.
 */
export function crewFor(cores: number, wish: { threads: number; workers: number | null }): Crew & { why: string | null } {
  const threads = Math.min(wish.threads, cores)
  const most = Math.max(1, Math.floor(cores / threads))
  const workers = wish.workers === null ? Math.max(1, Math.min(MOST_WORKERS, Math.floor((cores - 1) / threads))) : Math.min(wish.workers, most)
  const asked = `${wish.threads} threads × ${wish.workers ?? 1} workers`
  const why = threads < wish.threads || workers < (wish.workers ?? 1) ? `${asked} would fight over ${cores} cores; it is ${threads} × ${workers}` : null
  return { threads, workers, turns: most, why }
}
