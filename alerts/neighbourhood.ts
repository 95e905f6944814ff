import { isDeepStrictEqual } from 'node:util'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Inhibition, Standing } from '../store/book/attention.ts'
import type { Tables } from '../store/book/book.ts'
import type { Group } from '../store/book/groups.ts'
import type { Silence } from '../store/book/silences.ts'
import { enoughFor, flapKey, groupKey } from './grouping.ts'
import { inhibitionsOf, isAbout, isExplained } from './quiet.ts'
import { type ReductionEvent, type ReductionState, reduce } from './reduction.ts'

type About<E> = E extends { alert: unknown } ? Omit<E, 'alert'> & { alert: AlertRecord } : E
/** An event about whole records of the book. */
export type BookEvent = About<ReductionEvent>

/** An alert whose attention, group or place in the group is another now. */
export interface AttentionChange {
  before: AlertRecord
  after: AlertRecord
}

export interface Outcome {
  before: ReductionState
  state: ReductionState
  /** In order of id. Groups, silences and inhibitions are written already; these are the caller's to write. */
  changes: AttentionChange[]
}

/**
 * Works an event into the book. The book may hold a million alerts, so only those are read that the event can concern;
 * neighbourhood.test.ts holds what comes out against reduction.ts over the whole.
 */
export async function reduceInBook(tables: Tables, event: BookEvent, standing: Standing): Promise<Outcome> {
  const part = await read(tables, event, standing)
  const before: ReductionState = { ...part, inhibitions: [...part.inhibitions.values()] }
  const state = reduce(before, event)
  await keep(tables, before, state, event)
  return { before, state, changes: changesOf(part, before, state) }
}

interface Part {
  alerts: Map<string, AlertRecord>
  silences: Map<string, Silence>
  groups: Map<string, Group>
  inhibitions: Map<string, Inhibition>
}

async function read(tables: Tables, event: BookEvent, { silenced, inhibited }: Standing): Promise<Part> {
  const part: Part = { alerts: new Map(), silences: new Map(), groups: new Map(), inhibitions: new Map() }
  if (silenced) for (const silence of await tables.silences.active()) part.silences.set(silence.id, silence)
  if ('alert' in event) part.alerts.set(event.alert.id, event.alert)
  for (const alert of await focusOf(tables, part, event)) addAlert(part, alert)
  const focus = [...part.alerts.values()]
  if (inhibited) for (const alert of focus) await readSources(tables, part, alert)
  for (const { group } of focus) if (group !== null) await readGroup(tables, part, group)
  for (const group of part.groups.values()) await readHead(tables, part, group, focus)
  return part
}

function addAlert(part: Part, alert: AlertRecord): void {
  if (!part.alerts.has(alert.id)) part.alerts.set(alert.id, alert)
}

/** The alerts of which something may have to be decided anew. */
async function focusOf(tables: Tables, part: Part, event: BookEvent): Promise<AlertRecord[]> {
  switch (event.type) {
    case 'transition':
      return [...(await readExplained(tables, part, event)), ...(await readKin(tables, part, event))]
    case 'review':
      return readExplained(tables, part, event)
    case 'silence':
      return event.silence.state === 'active' ? tables.attention.matching(event.silence.matchers) : tables.attention.quietedBy(event.silence.id)
    case 'due':
      return 'silence' in event ? readTurning(tables, part, event.silence) : readResting(tables, part, event.group)
  }
}

async function readTurning(tables: Tables, part: Part, id: string): Promise<AlertRecord[]> {
  const silence = await tables.silences.find(id)
  if (!silence) return []
  part.silences.set(id, silence)
  return silence.state === 'scheduled' ? tables.attention.matching(silence.matchers) : tables.attention.quietedBy(id)
}

async function readResting(tables: Tables, part: Part, id: string): Promise<AlertRecord[]> {
  await readGroup(tables, part, id)
  return tables.attention.goingOnIn(id)
}

