import { devicesOf } from '../../domain/asset.ts'
import { CameraConfigSchema } from '../../domain/camera.ts'
import type { Doubtful } from '../../domain/certainty.ts'
import { type Denied, deniedBy, type Witness } from '../../domain/denied.ts'
import type { Bbox, Position } from '../../domain/geo.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Change } from '../../domain/projection.ts'
import type { RuleFile } from '../../domain/rule.ts'
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { type AlertRecord, confirms } from '../../store/book/alerts.ts'
import type { Book, Tables } from '../../store/book/book.ts'
import { alertChanged } from '../../store/book/changes.ts'
import { type DueLoop, whenDue } from '../../store/book/due.ts'
import type { Question } from '../../store/book/questions.ts'
import { writeAttention } from '../attention.ts'
import { reduceInBook } from '../neighbourhood.ts'
import { policyOf } from '../policy.ts'
import { doubted, undoubted } from './doubt.ts'
import { joinFused } from './fusion.ts'

export interface DoubtsDeps {
  book: Book
  /** What a camera saw between two times. */
  scenes(camera: DeviceId, from: Instant, to: Instant): Observation[]
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  /** Hands on what changed: feed, MQTT, desks. */
  changed(changes: readonly Change[]): void
  now(): Instant
  failed(error: unknown): void
}

/** Cameras look now and then: they are asked soon after the alert began, and then steadily for as long as it goes on, because a cover that a camera saw closed may be taken away hours later. */
const AGAIN_MS = [20 * SECOND, 40 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE]
/** A camera farther away does not see the place, and looks older than this say nothing of the present. */
const CAMERAS_M = 120
const MOST_CAMERAS = 50
const RECENT_MS = 10 * MINUTE
/** Often enough that no look is too old before it was asked for. */
const STEADY_MS = RECENT_MS
const BATCH = 20

/**
 * Asks cameras of alerts whose rule lets itself be doubted, while they go on: beside the projection, like evidence. The
 * condition stays the engine's; what changes is how it is shown and where it goes, and that is taken back as soon as the
 * looks no longer say so, or another alert confirms it.
 */
export function openDoubts(deps: DoubtsDeps): DueLoop {
  return whenDue((now) => doubtDue(deps, now), deps.now, deps.failed)
}

/** Does everything that is due; answers when the next attempt is. */
export async function doubtDue(deps: DoubtsDeps, now: Instant): Promise<Instant | undefined> {
  for (;;) {
    const due = await deps.book.questions.due('doubt', now, BATCH)
    if (due.length === 0) return deps.book.questions.nextDue('doubt')
    for (const question of due) await ask(deps, question, now)
  }
}

async function ask(deps: DoubtsDeps, question: Question, now: Instant): Promise<void> {
  const { book } = deps
  const { alert: id, attempts } = question
  const alert = await book.alerts.find(id)
  const file = alert && (await book.rules.find(alert.rule, alert.ruleVersion))?.file
  const next = now + (AGAIN_MS[attempts] ?? STEADY_MS)
  if (!alert || !file?.doubt || alert.condition === 'resolved' || alert.lon === null || alert.lat === null) return book.questions.later(question, 'doubt', attempts, null)
  try {
    const found = await witnessed(deps, alert, { rule: file.doubt, place: [alert.lon, alert.lat] }, now)
    deps.changed(
      await deps.commit(async (tables) => {
        await tables.questions.later(question, 'doubt', attempts + 1, next)
        return apply(tables, id, { found, file, now })
      }),
    )
  } catch (error) {
    deps.failed(error)
    await book.questions.later(question, 'doubt', attempts + 1, next)
  }
}

/** What the nearest camera that denies it saw; undefined when none does. */
async function witnessed(deps: DoubtsDeps, alert: AlertRecord, denied: Omit<Denied, 'crowded'>, now: Instant): Promise<Doubtful | undefined> {
  const { assets } = deps.book
  const kind = (await assets.find(alert.asset))?.kind
  const around = kind === undefined ? [] : await assets.list({ kind, bbox: boxAround(denied.place, 2 * denied.rule.withinM), after: '', limit: MOST_CAMERAS }, '')
  const crowded = around.some(({ id }) => id !== alert.asset)
  for (const camera of await assets.list({ kind: 'camera', bbox: boxAround(denied.place, CAMERAS_M), after: '', limit: MOST_CAMERAS }, '')) {
    const found = deniedBy({ ...denied, crowded }, await witness(deps, camera.id, devicesOf(camera)[0] ?? camera.id, alert, now))
    if (found) return found
  }
  return undefined
}

async function witness(deps: DoubtsDeps, asset: string, device: string, alert: AlertRecord, now: Instant): Promise<Witness> {
  const config = CameraConfigSchema.safeParse((await deps.book.assets.camera(asset))?.config ?? (await deps.book.assets.camera(device))?.config)
  const drawn: readonly { id: string; asset?: string | undefined }[] = config.success ? config.data.zones : []
  const zones = new Set(drawn.filter((zone) => zone.asset === alert.asset).map(({ id }) => id))
  return { camera: device, looks: deps.scenes(device as DeviceId, Math.max(alert.openedAt, now - RECENT_MS), now), zones }
}

function boxAround([lon, lat]: Position, metres: number): Bbox {
  const north = metres / 111_000
  const east = north / Math.cos((lat * Math.PI) / 180)
  return [lon - east, lat - north, lon + east, lat + north]
}

interface Answer {
  found: Doubtful | undefined
  file: RuleFile
  now: Instant
}

/** Changes how the alert is shown, and with its severity what keeps it quiet or groups it, in one go. */
async function apply(tables: Tables, id: string, { found, file, now }: Answer): Promise<Change[]> {
  const alert = await tables.alerts.find(id)
  if (!alert || !file.doubt || alert.condition === 'resolved') return []
  const confirmed = ((await tables.fusions.ofAll([id])).get(id) ?? []).some((partner) => confirms(partner) && partner.condition !== 'resolved')
  const after = found && !confirmed ? doubted(alert, file.doubt, found) : undoubted(alert)
  if ((alert.doubt === null) === (after.doubt === null)) return []
  const outcome = await reduceInBook(tables, { type: 'transition', alert: after, what: 'severity', at: now, clock: now, policy: policyOf(file) }, await tables.attention.standing())
  const kept = outcome.changes.find((change) => change.after.id === id)?.after ?? after
  await tables.alerts.save(kept)
  const note = found && after.doubt ? `${found.camera} saw ${found.label} in ${found.looks} of ${found.of} looks` : ''
  await tables.alerts.addLine(id, { at: now, by: 'platform', what: after.doubt ? 'doubted' : 'undoubted', note })
  const cause = { id: `${id}-doubt-${now}`, at: now }
  return [await alertChanged(tables, kept, 'updated', cause), ...(await writeAttention(tables, outcome, cause, id)), ...(await joinFused(tables, outcome, cause, new Set([id])))]
}
