import type { Kysely, Selectable } from 'kysely'
import type { Alert, Amendment, Condition, Evidence, Review, Scalar, TimelineEntry, Verdict } from '../../domain/alert.ts'
import type { Texts } from '../../domain/asset.ts'
import type { Attention, Reason } from '../../domain/attention.ts'
import type { Culprit } from '../../domain/attribution.ts'
import { CASE_CLOSED } from '../../domain/case.ts'
import type { Certainty, DoubtRecord } from '../../domain/certainty.ts'
import type { Offset } from '../../domain/ids.ts'
import type { AlertQuery } from '../../domain/ports/alerts.ts'
import type { Dispatch, Matter, Severity } from '../../domain/rule.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { decodeCursor } from './cursor.ts'
import type { Partner } from './fusions.ts'
import { type Group, toGroupView } from './groups.ts'
import type { AlertRow, Schema } from './schema.ts'
import { endOf, placeCode } from './scope.ts'

/** An alert as the book keeps it: both axes, and where it came from. */
export interface AlertRecord {
  id: string
  rule: string
  ruleVersion: number
  key: string
  asset: string
  devices: string[]
  severity: Severity
  title: Texts
  condition: Condition
  review: Review
  verdict: Verdict | null
  openedAt: Instant
  raisedAt: Instant
  resolvedAt: Instant | null
  late: boolean
  amended: Amendment | null
  lon: number | null
  lat: number | null
  area: string | null
  grid: string | null
  values: Record<string, Scalar>
  params: Record<string, Scalar>
  observations: Offset[]
  model: string | null
  dispatch: Dispatch | null
  matter: Matter | null
  case: string | null
  offset: Offset
  /** Null where no rule speaks of gateways. */
  gateway: string | null
  /** Whose it was, where the platform is sure of it; and when its candidates last changed. */
  vehicle: Culprit | null
  attributedAt: Instant | null
  /** What a camera sees that it denies. */
  doubt: DoubtRecord | null
  /** Id of the group that it is shown with. */
  group: string | null
  /** The order that makes it information only (S12). */
  maintenance: { ref: string; until: Instant | null } | null
  attention: Attention
}

function toRow({ attention, ...record }: AlertRecord): AlertRow {
  return {
    ...record,
    ...attentionRow(attention),
    devices: JSON.stringify(record.devices),
    title: JSON.stringify(record.title),
    late: Number(record.late),
    place: placeCode(record.area, record.grid),
    values: JSON.stringify(record.values),
    params: JSON.stringify(record.params),
    observations: JSON.stringify(record.observations),
    dispatch: record.dispatch && JSON.stringify(record.dispatch),
    matter: record.matter && JSON.stringify(record.matter),
    maintenance: record.maintenance && JSON.stringify(record.maintenance),
    vehicle: record.vehicle && JSON.stringify(record.vehicle),
    doubt: record.doubt && JSON.stringify(record.doubt),
  }
}

/** The columns of an attention. */
export function attentionRow({ shown, by, ref, until }: Attention): Pick<AlertRow, 'shown' | 'by' | 'ref' | 'until'> {
  return { shown: Number(shown), by, ref, until }
}

export function toRecord({ place: _place, shown, by, ref, until, ...row }: Selectable<AlertRow>): AlertRecord {
  return {
    ...row,
    severity: row.severity as Severity,
    condition: row.condition as Condition,
    review: row.review as Review,
    verdict: row.verdict as Verdict | null,
    amended: row.amended as Amendment | null,
    devices: JSON.parse(row.devices),
    title: JSON.parse(row.title),
    late: row.late === 1,
    values: JSON.parse(row.values),
    params: JSON.parse(row.params),
    observations: JSON.parse(row.observations),
    dispatch: row.dispatch && JSON.parse(row.dispatch),
    matter: row.matter && JSON.parse(row.matter),
    maintenance: row.maintenance && JSON.parse(row.maintenance),
    vehicle: row.vehicle && JSON.parse(row.vehicle),
    doubt: row.doubt && JSON.parse(row.doubt),
    attention: { shown: shown === 1, by: by as Reason | null, ref, until },
  }
}

/** A partner that later data or a person took back confirms nothing. */
export function confirms({ amended, verdict }: Pick<Partner, 'amended' | 'verdict'>): boolean {
  return amended !== 'disproved' && amended !== 'merged' && verdict !== 'false_alarm'
}

function certaintyOf({ doubt }: AlertRecord, partners: readonly Partner[]): Certainty {
  if (partners.length > 0) return 'confirmed'
  return doubt === null ? 'single' : 'doubted'
}