/** What the alert keeps quiet, or kept. */
async function readExplained(tables: Tables, part: Part, { alert, policy }: Extract<BookEvent, { alert: AlertRecord }>): Promise<AlertRecord[]> {
  if (policy.inhibits === null && policy.fuse === null) return []
  const before = await tables.attention.inhibitionsOf(alert.id)
  addInhibitions(part, before)
  const after = inhibitionsOf(alert, policy)
  if (isDeepStrictEqual(before, after)) return []
  const found: AlertRecord[] = []
  for (const inhibition of [...before, ...after]) found.push(...(await tables.attention.inhibitable(inhibition)))
  return found
}

/** Groups that it may enter, and the other alerts of its key if that may flap. */
async function readKin(tables: Tables, part: Part, { alert, what, at, policy }: Extract<BookEvent, { type: 'transition' }>): Promise<AlertRecord[]> {
  if (what !== 'raised' && what !== 'resolved') return []
  const key = what === 'raised' ? groupKey(policy, alert) : null
  if (key !== null) addGroup(part, await tables.groups.newest('grouped', key))
  if (!policy.flap) return []
  const open = await tables.groups.newest('flapping', flapKey(alert))
  addGroup(part, open)
  return open && open.until !== null ? [] : tables.attention.ofKey(alert.rule, alert.key, at, enoughFor(policy.flap.changes))
}

/** What may keep an alert quiet, and what may keep that quiet. */
async function readSources(tables: Tables, part: Part, alert: AlertRecord): Promise<void> {
  const { rule, asset, grid, area, gateway } = alert
  const inhibitions = (await tables.attention.inhibitionsOn(rule, { asset, grid, area, gateway })).filter((each) => isAbout(each, alert))
  addInhibitions(part, inhibitions)
  for (const { source } of inhibitions) {
    for (let next: string | null = source; next !== null && !part.alerts.has(next); ) {
      const found: AlertRecord | undefined = await tables.alerts.find(next)
      if (!found) break
      addAlert(part, found)
      next = isExplained(found) ? found.attention.ref : null
    }
  }
}

function addInhibitions(part: Part, inhibitions: readonly Inhibition[]): void {
  for (const each of inhibitions) part.inhibitions.set(`${each.source} ${each.rule} ${each.on}`, each)
}

async function readGroup(tables: Tables, part: Part, id: string): Promise<void> {
  if (!part.groups.has(id)) addGroup(part, await tables.groups.find(id))
}

function addGroup(part: Part, group: Group | undefined): void {
  if (group) part.groups.set(group.id, group)
}

/** Who stands for a group; and who would if that may change: no other member can come before a head that stays as it was. */
async function readHead(tables: Tables, part: Part, group: Group, focus: readonly AlertRecord[]): Promise<void> {
  if (group.head === null) return
  const head = part.alerts.get(group.head) ?? (await tables.alerts.find(group.head))
  if (head) addAlert(part, head)
  if (!focus.some(({ id }) => id === group.head)) return
  const next = await tables.attention.successor(
    group,
    focus.map(({ id }) => id),
  )
  if (next) addAlert(part, next)
}

async function keep(tables: Tables, before: ReductionState, after: ReductionState, event: BookEvent): Promise<void> {
  for (const group of after.groups.values()) if (group !== before.groups.get(group.id)) await tables.groups.save(group)
  for (const silence of after.silences.values()) if (silence !== before.silences.get(silence.id)) await tables.silences.save(silence)
  if (!('alert' in event)) return
  const [old, now] = [before, after].map(({ inhibitions }) => inhibitions.filter(({ source }) => source === event.alert.id)) as [Inhibition[], Inhibition[]]
  if (!isDeepStrictEqual(old, now)) await tables.attention.replaceInhibitions(event.alert.id, now)
}

function changesOf(part: Part, before: ReductionState, after: ReductionState): AttentionChange[] {
  const changes: AttentionChange[] = []
  for (const [id, { attention, group }] of after.alerts) {
    const known = part.alerts.get(id)
    if (!known) continue
    const its = group === null ? undefined : after.groups.get(group)
    const stands = its?.head === id && !isDeepStrictEqual(its, before.groups.get(its.id))
    if (stands || group !== known.group || !isDeepStrictEqual(attention, known.attention)) changes.push({ before: known, after: { ...known, attention, group } })
  }
  return changes.sort((a, b) => (a.after.id < b.after.id ? -1 : 1))
}
