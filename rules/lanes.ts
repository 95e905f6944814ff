import type { EditReason } from '../domain/alert.ts'
import { messageOf } from '../domain/errors.ts'
import type { ControlRecord } from '../domain/record.ts'
import { selected } from './assets.ts'
import { edit } from './edit.ts'
import type { Engine } from './engine.ts'
import { settleLate } from './late.ts'
import { type Ahead, versionKey } from './quarantine.ts'
import { ruleOf } from './raised.ts'
import { MOST_LOOKED_BACK } from './rejudge.ts'
import { type CompiledRule, compileRule } from './rule.ts'
import type { Lanes, Quarantine, Selected } from './state.ts'

type RuleRecord = Extract<ControlRecord, { type: 'rule' }>

/** A rule's versions come into force and go out of it. */
export function applyRule(engine: Engine, record: RuleRecord): void {
  const before = engine.state.rules.get(record.id) ?? NO_LANES
  putLanes(engine, record.id, before, lanesAfter(engine, before, record), record.state === 'quarantined' ? 'quarantined' : 'not_in_force')
}

const NO_LANES: Lanes = { live: undefined, trial: undefined, shadow: undefined }

/** What the assets' keys hold follows the versions that are in force. */
function putLanes(engine: Engine, id: string, before: Lanes, after: Lanes, ended: EditReason): void {
  if (after === before) return
  const { state } = engine
  const chosen = new Map<Parameters<typeof selected>[1], Selected>()
  for (const asset of state.assets.values()) {
    settleLate(engine, asset)
    chosen.set(asset, selected(state, asset))
  }
  if (after.live || after.trial || after.shadow) state.rules.set(id, after)
  else state.rules.delete(id)
  const budget = { left: MOST_LOOKED_BACK }
  const names = [id, `${id}@shadow`]
  // What stands comes first: it is looked back on before the budget is used up.
  const [standing, rest] = [true, false].map((wanted) => [...chosen.keys()].filter(({ raised }) => [...raised.keys()].some((name) => names.includes(ruleOf(name))) === wanted))
  for (const asset of [...(standing ?? []), ...(rest ?? [])]) {
    asset.rules = undefined
    asset.timed = undefined
    edit(engine, asset, chosen.get(asset) as Selected, { names, ended, budget })
  }
  engine.gathers.ruleChanged(id, before)
}

/** Takes out what is due before the record at the engine's offset is judged. */
export function takeOutDue(engine: Engine, ahead: Ahead): Quarantine[] {
  const { state } = engine
  const due = [...state.faults.filter(({ from }) => from <= state.offset), ...ahead.due(state.offset)]
  state.faults = state.faults.filter(({ from }) => from > state.offset)
  for (const quarantine of due) takeOut(engine, quarantine)
  return due
}

/** The version is judged no more. */
function takeOut(engine: Engine, quarantine: Quarantine): void {
  const { state } = engine
  const before = state.rules.get(quarantine.rule) ?? NO_LANES
  state.quarantined.set(versionKey(quarantine), quarantine)
  putLanes(engine, quarantine.rule, before, withoutVersion(before, quarantine.version), 'quarantined')
}

/** Which versions are in force after the record. A version stands in one lane only. */
function lanesAfter(engine: Engine, before: Lanes, record: RuleRecord): Lanes {
  const { state } = engine
  switch (record.state) {
    case 'removed':
      forget(engine, record.id)
      return before.live || before.trial || before.shadow ? NO_LANES : before
    case 'draft':
      state.quarantined.delete(versionKey({ rule: record.id, version: record.version }))
      return withoutVersion(before, record.version)
    case 'quarantined':
      // Its record stands where it was noticed; it may have been moved live again since.
      return withoutVersion(before, record.version, record.from ?? record.offset)
    case 'shadow':
    case 'live': {
      // It did not come through its own first judgement.
      if (state.quarantined.get(versionKey({ rule: record.id, version: record.version }))?.from === record.offset) return withoutVersion(before, record.version)
      const rule = compiled(engine, record)
      return rule ? withVersion(withoutVersion(before, record.version), record, rule) : before
    }
  }
}

/** What was live everywhere stays so where a new version is only tried, and takes its place again when that is put back. */
function withVersion(rest: Lanes, { state, areas }: RuleRecord, rule: CompiledRule): Lanes {
  if (state === 'shadow') return { ...rest, shadow: rule }
  return areas ? { ...rest, trial: rule } : { ...rest, live: rule, trial: undefined }
}

/** The same object when the version is in none. `upTo`: only if it came into force by then. */
function withoutVersion(lanes: Lanes, version: number, upTo = Infinity): Lanes {
  const goes = (rule: CompiledRule | undefined): boolean => rule?.version === version && rule.since <= upTo
  const { live, trial, shadow } = lanes
  if (!goes(live) && !goes(trial) && !goes(shadow)) return lanes
  return { live: goes(live) ? undefined : live, trial: goes(trial) ? undefined : trial, shadow: goes(shadow) ? undefined : shadow }
}

/** A journalled rule that this version of the language no longer takes must not stop the others: what was in force stays, and it is counted. */
function compiled(engine: Engine, record: RuleRecord): CompiledRule | undefined {
  const { id, version, source, base, areas, offset, receivedAt } = record
  const { state } = engine
  try {
    const rule = compileRule({ id, version, state: record.state === 'shadow' ? 'shadow' : 'live', source, base, areas, since: offset, sinceAt: receivedAt })
    forget(engine, id)
    engine.watch.name(rule)
    return rule
  } catch (error) {
    state.counts.brokenRules++
    state.broken.set(id, { version, why: messageOf(error) })
    return undefined
  }
}

/** What was wrong with older versions no longer counts. */
function forget({ state }: Engine, id: string): void {
  state.broken.delete(id)
  for (const [name, { rule }] of state.quarantined) if (rule === id) state.quarantined.delete(name)
}