/** The contract's form. `group` is the one that it bears the id of, `partners` those that it was fused with, `evidence` that of all of them. */
export function toAlert(record: AlertRecord, evidence: Evidence[], group: Group | undefined, partners: readonly Partner[] = []): Alert {
  const { params: _params, model: _model, dispatch: _dispatch, matter: _matter, offset: _offset, gateway: _gateway, maintenance: _maintenance, ...own } = record
  const { attention } = record
  const fused = partners.filter(confirms)
  return {
    ...own,
    certainty: certaintyOf(record, fused),
    fused: fused.map(({ id, rule, asset }) => ({ id, rule, asset })),
    doubt: record.doubt && doubtful(record.doubt),
    attention: { ...attention, until: attention.until === null ? null : formatInstant(attention.until) },
    group: group ? toGroupView(group) : null,
    openedAt: formatInstant(record.openedAt),
    raisedAt: formatInstant(record.raisedAt),
    resolvedAt: record.resolvedAt === null ? null : formatInstant(record.resolvedAt),
    attributedAt: record.attributedAt === null ? null : formatInstant(record.attributedAt),
    evidence,
  }
}

function doubtful({ camera, label, looks, of, at }: DoubtRecord): Alert['doubt'] {
  return { camera, label, looks, of, at }
}

export function alertsTable(db: Kysely<Schema>) {
  return {
    async find(id: string, area = ''): Promise<AlertRecord | undefined> {
      const row = await db
        .selectFrom('alerts')
        .selectAll()
        .where('id', '=', id)
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async save(record: AlertRecord): Promise<void> {
      const { id, ...rest } = toRow(record)
      await db
        .insertInto('alerts')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute()
    },

    /** Newest `raisedAt` first; one row more than `query.limit` if there are more. `from` ≤ openedAt < `to`. */
    async list(query: AlertQuery, area: string): Promise<AlertRecord[]> {
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, ['number', 'string'])
      const rows = await filtered(db, query)
        .$if(area !== '', (q) => q.where('place', '>=', area).where('place', '<', endOf(area)))
        .$if(after !== undefined, (q) => q.where(({ eb, refTuple, tuple }) => eb(refTuple('raisedAt', 'id'), '<', tuple(after?.[0] ?? 0, after?.[1] ?? ''))))
        .selectAll()
        .orderBy('raisedAt', 'desc')
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute()
      return rows.map(toRecord)
    },

    /** Those that consumers on MQTT should see: not closed (domain/alert.ts isClosed), in order of id, after `after`. */
    async unclosed(after: string, limit: number): Promise<AlertRecord[]> {
      const rows = await db
        .selectFrom('alerts')
        .leftJoin('cases', 'cases.id', 'alerts.case')
        .selectAll('alerts')
        .where('alerts.id', '>', after)
        .where(({ or, eb }) => or([eb('alerts.condition', '!=', 'resolved'), eb('alerts.review', '!=', 'judged')]))
        .where(({ or, eb }) => or([eb('cases.state', 'is', null), eb('cases.state', 'not in', CASE_CLOSED)]))
        .orderBy('alerts.id')
        .limit(limit)
        .execute()
      return rows.map(toRecord)
    },

    async addLine(alert: string, line: { at: Instant; by: string; what: string; note: string }): Promise<void> {
      await db
        .insertInto('timeline')
        .values({ alert, ...line })
        .execute()
    },

    async timeline(alert: string): Promise<TimelineEntry[]> {
      const rows = await db.selectFrom('timeline').select(['at', 'by', 'what', 'note']).where('alert', '=', alert).orderBy('id').execute()
      return rows.map((row) => ({ ...row, at: formatInstant(row.at) }))
    },
  }
}

function filtered(db: Kysely<Schema>, query: AlertQuery) {
  const { condition, review, severity, attention, rule, asset, area, from, to } = query
  const wanted = attention?.includes('all') ? undefined : attention
  return db
    .selectFrom('alerts')
    .$if(condition !== undefined, (q) => q.where('condition', 'in', condition ?? []))
    .$if(review !== undefined, (q) => q.where('review', 'in', review ?? []))
    .$if(severity !== undefined, (q) => q.where('severity', 'in', severity ?? []))
    .$if(wanted !== undefined, (q) =>
      q.where(({ or, eb }) =>
        or([...(wanted?.includes('shown') ? [eb('shown', '=', 1)] : []), ...(wanted?.includes('quiet') ? [eb('shown', '=', 0)] : []), eb('by', 'in', wanted ?? [])]),
      ),
    )
    .$if(rule !== undefined, (q) => q.where('rule', '=', rule ?? ''))
    .$if(asset !== undefined, (q) => q.where('asset', '=', asset ?? ''))
    .$if(area !== undefined && area !== '', (q) => q.where('place', '>=', area ?? '').where('place', '<', endOf(area ?? '')))
    .$if(from !== undefined, (q) => q.where('openedAt', '>=', from ?? 0))
    .$if(to !== undefined, (q) => q.where('openedAt', '<', to ?? 0))
}
