import { type Alert, type Evidence, isClosed } from '../../domain/alert.ts'
import type { Case } from '../../domain/case.ts'
import { CASE_CLOSED, CASE_OVER } from '../../domain/case.ts'
import { type EventType, RULE_EVENT } from '../../domain/event.ts'
import type { RuleChange } from '../../domain/feed.ts'
import type { Change } from '../../domain/projection.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { type AlertRecord, confirms, toAlert } from './alerts.ts'
import type { Tables } from './book.ts'
import { type CaseRecord, toCase } from './cases.ts'
import type { Applier } from './projector.ts'
import { placeCode } from './scope.ts'

/** What caused an event: gives it its id, the same whenever the journal is projected anew. */
export interface Cause {
  id: string
  at: Instant
}

export async function alertOf(tables: Tables, record: AlertRecord): Promise<Alert> {
  const [alert] = await alertsOf(tables, [record])
  return alert as Alert
}

/** Alerts with all that is shown with them, in their order. */
export async function alertsOf(tables: Tables, records: readonly AlertRecord[]): Promise<Alert[]> {
  const ids = records.map(({ id }) => id)
  const partners = await tables.fusions.ofAll(ids)
  const evidence = await tables.evidence.ofAll([...new Set([...ids, ...[...partners.values()].flat().map(({ id }) => id)])])
  const groups = await tables.groups.ofAll([...new Set(records.flatMap(({ group }) => group ?? []))])
  return records.map((record) => {
    const its = (partners.get(record.id) ?? []).filter(confirms)
    return toAlert(record, joined([record.id, ...its.map(({ id }) => id)].map((id) => evidence.get(id) ?? [])), groups.get(record.group ?? ''), its)
  })
}

/** Evidence of alerts that are shown as one, in order of time; the same file proves both. */
function joined([own = [], ...others]: readonly Evidence[][]): Evidence[] {
  if (others.length === 0) return own
  const all = new Map([...others.flat(), ...own].map((each) => [each.id, each]))
  return [...all.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1))
}

export async function caseOf(tables: Tables, record: CaseRecord): Promise<Case> {
  const [moves, alerts] = [await tables.cases.moves([record.id]), await tables.cases.alerts([record])]
  return toCase(record, moves.get(record.id) ?? [], alerts.get(record.id) ?? [])
}

/** Writes the event of a changed alert, as the alert is now. */
export async function alertChanged(tables: Tables, record: AlertRecord, what: 'opened' | 'updated' | 'resolved' | 'verdict', cause: Cause): Promise<Change> {
  const data = await alertOf(tables, record)
  const its = record.case === null ? undefined : await tables.cases.find(record.case)
  const event = await tables.events.add({
    id: `${cause.id}-alert`,
    type: `city.wanglou.alert.${what}.v1`,
    time: formatInstant(cause.at),
    subject: record.id,
    area: placeCode(record.area, record.grid),
    data,
  })
  return { event, closed: isClosed(data, its?.state ?? null) }
}

/** Writes the event of a case that came into its present state. */
export async function caseChanged(tables: Tables, record: CaseRecord, cause: Cause): Promise<Change> {
  const type: EventType = `city.wanglou.case.${record.state}.v1`
  const event = await tables.events.add({
    id: `${cause.id}-case`,
    type,
    time: formatInstant(cause.at),
    subject: record.id,
    area: record.place,
    data: await caseOf(tables, record),
  })
  return { event, closed: CASE_OVER.includes(record.state) }
}

/** Writes the event of a version that was saved or moved, once it is in the book. Rules are everybody's: it has no area. */
export const rulesTold: Applier = async (tables, entry) => {
  if (entry.type !== 'rule') return []
  const { id, version, state, areas, by, note, offset, receivedAt } = entry
  const at = formatInstant(receivedAt)
  const data: RuleChange = { id, version, state, areas: areas && areas.length > 0 ? areas : null, by, at, note }
  const event = await tables.events.add({ id: `e${offset}-rule`, type: RULE_EVENT, time: at, subject: id, area: null, data })
  return [{ event, closed: false }]
}

/** True when this state ends what hangs on the case. */
export function closesAlerts(state: CaseRecord['state']): boolean {
  return CASE_CLOSED.includes(state)
}
