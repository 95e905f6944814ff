import { canonical } from '../../domain/canonical.ts'
import { messageOf } from '../../domain/errors.ts'
import type { EvidenceId } from '../../domain/ids.ts'
import type { Change } from '../../domain/projection.ts'
import { formatInstant, HOUR, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { Tables } from '../../store/book/book.ts'
import { alertChanged } from '../../store/book/changes.ts'
import type { EvidenceWanted } from '../../store/book/evidence.ts'
import type { EvidenceDeps } from './deps.ts'
import { heldOf } from './held.ts'
import { type Found, gatherPictures, type Keep, witnessOf } from './pictures.ts'
import { testify } from './testify.ts'

/** Pictures may come later than the alert that a model made of them; after this nobody will find one. */
const RETRY_MS = [2 * SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR]
/** What the disk did not take is tried as long as it takes. */
const FAILED_MS = MINUTE
const BATCH = 20
const BY = 'platform'

/** Does everything that is due; answers when the next attempt is. */
export async function attachDue(deps: EvidenceDeps, now: Instant, told: (found: Found) => void = () => undefined): Promise<Instant | undefined> {
  for (;;) {
    const due = await deps.book.evidence.due(now, BATCH)
    if (due.length === 0) return deps.book.evidence.nextDue()
    for (const wanted of due) await attach(deps, wanted, now, told)
  }
}

async function attach(deps: EvidenceDeps, wanted: EvidenceWanted, now: Instant, told: (found: Found) => void): Promise<void> {
  const alert = await deps.book.alerts.find(wanted.alert)
  if (!alert) return deps.book.evidence.settled(wanted)
  const found: Found = { pieces: [], replaced: [], missing: [], failures: [] }
  try {
    await gather(deps, alert, wanted.stills, found, now)
  } catch (error) {
    deps.failed(error)
    found.failures.push(messageOf(error))
  }
  deps.changed(await deps.commit((tables) => settle(tables, alert.id, found, wanted, now)))
  told(found)
  for (const id of found.replaced) if (!(await deps.book.evidence.isNamed(id))) await deps.files.remove(id as EvidenceId)
}

async function gather(deps: EvidenceDeps, alert: AlertRecord, stills: boolean, found: Found, now: Instant): Promise<void> {
  const held = await heldOf(deps, alert)
  if (held.buried) return
  const keep: Keep = async (bytes, extension) => {
    try {
      return { ...(await deps.files.put(bytes, extension)), bytes: bytes.length }
    } catch (error) {
      deps.failed(error)
      found.failures.push(messageOf(error))
      return undefined
    }
  }
  if (!held.files.some(({ kind }) => kind === 'readings')) await gatherReadings(deps, alert, found, keep)
  const witness = await witnessOf(deps, alert, stills)
  if (witness) await gatherPictures(deps, alert, witness.id, held, found, keep)
  await testify(deps, alert, witness, held, found, keep, now)
}

/** The deciding observations as the journal has them, with what they were compared with: boxes and scores as data, not burnt into a picture. */
async function gatherReadings(deps: EvidenceDeps, alert: AlertRecord, found: Found, keep: Keep): Promise<void> {
  const { id, rule, ruleVersion, key, openedAt, values, params, model } = alert
  const observations = await deps.observations(alert.observations)
  const text = canonical({ alert: id, rule, ruleVersion, key, openedAt: formatInstant(openedAt), values, params, model, observations })
  const file = await keep(new TextEncoder().encode(text), 'json')
  if (file) found.pieces.push({ ...file, kind: 'readings', at: openedAt, shows: null, receivedAt: observations[0]?.receivedAt ?? null })
}

/** Attaches what is new and settles the request, or says when to look again. */
async function settle(tables: Tables, id: string, { pieces, replaced, missing, failures }: Found, wanted: EvidenceWanted, now: Instant): Promise<Change[]> {
  for (const old of replaced) await tables.evidence.detach(id, old)
  const fresh: string[] = []
  for (const { id: file, kind, sha256, at, shows, bytes } of pieces) if (await tables.evidence.attach(id, { id: file, kind, sha256, at, shows, bytes })) fresh.push(sha256)
  const said = new Set((await tables.alerts.timeline(id)).map(({ note }) => note))
  for (const note of await arrange(tables, { missing, failures }, wanted, now)) if (!said.has(note)) await tables.alerts.addLine(id, { at: now, by: BY, what: 'evidence', note })
  const alert = await tables.alerts.find(id)
  const last = fresh.at(-1)
  return alert && last !== undefined ? [await alertChanged(tables, alert, 'updated', { id: `${id}-${last.slice(0, 16)}`, at: now })] : []
}

/** When to look again, if at all; answers what the timeline is to say of it. */
async function arrange(tables: Tables, { missing, failures }: Pick<Found, 'missing' | 'failures'>, wanted: EvidenceWanted, now: Instant): Promise<string[]> {
  const [failure] = failures
  if (failure !== undefined) {
    await tables.evidence.later(wanted, wanted.attempts, now + FAILED_MS, failure)
    return wanted.error === null ? [`evidence could not be kept, it is tried again every minute: ${failure}`] : []
  }
  const mended = wanted.error === null ? [] : ['evidence could be kept after all']
  const awaited = missing.flatMap(({ again }) => again ?? [])
  const wait = RETRY_MS[wanted.attempts]
  const hopeful = missing.some(({ again, final }) => again === undefined && !final) && wait !== undefined
  const next = Math.min(...awaited, hopeful ? now + wait : Number.POSITIVE_INFINITY)
  if (Number.isFinite(next)) {
    await tables.evidence.later(wanted, hopeful ? wanted.attempts + 1 : wanted.attempts, next)
    return [...mended, ...missing.filter(({ final }) => final).map(({ why }) => why)]
  }
  await tables.evidence.settled(wanted)
  return [...mended, ...missing.map(({ why }) => why)]
}
