import type { Candidate, Culprit } from '../../domain/attribution.ts'
import type { Bbox, Position } from '../../domain/geo.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { AssetOf, Observation } from '../../domain/observation.ts'
import type { Change } from '../../domain/projection.ts'
import type { Attribute } from '../../domain/rule.ts'
import { formatInstant, HOUR, type Instant, MINUTE, parseDuration, SECOND } from '../../domain/time.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { Book, Tables } from '../../store/book/book.ts'
import { alertChanged } from '../../store/book/changes.ts'
import { type DueLoop, whenDue } from '../../store/book/due.ts'
import type { Question } from '../../store/book/questions.ts'
import type { NearQuery } from '../../store/history/near.ts'
import { plain } from './plates.ts'
import { sightingsOf } from './sightings.ts'
import { trackOf } from './tracks.ts'
import { type Suspect, type Weighed, weigh } from './weigh.ts'

export interface AttributionDeps {
  book: Book
  /** Devices that were in a box, with what they reported in the whole span; lets others go on meanwhile. One call at a time. */
  near(query: NearQuery): Promise<Map<string, Observation[]>>
  /** What a camera saw between two times. */
  scenes(camera: DeviceId, from: Instant, to: Instant): Observation[]
  assetOf: AssetOf
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  /** Hands on what changed: feed, MQTT, desks. */
  changed(changes: readonly Change[]): void
  now(): Instant
  failed(error: unknown): void
}

/** Tracks are read for so long before and after, and those of vehicles that came so near. */
const AROUND_MS = 10 * MINUTE
const NEAR_M = 1500
/** Fixes after the event close the gap that it fell into; what a dead zone held back comes later still. After the last of these nobody asks again. */
const AGAIN_MS = [45 * SECOND, 3 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR]
const BATCH = 10
const MEMBERS = ['speedKmh', 'headingDeg', 'alarms', 'load', 'lid', 'bed']
/** A change of a probability that people should hear of. */
const MATTERS = 0.05

/**
 * Names the vehicles to which alerts are laid, for rules that `attribute`: beside the projection and never in its way, like
 * evidence. The book says which alerts still wait, so that a restart goes on where it was; each is asked a bounded number of
 * times, because late data may change the answer.
 */
export function openAttribution(deps: AttributionDeps): DueLoop {
  return whenDue((now) => attributeDue(deps, now), deps.now, deps.failed)
}

/** Does everything that is due; answers when the next attempt is. */
export async function attributeDue(deps: AttributionDeps, now: Instant): Promise<Instant | undefined> {
  for (;;) {
    const due = await deps.book.questions.due('vehicle', now, BATCH)
    if (due.length === 0) return deps.book.questions.nextDue('vehicle')
    for (const wanted of due) await attribute(deps, wanted, now)
  }
}

async function attribute(deps: AttributionDeps, wanted: Question, now: Instant): Promise<void> {
  const { book } = deps
  const alert = await book.alerts.find(wanted.alert)
  const rule = alert && (await book.rules.find(alert.rule, alert.ruleVersion))?.file?.attribute
  const wait = AGAIN_MS[wanted.attempts]
  const next = wait === undefined ? null : now + wait
  if (!alert || !rule || alert.lon === null || alert.lat === null) return book.questions.later(wanted, 'vehicle', wanted.attempts, null)
  try {
    const candidates = await candidatesOf(deps, alert, rule, [alert.lon, alert.lat])
    deps.changed(
      await deps.commit(async (tables) => {
        await tables.questions.later(wanted, 'vehicle', wanted.attempts + 1, next)
        return keep(tables, alert.id, { candidates, before: wanted.answer as Candidate[] | null, rule, now })
      }),
    )
  } catch (error) {
    deps.failed(error)
    await book.questions.later(wanted, 'vehicle', wanted.attempts + 1, next)
  }
}

