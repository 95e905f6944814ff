/** A clock that stands still until it is told to go: timers run in their order, and what they set going runs between them. */
export class VirtualClock {
  #now: number
  #timers: { at: number; run: () => void }[] = []
  /** How many timers were set, for those that promise to need few. */
  set = 0

  constructor(now = 0) {
    this.#now = now
  }

  readonly now = (): number => this.#now

  readonly later = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    this.set++
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  get pending(): number {
    return this.#timers.length
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.later(ms, resolve)
      this.set--
    })
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const next = this.#timers.reduce<{ at: number; run: () => void } | undefined>((first, timer) => (!first || timer.at < first.at ? timer : first), undefined)
      if (!next || next.at > end) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = end
    await settle()
  }
}

/** Lets everything run that waits for nothing but its turn. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
