import { HOUR, type Instant } from '../domain/time.ts'

/**
 * The life of one rule on one key, in event time (S5).
 *
 *   idle ──when true──▶ pending ──held `for`──▶ firing ──clearing──▶ recovering ──held clear.for──▶ cooling
 *     ▲                  │   ▲                     ▲                      │                         │    │
 *     ├────when false────┘   │                     └──no longer clearing──┘              when false ▲    ▼ when true
 *     │                      └──────────────── `coolDown` is over ────────────────────────────── waiting │
 *     └─────────────────────────────────────── `coolDown` is over ───────────────────────────────────────┘
 *
 * A rule that reminds goes from pending to `reminded` first, and to firing so long after the reminder was sent; what is
 * false before has left, and is idle. Without a cool-down what has recovered is idle at once. While it cools no hold begins; what is true by the end of it
 * (waiting) begins its hold at that very instant.
 * An unknown condition moves nothing (S4). Only `observe` and `elapse` make a new hold; a hold is immutable, so
 * checkpoints and idle keys share the same objects.
 */
export interface Hold {
  readonly phase: 'idle' | 'pending' | 'firing' | 'recovering' | 'cooling' | 'waiting' | 'reminded'
  /** Event time at which the present hold began: of `when` while pending, firing or recovering; may begin, while cooling or waiting. */
  readonly since: Instant
  /** Event time since which it has been clearing; 0 unless recovering. */
  readonly clearSince: Instant
  /** While reminded: when the reminder was asked for, and from when the wait runs; absent: nobody has answered yet. */
  readonly askedAt?: Instant
  readonly remindedAt?: Instant
}

export const IDLE: Hold = { phase: 'idle', since: 0, clearSince: 0 }

export interface HoldTimes {
  forMs: number
  clearMs: number
  coolMs: number
  /** How long after the reminder; undefined: nobody is reminded. */
  waitMs?: number | undefined
}

/** A reminder of which nobody says what became of it counts as not sent after so long: no alert waits for ever. */
export const UNANSWERED_MS = HOUR

/** What became of a hold, in order. `at` is the event time: of the observation, or when the timer was due (S2). */
export type HoldEvent =
  | { what: 'raised'; at: Instant; since: Instant }
  | { what: 'recovering' | 'refired' | 'resolved'; at: Instant }
  | { what: 'remind'; at: Instant; since: Instant }
  | { what: 'left'; at: Instant; reminded: boolean }

/** True, false or unknown, for `when` and for clearing. */
export interface Judgement {
  when: boolean | undefined
  clear: boolean | undefined
}

/** Event time at which the hold changes by itself, Infinity if it does not. */
export function dueAt(hold: Hold, times: HoldTimes): Instant {
  switch (hold.phase) {
    case 'pending':
      return hold.since + times.forMs
    case 'recovering':
      return hold.clearSince + times.clearMs
    case 'cooling':
    case 'waiting':
      return hold.since
    case 'reminded':
      return (hold.remindedAt ?? (hold.askedAt ?? hold.since) + UNANSWERED_MS) + (times.waitMs ?? 0)
    case 'idle':
    case 'firing':
      return Infinity
  }
}

/** Time passes up to `to`: holds that are due by then end satisfied. */
export function elapse(hold: Hold, times: HoldTimes, to: Instant, events: HoldEvent[]): Hold {
  const due = dueAt(hold, times)
  if (due > to) return hold
  switch (hold.phase) {
    case 'idle':
    case 'firing':
      return hold
    case 'pending':
      if (times.waitMs !== undefined) {
        events.push({ what: 'remind', at: due, since: hold.since })
        return { phase: 'reminded', since: hold.since, clearSince: 0, askedAt: due }
      }
      events.push({ what: 'raised', at: due, since: hold.since })
      return { phase: 'firing', since: hold.since, clearSince: 0 }
    case 'reminded':
      events.push({ what: 'raised', at: due, since: hold.since })
      return { phase: 'firing', since: hold.since, clearSince: 0 }
    case 'recovering':
      events.push({ what: 'resolved', at: due })
      return times.coolMs > 0 ? elapse({ phase: 'cooling', since: due + times.coolMs, clearSince: 0 }, times, to, events) : IDLE
    case 'cooling':
      return IDLE
    case 'waiting':
      return elapse({ phase: 'pending', since: hold.since, clearSince: 0 }, times, to, events)
  }
}

/** The condition is judged at event time `at`; holds due by then must have elapsed before. */
export function observe(hold: Hold, at: Instant, judged: Judgement, events: HoldEvent[]): Hold {
  switch (hold.phase) {
    case 'idle':
      return judged.when === true ? { phase: 'pending', since: at, clearSince: 0 } : hold
    case 'pending':
      return judged.when === false ? IDLE : hold
    case 'reminded':
      if (judged.when !== false) return hold
      events.push({ what: 'left', at, reminded: hold.remindedAt !== undefined })
      return IDLE
    case 'firing':
      if (judged.clear !== true) return hold
      events.push({ what: 'recovering', at })
      return { phase: 'recovering', since: hold.since, clearSince: at }
    case 'recovering':
      if (judged.clear !== false) return hold
      events.push({ what: 'refired', at })
      return { phase: 'firing', since: hold.since, clearSince: 0 }
    case 'cooling':
      return judged.when === true ? { ...hold, phase: 'waiting' } : hold
    case 'waiting':
      return judged.when === false ? { ...hold, phase: 'cooling' } : hold
  }
}

/** Whether the hold goes on measuring: what a condition remembers for its hold is kept so long. */
export function isHeld({ phase }: Hold): boolean {
  return phase !== 'idle' && phase !== 'cooling'
}