async function candidatesOf(deps: AttributionDeps, alert: AlertRecord, rule: Attribute, origin: Position): Promise<Candidate[]> {
  const { openedAt } = alert
  const withinMs = parseDuration(rule.within) ?? MINUTE
  const camera = alert.devices[0] as DeviceId | undefined
  const scenes = camera === undefined || (!rule.objects && !rule.left) ? [] : deps.scenes(camera, openedAt - 2 * withinMs, openedAt)
  const score = typeof alert.params.score === 'number' ? alert.params.score : 0.3
  const sightings = sightingsOf({ scenes, attribute: rule, openedAt, withinMs, origin, score })
  const read = { from: openedAt - withinMs - AROUND_MS, to: openedAt + AROUND_MS }
  const found = await deps.near({ kind: 'vehicle', box: around(origin), ...read, members: MEMBERS })
  const suspects = await suspectsOf(deps, found, rule, { origin, openedAt })
  const plates = [...new Set(sightings.flatMap((sighting) => sighting.plates.map(plain)))]
  const elsewhere = (await deps.book.assets.withPlates(plates)).flatMap(({ id, labels }) => (labels.plate === undefined ? [] : [{ vehicle: id, plate: labels.plate }]))
  return weigh({ sightings, suspects, elsewhere, unknownShare: rule.unknown, read: { from: read.from, to: Math.min(read.to, deps.now()) } }).map(toCandidate)
}

function around([lon, lat]: Position): Bbox {
  const north = NEAR_M / 111_195
  const east = north / Math.cos((lat * Math.PI) / 180)
  return [lon - east, lat - north, lon + east, lat + north]
}

async function suspectsOf(
  { book, assetOf }: AttributionDeps,
  found: ReadonlyMap<string, Observation[]>,
  { labels = {} }: Attribute,
  about: { origin: Position; openedAt: Instant },
): Promise<Suspect[]> {
  const suspects: Suspect[] = []
  for (const [device, observations] of found) {
    const asset = await book.assets.find(assetOf(device as DeviceId))
    if (asset?.kind !== 'vehicle' || Object.entries(labels).some(([name, value]) => asset.labels[name] !== value)) continue
    const track = trackOf(observations, about.origin, about.openedAt)
    if (track) suspects.push({ ...track, vehicle: asset.id, plate: asset.labels.plate ?? null })
  }
  return suspects
}

function toCandidate({ probability, when, ...rest }: Weighed, index: number): Candidate {
  return { ...rest, rank: index + 1, probability: Math.round(probability * 1000) / 1000, when: when === null ? null : formatInstant(when) }
}

interface Found {
  candidates: Candidate[]
  before: readonly Candidate[] | null
  rule: Attribute
  now: Instant
}

/** Writes what was found where it differs from what stands, tells of it, and names the one vehicle that is sure. */
async function keep(tables: Tables, id: string, { candidates, before, rule, now }: Found): Promise<Change[]> {
  const alert = await tables.alerts.find(id)
  if (!alert || !differs(before, candidates)) return []
  const after: AlertRecord = { ...alert, vehicle: culpritOf(candidates, rule.sure), attributedAt: now }
  await tables.questions.answered(id, 'vehicle', candidates)
  await tables.alerts.save(after)
  await tables.alerts.addLine(id, {
    at: now,
    by: 'platform',
    what: 'attributed',
    note: before === null ? nameOf(candidates[0]) : `${nameOf(before[0])} → ${nameOf(candidates[0])}`,
  })
  return [await alertChanged(tables, after, 'updated', { id: `${id}-attributed-${now}`, at: now })]
}

/** True when the order of the likely ones changed, or a probability by more than a little. */
function differs(before: readonly Candidate[] | null, after: readonly Candidate[]): boolean {
  if (before === null) return true
  const was = new Map(before.map(({ vehicle, probability }) => [vehicle, probability]))
  return before[0]?.vehicle !== after[0]?.vehicle || after.some(({ vehicle, probability }) => Math.abs(probability - (was.get(vehicle) ?? 0)) >= MATTERS)
}

function culpritOf([first]: readonly Candidate[], sure: number): Culprit | null {
  return first && first.vehicle !== null && first.probability >= sure ? { asset: first.vehicle, plate: first.plate, probability: first.probability } : null
}

/** What the timeline says of an answer: its best, with its probability. */
function nameOf(candidate: Candidate | undefined): string {
  return candidate ? `${candidate.plate ?? candidate.vehicle ?? 'unknown'} ${Math.floor(candidate.probability * 100)} %` : 'nobody'
}
