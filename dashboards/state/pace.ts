export interface PaceWorld {
  now: () => number
  later: (ms: number, run: () => void) => () => void
}

/**
 * Gathers items and hands them over in batches at most once per `everyMs`: the first at once, so that a lone alert
 * is not made to wait, the rest together. A burst of a thousand events costs the page one render, not a thousand.
 */
export function createPace<T>(everyMs: number, hand: (batch: T[]) => void, world: PaceWorld): { add: (item: T) => void; close: () => void } {
  let waiting: T[] = []
  let last = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined

  const flush = (): void => {
    cancel = undefined
    last = world.now()
    const batch = waiting
    waiting = []
    hand(batch)
  }
  return {
    add: (item) => {
      waiting.push(item)
      if (cancel) return
      const wait = last + everyMs - world.now()
      if (wait <= 0) flush()
      else cancel = world.later(wait, flush)
    },
    close: () => {
      cancel?.()
      cancel = undefined
      waiting = []
    },
  }
}
