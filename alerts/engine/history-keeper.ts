import { messageOf } from '../../domain/errors.ts'
import type { Observation } from '../../domain/observation.ts'
import type { SqliteHistory } from '../../store/history/writer.ts'

/** Why the history cannot be written, and whether the engine stands still until it can. */
export interface HistoryFault {
  why: string
  waiting: boolean
}

/** An alert must not wait behind a flush: so many chunks are written at a turn of this thread, in about a millisecond. */
const CHUNKS_PER_TURN = 16
/** How often a history that the disk refused is tried again. */
const RETRY_MS = 1000

/**
 * Brings the history to the disk between the engine's turns. A disk that refuses (a full one) stops nothing at first:
 * what waits stays in memory and is tried again. When there is no room left for more, whoever reads the journal must
 * wait: what is not read yet is safe there.
 */
export class HistoryKeeper {
  readonly #history: SqliteHistory
  readonly #failed: (why: string) => void
  /** A flush is under way: the next of its turns is arranged. */
  #writing = false
  #cancel: () => void = () => undefined
  #why: string | undefined
  #waiting: (() => void)[] = []

  /** `failed` is told once each time that the disk begins to refuse. */
  constructor(history: SqliteHistory, failed: (why: string) => void) {
    this.#history = history
    this.#failed = failed
  }

  get fault(): HistoryFault | undefined {
    return this.#why === undefined ? undefined : { why: this.#why, waiting: this.#history.crowded }
  }

  /** Takes an observation whose payload lies as JSON text in a larger buffer. */
  keep(observation: Observation, body: Uint8Array, start: number, end: number): void {
    try {
      this.#history.addText(observation, body, start, end)
    } catch (error) {
      this.#refused(error)
    }
  }

  /** Everything kept so far goes to the disk; returns at once. */
  flush(): void {
    this.#history.begin()
    if (!this.#writing) this.#write()
  }

  flushIfDue(): void {
    if (this.#history.due) this.flush()
  }

  /** Resolves when there is room for more, at once if there is. */
  room(): Promise<void> {
    return this.fault?.waiting ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve()
  }

  /** Writes what is left, if the disk takes it; the next start takes the rest from the journal. */
  close(): void {
    this.#cancel()
    try {
      this.#history.close()
    } catch (error) {
      this.#failed(`the history could not be written to its end; the next start takes the rest from the journal: ${messageOf(error)}`)
    }
  }

  #write(): void {
    try {
      const before = this.#history.flushed()
      this.#writing = this.#history.step(CHUNKS_PER_TURN)
      // On a full disk the first chunks may find room: only a flush that came to its end shows that the disk takes it.
      if (!this.#writing || this.#history.flushed() > before) this.#taken()
      if (this.#writing) this.#soon()
    } catch (error) {
      this.#refused(error)
    }
  }

  #taken(): void {
    this.#why = undefined
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #refused(error: unknown): void {
    if (this.#why === undefined) this.#failed(`the history cannot be written and is tried again: ${messageOf(error)}`)
    this.#why = messageOf(error)
    this.#later()
  }

  #soon(): void {
    const turn = setImmediate(() => this.#write())
    this.#cancel = () => clearImmediate(turn)
  }

  #later(): void {
    this.#cancel()
    this.#writing = true
    const turn = setTimeout(() => this.#write(), RETRY_MS)
    this.#cancel = () => clearTimeout(turn)
  }
}
