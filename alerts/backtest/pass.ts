import { placeOfArea, type Standing } from '../../domain/area.ts'
import type { AssetId } from '../../domain/ids.ts'
import { CLOCK_AHEAD_MS, type Observation } from '../../domain/observation.ts'
import type { HistoryReader } from '../../domain/ports/history.ts'
import type { ControlRecord, JournalRecord } from '../../domain/record.ts'
import type { RuleFile } from '../../domain/rule.ts'
import type { Instant } from '../../domain/time.ts'
import { Engine } from '../../rules/engine.ts'
import { compileRule, type RuleVersion } from '../../rules/rule.ts'
import type { EngineState } from '../../rules/state.ts'
import type { Watch } from '../../rules/watch.ts'
import type { AlertSpan } from '../../store/book/rule-alerts.ts'
import { type Outcome, Outcomes } from './outcomes.ts'
import { putStanding } from './standing.ts'

export interface PassInput {
  /** Undefined: the rule was never live. */
  live: RuleVersion | undefined
  edit: RuleVersion
  /** What the register was told, in journal order, from the first record on. */
  controls: readonly ControlRecord[]
  /** Alerts of the rule that stood when the run begins. */
  standing: readonly AlertSpan[]
  /** Late data is merged with what stands here (S6). */
  history: HistoryReader
  /** Event times between which observations come. */
  start: Instant
  to: Instant
  /** How far the clock goes on after that: the watermark of a device whose messages are long on their way comes behind (S3). */
  until: Instant
  /** Where another thread can see what is judged. */
  watch?: Watch
}

/**
 * One pass of the engine over stored observations, as live as it was: the same engine, the clock of `receivedAt`, with
 * the version that is live and the edit beside it in the lane of versions in shadow, which neither sees the other.
 */
export class Pass {
  readonly #engine: Engine
  readonly #input: PassInput
  readonly #live: Outcomes
  readonly #edit: Outcomes
  #nextControl = 0
  #begun = false
  /** Ticks have no place in the journal: they bear the offset of the record before them. */
  #offset = 0
  observations = 0

  constructor(input: PassInput) {
    const { live, edit, history, to, watch } = input
    this.#input = input
    this.#engine = new Engine(history, undefined, watch && { watch })
    this.#live = new Outcomes(to)
    this.#edit = new Outcomes(to)
    // In force since ever: late data is judged by them wherever it belongs.
    this.#engine.state.rules.set(edit.id, {
      live: live && compileRule({ ...live, state: 'live', areas: undefined, since: 0 }),
      trial: undefined,
      shadow: compileRule({ ...edit, state: 'shadow', areas: undefined, since: 0 }),
    })
  }

  get state(): EngineState {
    return this.#engine.state
  }

  /** Observations in journal order. */
  feed(observations: readonly Observation[]): void {
    for (const observation of observations) {
      this.#begin(observation.offset)
      this.#controlsBefore(observation.offset)
      this.#one(observation)
      this.observations++
    }
  }

  /** Lets time pass up to the end; what each version has raised by then. */
  finish(): { live: Outcome[]; edit: Outcome[] } {
    const { controls, to, until } = this.#input
    this.#begin(Infinity)
    for (let next = controls[this.#nextControl]; next && next.receivedAt <= to; next = controls[this.#nextControl]) this.#control(next)
    this.#tickUntil(until)
    return { live: this.#live.list(), edit: this.#edit.list() }
  }

  /** The register as it was then. Its records bear the time of the beginning: what was silent before it is not silent since its registration. */
  #begin(offset: number): void {
    if (this.#begun) return
    this.#begun = true
    const { controls, start, standing } = this.#input
    const receivedAt = start - CLOCK_AHEAD_MS
    for (let next = controls[this.#nextControl]; next && next.offset < offset && next.receivedAt <= start; next = controls[this.#nextControl]) {
      this.#nextControl++
      this.#step({ ...next, receivedAt })
    }
    putStanding(this.#engine, this.#input.edit.id, standing)
  }

  #controlsBefore(offset: number): void {
    for (let next = this.#input.controls[this.#nextControl]; next && next.offset < offset; next = this.#input.controls[this.#nextControl]) this.#control(next)
  }

  #control(record: ControlRecord): void {
    this.#nextControl++
    this.#one(record)
  }

  #one(record: JournalRecord): void {
    if (this.#engine.nextWake < record.receivedAt) this.#tickUntil(record.receivedAt)
    this.#step(record)
  }

  /** In the city a tick is journalled whenever a timer is due (S2). */
  #tickUntil(clock: Instant): void {
    for (let wake = this.#engine.nextWake; wake < clock; wake = this.#engine.nextWake) this.#step({ type: 'tick', offset: this.#offset, receivedAt: wake })
  }

  #step(record: JournalRecord): void {
    this.#offset = record.offset
    for (const said of this.#engine.step([record])) {
      if (said.type === 'transition') (said.shadow ? this.#edit : this.#live).note(said)
    }
  }
}

/** Where an asset stands, or the area that a rule gathers: what people of one area may see of a result. */
export function standingOf({ assets }: EngineState, id: string, gather: RuleFile['gather']): Standing {
  const asset = assets.get(id as AssetId)?.asset
  if (asset || !gather) return asset ?? { area: null, grid: null }
  const place = placeOfArea(gather.by, id)
  // A grid may bear an id of the city's own, which says nothing of where it lies: its assets do.
  return place.area === null ? ([...assets.values()].find((each) => each.asset?.grid === id)?.asset ?? place) : place
}
