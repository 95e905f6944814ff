import type { Instant } from '../../domain/time.ts'
import type { Budget } from './budget.ts'
import { choose, type Waiting } from './choose.ts'

/** A camera that asks for looks. */
export interface Desk extends Readonly<Waiting> {
  /** Takes its newest frame to the model; resolves when the model's slot is free again. Never rejects. */
  look(): Promise<void>
}

export interface SchedulerOptions {
  budget: Budget
  /** Threads inside one look. */
  threads?: number
  now(): Instant
  /** Calls `run` in `ms`; returns how to call it off. */
  later(ms: number, run: () => void): () => void
}

/** What one model can do. */
interface Lane {
  /** Desks that use it, and looks that may be under way at once. */
  users: number
  slots(): number
  busy: number
  /** When it last became free, and how long a look takes it, ms: a running mean. */
  freeAt: number
  costMs: number
  /** How long a look keeps a core busy, ms. */
  coreMs: number
}

/** Share of the newest look in the running mean. */
const NEWEST = 0.1

/** Gives the models' time to cameras, one look after another: whoever is most urgent when a slot becomes free, within the budget. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #lanes = new Map<object, Lane>()
  readonly #waiting = new Map<Desk, object>()
  #callOff: (() => void) | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Somebody uses this model, `slots()` looks at once at the most, which may change while it loads; call what is returned when they no longer do. */
  join(model: object, slots: () => number): () => void {
    const lane = this.#lanes.get(model) ?? { users: 0, slots, busy: 0, freeAt: 0, costMs: 0, coreMs: 0 }
    this.#lanes.set(model, lane)
    lane.users++
    return () => {
      if (--lane.users === 0) this.#lanes.delete(model)
    }
  }

  /** The desk has a frame for a model that it uses. Asking again changes nothing. */
  want(desk: Desk, model: object): void {
    this.#waiting.set(desk, model)
    this.#serve()
  }

  unwant(desk: Desk): void {
    this.#waiting.delete(desk)
  }

  /** Looks a second that the models' measured speed and the budget allow; 0 before the first look. */
  looksPerSecond(): number {
    const costMs = this.#mean(({ costMs }) => costMs)
    return costMs === 0
      ? 0
      : this.#options.budget.looksPerSecond(
          costMs,
          this.#mean(({ coreMs }) => coreMs),
        )
  }

  #serve(): void {
    this.#callOff?.()
    this.#callOff = undefined
    for (;;) {
      const desks = [...this.#waiting].filter(([, model]) => this.#hasSlot(model)).map(([desk]) => desk)
      if (desks.length === 0) return
      const { now, later, budget } = this.#options
      const at = now()
      const desk = desks[
        choose(
          desks,
          at,
          this.#mean(({ costMs }) => costMs),
        )
      ] as Desk
      const lane = this.#lanes.get(this.#waiting.get(desk) as object) as Lane
      const waitMs = budget.waitMs(at, lane.coreMs)
      if (waitMs > 0) {
        this.#callOff = later(Math.ceil(waitMs), () => this.#serve())
        return
      }
      this.#waiting.delete(desk)
      budget.begin(at)
      void this.#run(desk, lane, at)
    }
  }

  async #run(desk: Desk, lane: Lane, began: Instant): Promise<void> {
    lane.busy++
    await desk.look()
    const { budget, threads = 1, now } = this.#options
    const at = now()
    const costMs = Math.max(0, at - Math.max(began, lane.freeAt))
    // One of the slots is for what is ready: the others are at work side by side.
    const coreMs = costMs * threads * Math.min(lane.busy, Math.max(1, lane.slots() - 1))
    lane.busy--
    lane.freeAt = at
    lane.costMs = mean(lane.costMs, costMs)
    lane.coreMs = mean(lane.coreMs, coreMs)
    budget.spend(at, coreMs)
    this.#serve()
  }

  #hasSlot(model: object): boolean {
    const lane = this.#lanes.get(model)
    return lane !== undefined && lane.busy < lane.slots()
  }

  /** Over all models that have looked. */
  #mean(of: (lane: Lane) => number): number {
    const known = [...this.#lanes.values()].map(of).filter((ms) => ms > 0)
    return known.length === 0 ? 0 : known.reduce((sum, ms) => sum + ms, 0) / known.length
  }
}

function mean(before: number, newest: number): number {
  return before === 0 ? newest : before + NEWEST * (newest - before)
}
