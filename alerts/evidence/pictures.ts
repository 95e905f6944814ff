import { type CameraConfig, CameraConfigSchema } from '../../domain/camera.ts'
import { canonical } from '../../domain/canonical.ts'
import { formatInstant, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { EvidenceDeps } from './deps.ts'
import type { Held } from './held.ts'
import { type Look, lookNear } from './look.ts'
import type { Known } from './manifest.ts'
import { backMs, centreOf, type Story, type Wish, wishesOf } from './moments.ts'

/** What an attempt brought. */
export interface Found {
  pieces: Known[]
  /** Files that a newer one takes the place of. */
  replaced: string[]
  /** What should be there and is not (yet). `again`: when it may be; `final`: it never will. */
  missing: { why: string; again?: Instant; final?: true }[]
  /** What could not be kept. */
  failures: string[]
}

/** Before and after a moment, in a clip. */
const [CLIP_BEFORE_MS, CLIP_AFTER_MS] = [10 * SECOND, 20 * SECOND]
/** A camera that looks once in ten seconds still has a picture this near. */
const STILL_WITHIN_MS = 10 * SECOND
/** A picture and the look at it bear the same time; where they do not, this is near enough to be worth naming. */
const LOOK_WITHIN_MS = 5 * SECOND
/** So long before its end a thing was seen last, at the latest. */
const LAST_SEEN_MS = 2 * MINUTE
const MOST_LOOKS = 3000

/** The camera of an alert with its configuration when the alert was raised, if the platform has one. */
export interface Witness {
  id: string
  version: number
  config: CameraConfig | null
}

/** An alert of several devices may be a cover's and a camera's together: the one with a configuration is the camera. */
export async function witnessOf({ book }: EvidenceDeps, alert: AlertRecord, stills: boolean): Promise<Witness | undefined> {
  for (const id of new Set([...alert.devices, alert.asset])) {
    const camera = await book.assets.cameraAt(id, alert.raisedAt)
    if (camera) return { id, version: camera.version, config: CameraConfigSchema.safeParse(camera.config).data ?? null }
  }
  return stills ? { id: alert.devices[0] ?? alert.asset, version: 0, config: null } : undefined
}

/** Stills, clip and scenes that an alert lacks. `keep` puts bytes among the files; what it cannot keep goes to `failures`. */
export async function gatherPictures(deps: EvidenceDeps, alert: AlertRecord, camera: string, held: Held, found: Found, keep: Keep): Promise<void> {
  const story = await storyOf(deps, alert, camera)
  const wishes = wishesOf(story)
  const looks = new Map([...held.looks, ...story.looks.filter(({ at }) => wishes.some((wish) => wish.at === at))].map((look) => [look.offset, look]))
  for (const wish of wishes) if (!held.shown.has(wish.shows)) await gatherStill(deps, camera, wish, { held, found, keep, looks })
  if (!held.files.some(({ kind }) => kind === 'clip')) await gatherClip(deps, camera, centreOf(wishes, story.confirmedAt), { found, keep, looks })
  const sorted = [...looks.values()].sort((a, b) => a.at - b.at).slice(0, MOST_LOOKS)
  if (sorted.length > held.looks.length) await gatherScenes(camera, sorted, held, found, keep)
}

/** Undefined when the bytes could not be kept; that is noted. */
export type Keep = (bytes: Uint8Array, extension: 'jpg' | 'mp4' | 'json') => Promise<{ id: string; sha256: string; bytes: number } | undefined>

interface Gathering {
  found: Found
  keep: Keep
  looks: Map<number, Look>
}

async function storyOf({ book, looks, stills, observations }: EvidenceDeps, alert: AlertRecord, camera: string): Promise<Story> {
  const lines = await book.alerts.timeline(alert.id)
  const confirmedAt = lines[0] ? Date.parse(lines[0].at) : alert.openedAt
  const overAt = alert.resolvedAt === null ? null : Date.parse(lines.findLast(({ what }) => what === 'recovering')?.at ?? formatInstant(alert.resolvedAt))
  const rule = (await book.rules.find(alert.rule, alert.ruleVersion))?.file ?? null
  const from = alert.openedAt - backMs(rule)
  const seen = rule?.each === undefined && backMs(rule) > 0 ? await looks(camera, from, confirmedAt) : []
  // A camera that was told to look no more may have had its last picture long before the end.
  const lastAt = overAt === null ? null : (stills.times(camera, from, overAt).at(-1) ?? overAt)
  const end = lastAt === null || overAt === null ? [] : await looks(camera, Math.max(from, lastAt - LAST_SEEN_MS), Math.min(overAt, lastAt + LOOK_WITHIN_MS))
  const named = alert.observations.length > 1 ? (await observations(alert.observations)).filter(({ device }) => device === camera).map(({ at }) => at) : []
  return {
    ...{ key: alert.key, openedAt: alert.openedAt, confirmedAt, overAt, values: alert.values, params: alert.params, named, rule },
    looks: [...seen, ...end.filter(({ at }) => !seen.some((look) => look.at === at))],
    pictures: stills.times(camera, from - MINUTE, confirmedAt),
  }
}

async function gatherStill(deps: EvidenceDeps, camera: string, { shows, at }: Wish, { held, found, keep, looks }: Gathering & { held: Held }): Promise<void> {
  const still = await deps.stills.near(camera, at, STILL_WITHIN_MS)
  if (!still) return void found.missing.push({ why: `no picture of ${camera} near ${formatInstant(at)} (${shows})` })
  const look = lookNear(await deps.looks(camera, still.at - LOOK_WITHIN_MS, still.at + LOOK_WITHIN_MS), still.at, LOOK_WITHIN_MS)
  const file = await keep(still.jpeg, 'jpg')
  if (!file) return
  // What shows two moments is one picture, under the first of them.
  if ([...held.files, ...found.pieces].some(({ id }) => id === file.id)) return
  if (look) looks.set(look.offset, look)
  const scene = look ? { offset: look.offset, at: formatInstant(look.at) } : null
  found.pieces.push({ ...file, kind: 'still', at: still.at, shows, receivedAt: look?.at === still.at ? look.receivedAt : null, scene })
}

async function gatherClip(deps: EvidenceDeps, camera: string, centre: Instant, { found, keep, looks }: Gathering): Promise<void> {
  const cut = await deps.clips.cut(camera, centre - CLIP_BEFORE_MS, centre + CLIP_AFTER_MS)
  if ('none' in cut) return void found.missing.push({ why: cut.none, ...(cut.again !== undefined && { again: cut.again }), ...(cut.final && { final: cut.final }) })
  const file = await keep(cut.bytes, 'mp4')
  if (!file) return
  for (const look of await deps.looks(camera, cut.at - LOOK_WITHIN_MS, cut.at + cut.ms + LOOK_WITHIN_MS)) looks.set(look.offset, look)
  found.pieces.push({ ...file, kind: 'clip', at: cut.at, shows: null, receivedAt: null, ms: cut.ms, of: cut.of })
}

/** Boxes as data, look by look, under a hash of their own: they outlive the journal, and no picture has them burnt in. */
async function gatherScenes(camera: string, looks: readonly Look[], held: Held, found: Found, keep: Keep): Promise<void> {
  const [first] = looks
  const file = first && (await keep(new TextEncoder().encode(canonical({ camera, looks })), 'json'))
  if (!file) return
  found.pieces.push({ ...file, kind: 'scenes', at: first.at, shows: null, receivedAt: null })
  found.replaced.push(...held.files.filter(({ kind }) => kind === 'scenes').map(({ id }) => id))
}
