import type { Kysely, Selectable } from 'kysely'
import type { Evidence, Moment } from '../../domain/alert.ts'
import { CASE_OVER } from '../../domain/case.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { EvidenceRow, Schema } from './schema.ts'
import { endOf } from './scope.ts'

export type EvidenceKind = Evidence['kind']

/** A file that proves an alert, as it is attached. */
export interface EvidencePiece {
  id: string
  kind: EvidenceKind
  sha256: string
  at: Instant
  shows: Moment | null
  bytes: number
}

/** An alert that still waits for its evidence. */
export interface EvidenceWanted {
  alert: string
  /** True for scenes: camera pictures are wanted besides the readings. */
  stills: boolean
  attempts: number
  /** Why the last attempt could not keep what it had. */
  error: string | null
  /** Counts how often it was asked for; what was done for an earlier turn does not settle a later one. */
  turn: number
}

export function evidenceTable(db: Kysely<Schema>) {
  return Object.assign(attachedTo(db), wantedOf(db), agedOf(db))
}

function attachedTo(db: Kysely<Schema>) {
  return {
    async of(alert: string): Promise<Evidence[]> {
      const rows = await db.selectFrom('evidence').selectAll().where('alert', '=', alert).orderBy('at').orderBy('id').execute()
      return rows.map(toEvidence)
    },

    /** Evidence of many alerts, for lists. */
    async ofAll(alerts: readonly string[]): Promise<Map<string, Evidence[]>> {
      const found = new Map<string, Evidence[]>()
      for (let start = 0; start < alerts.length; start += 500) {
        const some = alerts.slice(start, start + 500)
        const rows = await db.selectFrom('evidence').selectAll().where('alert', 'in', some).orderBy('at').orderBy('id').execute()
        for (const row of rows) found.set(row.alert, [...(found.get(row.alert) ?? []), toEvidence(row)])
      }
      return found
    },

    /** False when this alert has the file already. */
    async attach(alert: string, file: EvidencePiece): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('evidence')
        .values({ alert, ...file, deletedAt: null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    /** Takes a file off an alert, for a newer one that says more; the file itself stays until nothing names it. */
    async detach(alert: string, id: string): Promise<void> {
      await db.deleteFrom('evidence').where('alert', '=', alert).where('id', '=', id).execute()
    },

    /** A file that proves some alert in `area`, and one such alert; undefined if there is none. */
    async find(id: string, area: string): Promise<{ alert: string; kind: EvidenceKind; sha256: string; at: Instant; deletedAt: Instant | null } | undefined> {
      return db
        .selectFrom('evidence')
        .innerJoin('alerts', 'alerts.id', 'evidence.alert')
        .select(['evidence.alert', 'evidence.kind', 'evidence.sha256', 'evidence.at', 'evidence.deletedAt'])
        .where('evidence.id', '=', id)
        .$if(area !== '', (query) => query.where('alerts.place', '>=', area).where('alerts.place', '<', endOf(area)))
        .orderBy('evidence.deletedAt', (order) => order.asc().nullsFirst())
        .limit(1)
        .executeTakeFirst()
    },

    /** Whether any alert still needs the file. */
    async isNamed(id: string): Promise<boolean> {
      const row = await db.selectFrom('evidence').select('alert').where('id', '=', id).where('deletedAt', 'is', null).limit(1).executeTakeFirst()
      return row !== undefined
    },

    async isEmpty(): Promise<boolean> {
      return (await db.selectFrom('evidence').select('alert').limit(1).executeTakeFirst()) === undefined
    },
  }
}

function wantedOf(db: Kysely<Schema>) {
  return {
    /** Asks for all that there is to an alert, once more if it was asked for before. */
    async want(alert: string, stills: boolean): Promise<void> {
      await db
        .insertInto('evidenceWanted')
        .values({ alert, stills: Number(stills), attempts: 0, nextAt: 0, error: null, turn: 0 })
        .onConflict((conflict) => conflict.column('alert').doUpdateSet(({ eb, ref }) => ({ attempts: 0, nextAt: 0, turn: eb(ref('evidenceWanted.turn'), '+', 1) })))
        .execute()
    },

    async due(now: Instant, limit: number): Promise<EvidenceWanted[]> {
      const rows = await db.selectFrom('evidenceWanted').selectAll().where('nextAt', '<=', now).orderBy('nextAt').limit(limit).execute()
      return rows.map(({ stills, nextAt: _nextAt, ...row }) => ({ ...row, stills: stills === 1 }))
    },

    /** When the next attempt is due; undefined if no alert waits. */
    async nextDue(): Promise<Instant | undefined> {
      const row = await db
        .selectFrom('evidenceWanted')
        .select(({ fn }) => fn.min<number | null>('nextAt').as('at'))
        .executeTakeFirst()
      return row?.at ?? undefined
    },

    /** How many alerts wait, and of how many the evidence could not be kept. */
    async waiting(): Promise<{ waiting: number; failing: number }> {
      const row = await db
        .selectFrom('evidenceWanted')
        .select(({ fn }) => [fn.countAll<number>().as('waiting'), fn.count<number>('error').as('failing')])
        .executeTakeFirstOrThrow()
      return { waiting: Number(row.waiting), failing: Number(row.failing) }
    },

    async later({ alert, turn }: EvidenceWanted, attempts: number, nextAt: Instant, error: string | null = null): Promise<void> {
      await db.updateTable('evidenceWanted').set({ attempts, nextAt, error }).where('alert', '=', alert).where('turn', '=', turn).execute()
    },

    async settled({ alert, turn }: EvidenceWanted): Promise<void> {
      await db.deleteFrom('evidenceWanted').where('alert', '=', alert).where('turn', '=', turn).execute()
    },
  }
}

function agedOf(db: Kysely<Schema>) {
  return {
    /**
     * Alerts whose evidence has outlived its use: over since before `unlinked` and part of no case, or part of one that was over
     * before `linked`. Their manifests are not meant.
     */
    async aged({ unlinked, linked }: { unlinked: Instant; linked: Instant }, limit: number): Promise<string[]> {
      const rows = await db
        .selectFrom('evidence')
        .innerJoin('alerts', 'alerts.id', 'evidence.alert')
        .leftJoin('cases', 'cases.id', 'alerts.case')
        .select('evidence.alert')
        .distinct()
        .where('evidence.deletedAt', 'is', null)
        .where('evidence.kind', '!=', 'manifest')
        .where('evidence.at', '<', Math.max(unlinked, linked))
        .where('alerts.condition', '=', 'resolved')
        .where(({ or, and, eb, selectFrom }) =>
          or([
            and([eb('alerts.case', 'is', null), eb('alerts.resolvedAt', '<', unlinked), eb('alerts.raisedAt', '<', unlinked)]),
            and([
              eb('cases.state', 'in', CASE_OVER),
              eb(
                selectFrom('caseHistory')
                  .select(({ fn }) => fn.max('caseHistory.at').as('at'))
                  .whereRef('caseHistory.case', '=', 'alerts.case'),
                '<',
                linked,
              ),
            ]),
          ]),
        )
        .limit(limit)
        .execute()
      return rows.map(({ alert }) => alert)
    },

    /** Marks the files of an alert, its manifest apart, as gone; answers which they were. */
    async bury(alert: string, at: Instant): Promise<{ id: string; kind: EvidenceKind; sha256: string }[]> {
      return db
        .updateTable('evidence')
        .set({ deletedAt: at })
        .where('alert', '=', alert)
        .where('kind', '!=', 'manifest')
        .where('deletedAt', 'is', null)
        .returning(['id', 'kind', 'sha256'])
        .execute()
    },
  }
}

function toEvidence({ id, kind, sha256, at, shows, bytes, deletedAt }: Selectable<EvidenceRow>): Evidence {
  return {
    ...{ id, kind, url: `/api/v1/evidence/${id}`, sha256, at: formatInstant(at) },
    ...(shows !== null && { shows }),
    ...(bytes !== null && { bytes }),
    ...(deletedAt !== null && { deletedAt: formatInstant(deletedAt) }),
  }
}
