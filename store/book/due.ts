import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'

/** A loop over work that stands in the book with its times. */
export interface DueLoop {
  /** Something may have become due. */
  kick(): void
  /** Resolves when the work in progress has ended; nothing starts after it. */
  close(): Promise<void>
}

/** After a failure of the work itself (a full disk), long enough not to spin and short enough not to be noticed. */
const AFTER_FAILURE_MS = 5 * SECOND
/** A sleeping loop looks again at least this often, because the wall clock may jump. */
const LONGEST_SLEEP_MS = MINUTE

/**
 * Runs `work` at once, whenever it is kicked, and when what it said was due next is due; never twice at the same time.
 * `work` does everything that is due at `now` and answers when the next thing is (undefined: nothing waits).
 */
export function whenDue(work: (now: Instant) => Promise<Instant | undefined>, now: () => Instant, failed: (error: unknown) => void): DueLoop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let again = false
  let closed = false

  async function run(): Promise<void> {
    let next: Instant | undefined
    do {
      again = false
      next = await work(now()).catch((error: unknown) => {
        failed(error)
        return now() + AFTER_FAILURE_MS
      })
    } while (again && !closed)
    running = undefined
    if (!closed && next !== undefined) timer = setTimeout(kick, Math.min(Math.max(next - now(), 0), LONGEST_SLEEP_MS))
  }

  function kick(): void {
    if (closed) return
    again = true
    if (running !== undefined) return
    clearTimeout(timer)
    running = run()
  }

  kick()
  return {
    kick,
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
