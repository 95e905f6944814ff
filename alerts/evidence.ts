import { canonical } from '../domain/canonical.ts'
import { CodedError } from '../domain/errors.ts'
import type { EvidenceId, Offset } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { Files } from '../domain/ports/files.ts'
import type { Stills } from '../domain/ports/stills.ts'
import type { Change } from '../domain/projection.ts'
import type { Principal } from '../domain/role.ts'
import { formatInstant, HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book, Tables } from '../store/book/book.ts'
import { alertChanged } from '../store/book/changes.ts'
import { type DueLoop, whenDue } from '../store/book/due.ts'
import type { EvidenceKind, EvidenceWanted } from '../store/book/evidence.ts'

export interface EvidenceDeps {
  book: Book
  files: Files
  stills: Pick<Stills, 'near'>
  /** The observations at these offsets, as the journal has them; those that it no longer keeps are left out. */
  observations(offsets: readonly Offset[]): Promise<Observation[]>
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  /** Hands on what changed: feed, MQTT, desks. */
  changed(changes: readonly Change[]): void
  now(): Instant
  failed(error: unknown): void
}

export interface EvidenceRoom {
  /** Alerts may have been raised. */
  kick(): void
  /** A file, if it proves an alert that they may see; else `not_found`. */
  get(id: string, who: Principal): Promise<{ bytes: Uint8Array; sha256: string; type: (typeof TYPES)[keyof typeof TYPES] }>
  close(): Promise<void>
}

interface Piece {
  id: string
  kind: EvidenceKind
  sha256: string
  at: Instant
}

/** A camera that looks once in ten seconds still has a picture this near. */
const STILL_WITHIN_MS = 10 * SECOND
/** Pictures may come later than the alert that a model made of them; after this nobody will find one. */
const RETRY_MS = [2 * SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR]
const BATCH = 20
const TYPES = { jpg: 'image/jpeg', mp4: 'video/mp4', json: 'application/json' } as const

/**
 * Attaches evidence to raised alerts, beside the projection and never in its way: the book says which alerts still wait,
 * so that a restart goes on where it was. Every alert gets its readings; those from cameras also the pictures nearest to
 * when it began and when it was raised.
 */
export function openEvidence(deps: EvidenceDeps): EvidenceRoom {
  const loop: DueLoop = whenDue((now) => attachDue(deps, now), deps.now, deps.failed)
  return {
    kick: loop.kick,
    close: loop.close,
    async get(id, who) {
      const sha256 = await deps.book.evidence.sha256Of(id, who.area)
      const bytes = sha256 === undefined ? undefined : await deps.files.get(id as EvidenceId)
      if (sha256 === undefined || !bytes) throw new CodedError('not_found')
      return { bytes, sha256, type: TYPES[id.slice(id.lastIndexOf('.') + 1) as keyof typeof TYPES] }
    },
  }
}

/** Does everything that is due; answers when the next attempt is. */
export async function attachDue(deps: EvidenceDeps, now: Instant): Promise<Instant | undefined> {
  for (;;) {
    const due = await deps.book.evidence.due(now, BATCH)
    if (due.length === 0) return deps.book.evidence.nextDue()
    for (const wanted of due) await attach(deps, wanted, now)
  }
}

async function attach(deps: EvidenceDeps, wanted: EvidenceWanted, now: Instant): Promise<void> {
  const alert = await deps.book.alerts.find(wanted.alert)
  if (!alert) return deps.book.evidence.settled(wanted.alert)
  try {
    const found = await gather(deps, alert, wanted.stills)
    deps.changed(await deps.commit((tables) => keep(tables, alert.id, found, wanted, now)))
  } catch (error) {
    deps.failed(error)
    await deps.book.evidence.later(alert.id, wanted.attempts, now + MINUTE)
  }
}

interface Found {
  pieces: Piece[]
  /** What should be there and is not (yet). */
  missing: string[]
}

async function gather(deps: EvidenceDeps, alert: AlertRecord, stills: boolean): Promise<Found> {
  const found: Found = { pieces: [await readings(deps, alert)], missing: [] }
  if (!stills) return found
  const camera = alert.devices[0] ?? alert.asset
  for (const at of new Set([alert.openedAt, await raisedAt(deps, alert)])) {
    const still = await deps.stills.near(camera, at, STILL_WITHIN_MS)
    if (still) found.pieces.push({ kind: 'still', at: still.at, ...(await deps.files.put(still.jpeg, 'jpg')) })
    else found.missing.push(`no picture of ${camera} near ${formatInstant(at)}`)
  }
  return found
}

/** Event time of the raise (S2); the alert's own raisedAt is the engine's clock, which for late data is hours away from any picture of it. */
async function raisedAt({ book }: EvidenceDeps, { id, openedAt }: AlertRecord): Promise<Instant> {
  const [first] = await book.alerts.timeline(id)
  return first ? Date.parse(first.at) : openedAt
}

/** The deciding observations as the journal has them, with what they were compared with: boxes and scores as data, not burnt into a picture. */
async function readings(deps: EvidenceDeps, alert: AlertRecord): Promise<Piece> {
  const { id, rule, ruleVersion, key, openedAt, values, params, model } = alert
  const observations = await deps.observations(alert.observations)
  const text = canonical({ alert: id, rule, ruleVersion, key, openedAt: formatInstant(openedAt), values, params, model, observations })
  return { kind: 'readings', at: openedAt, ...(await deps.files.put(new TextEncoder().encode(text), 'json')) }
}

/** Attaches what is new and settles the request, or says when to look again. */
async function keep(tables: Tables, id: string, found: Found, wanted: EvidenceWanted, now: Instant): Promise<Change[]> {
  const fresh: Piece[] = []
  for (const piece of found.pieces) if (await tables.evidence.attach(id, piece)) fresh.push(piece)
  const wait = RETRY_MS[wanted.attempts]
  if (found.missing.length > 0 && wait !== undefined) await tables.evidence.later(id, wanted.attempts + 1, now + wait)
  else {
    await tables.evidence.settled(id)
    for (const note of found.missing) await tables.alerts.addLine(id, { at: now, by: 'platform', what: 'evidence', note })
  }
  const alert = await tables.alerts.find(id)
  const first = fresh[0]
  return alert && first ? [await alertChanged(tables, alert, 'updated', { id: `${id}-${first.sha256.slice(0, 16)}`, at: now })] : []
}
