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
  now(): Instant
  /** Calls `run` in `ms`; returns how to call it off. */
  later(ms: number, run: () => void): () => void
}

/** What one model can do. */
interface Lane {
  /** Desks that use it, and looks that may be under way at once. */
  users: number
  slots: number
  busy: number
  /** When it last became free, and how long a look takes it, ms: a running mean. */
  freeAt: number
  costMs: number
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

  /** Somebody uses this model, `slots` looks at once at the most; call what is returned when they no longer do. */
  join(model: object, slots: number): () => void {
    const lane = this.#lanes.get(model) ?? { users: 0, slots, busy: 0, freeAt: 0, costMs: 0 }
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
  looksPerSecond(threads = 1): number {
    const costMs = this.#costMs()
    return costMs === 0 ? 0 : this.#options.budget.looksPerSecond(costMs, threads)
  }

  #serve(): void {
    this.#callOff?.()
    this.#callOff = undefined
    for (;;) {
      const desks = [...this.#waiting].filter(([, model]) => this.#hasSlot(model)).map(([desk]) => desk)
      if (desks.length === 0) return
      const { now, later, budget } = this.#options
      const at = now()
      const desk = desks[choose(desks, at, this.#costMs())] as Desk
      const lane = this.#lanes.get(this.#waiting.get(desk) as object) as Lane
      const waitMs = budget.waitMs(at, lane.costMs)
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
    lane.busy--
    const at = this.#options.now()
    const costMs = Math.max(0, at - Math.max(began, lane.freeAt))
    lane.freeAt = at
    lane.costMs = lane.costMs === 0 ? costMs : lane.costMs + NEWEST * (costMs - lane.costMs)
    this.#options.budget.spend(at, costMs)
    this.#serve()
  }

  #hasSlot(model: object): boolean {
    const lane = this.#lanes.get(model)
    return lane !== undefined && lane.busy < lane.slots
  }

  /** What a look takes, over all models. */
  #costMs(): number {
    const costs = [...this.#lanes.values()].map(({ costMs }) => costMs).filter((ms) => ms > 0)
    return costs.length === 0 ? 0 : costs.reduce((sum, ms) => sum + ms, 0) / costs.length
  }
}
