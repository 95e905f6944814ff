import type { RuleId } from '../domain/ids.ts'
import type { ControlRecord } from '../domain/record.ts'
import { formatInstant, type Instant } from '../domain/time.ts'
import { ruleNamed } from './assets.ts'
import type { Engine } from './engine.ts'
import { elapse, type Hold, type HoldEvent } from './hold.ts'
import { alertId, keyOf } from './raised.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, KeyState, Onset, ReminderState } from './state.ts'

/**
 * Rules with `remind`: when the hold is satisfied somebody is reminded first, and the alert is raised when the condition
 * still holds `wait` after that. The engine asks (`remind`), the desk is told, and what became of it is journalled
 * (`reminder`): the wait is a function of the journal like everything else (S1).
 */

/** Time passes up to `to`, for a rule that may remind; what is known of the reminder counts. */
export function pass(asset: AssetState, rule: CompiledRule, name: string, hold: Hold, to: Instant, events: HoldEvent[]): Hold {
  const next = elapse(answered(asset, rule, name, hold), rule, to, events)
  const known = answered(asset, rule, name, next)
  return known === next ? next : elapse(known, rule, to, events)
}

/**
 * The hold with the time from which its wait runs, if that is known by now. A rule in shadow reminds nobody: what the live
 * version asked for counts, else it is as if somebody had been reminded at once.
 */
export function answered(asset: AssetState, rule: CompiledRule, name: string, hold: Hold): Hold {
  if (hold.phase !== 'reminded' || hold.remindedAt !== undefined || hold.askedAt === undefined) return hold
  const reminder = asset.reminders.get(idOf(`${rule.id}${name.slice(rule.name.length)}`, hold.since))
  if (!reminder && rule.state === 'shadow') return { ...hold, remindedAt: hold.askedAt }
  return reminder?.answered ? { ...hold, remindedAt: Math.max(hold.askedAt, reminder.sentAt ?? 0) } : hold
}

function idOf(name: string, since: Instant): string {
  return `${name} ${since}`
}

/** A hold was satisfied, or what was reminded of is gone. */
export function hearReminder(engine: Engine, asset: AssetState, rule: CompiledRule, name: string, key: KeyState, event: Extract<HoldEvent, { what: 'remind' | 'left' }>): void {
  if (rule.state === 'shadow') return
  if (event.what === 'remind') ask(engine, asset, rule, name, key, event)
  else if (event.reminded) count(engine, rule.id, 'left')
}

function ask(engine: Engine, asset: AssetState, rule: CompiledRule, name: string, key: KeyState, { at, since }: { at: Instant; since: Instant }): void {
  const known = asset.reminders.has(idOf(name, since))
  if (known || !key.onset || !rule.file.remind) return
  const alertKey = keyOf(asset, name)
  const id = alertId(rule.id, alertKey, since)
  asset.reminders.set(idOf(name, since), { id, at, answered: false, sentAt: null })
  const { lon, lat, values } = key.onset
  const { offset, clock: receivedAt } = engine.state
  const { to } = rule.file.remind
  engine.say({
    type: 'remind',
    offset,
    receivedAt,
    id,
    rule: rule.id,
    ruleVersion: rule.version,
    key: alertKey,
    asset: asset.id,
    at,
    openedAt: since,
    to,
    lon,
    lat,
    values: { ...values },
  })
}

/** After a backfill: holds that turn out to have been satisfied are asked for now. */
export function askMissing(engine: Engine, asset: AssetState): void {
  for (const [name, key] of asset.course.keys) {
    const { phase, since, askedAt } = key.hold
    const rule = phase === 'reminded' ? ruleNamed(engine.state, asset, name) : undefined
    if (rule && rule.state !== 'shadow' && askedAt !== undefined) ask(engine, asset, rule, name, key, { at: askedAt, since })
  }
}

/** A reminder was sent, or could not be; the first answer counts. */
export function applyReminder(engine: Engine, { id, key, rule: ruleId, sentAt }: Extract<ControlRecord, { type: 'reminder' }>): void {
  const asset = engine.state.assets.get(key.split('/')[0] as AssetState['id'])
  const found = asset && [...asset.reminders].find(([, reminder]) => reminder.id === id)
  if (!asset || !found || found[1].answered) return
  asset.reminders.set(found[0], { ...found[1], answered: true, sentAt })
  if (sentAt !== null) count(engine, ruleId as RuleId, 'sent')
  let waits = false
  for (const [name, state] of asset.course.keys) {
    const rule = state.hold.phase === 'reminded' && idOf(name, state.hold.since) === found[0] ? ruleNamed(engine.state, asset, name) : undefined
    if (!rule) continue
    waits = true
    asset.course.keys.set(name, { ...state, hold: answered(asset, rule, name, state.hold) })
  }
  // It left while the reminder was on its way.
  if (!waits && sentAt !== null) count(engine, ruleId as RuleId, 'left')
  engine.reschedule(asset)
  engine.advance(asset)
}

/** What an alert shows of the reminder before it. */
export function withReminder(asset: AssetState, rule: CompiledRule, name: string, since: Instant, onset: Onset): Onset {
  if (rule.waitMs === undefined || rule.state === 'shadow') return onset
  return { ...onset, values: { ...onset.values, reminder: shown(asset.reminders.get(idOf(name, since))) } }
}

function shown(reminder: ReminderState | undefined): string {
  if (!reminder?.answered) return 'no answer'
  return reminder.sentAt === null ? 'not sent' : formatInstant(reminder.sentAt)
}

/** Counts by what became of the reminders of a rule. */
export function count({ state }: Engine, rule: RuleId, what: 'sent' | 'left' | 'stayed'): void {
  const before = state.reminders.get(rule) ?? { sent: 0, left: 0, stayed: 0 }
  state.reminders.set(rule, { ...before, [what]: before[what] + 1 })
}
