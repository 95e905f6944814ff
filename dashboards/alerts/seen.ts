import type { Alert, AlertDetail } from '../../domain/alert.ts'
import type { PictureZone } from '../../domain/camera.ts'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { msOf } from '../i18n/times.ts'
import { nearestScene, type SeenScene } from './scene.ts'

/** What the model saw around the pictures of an alert, and the zones that it looked in. */
export interface Seen {
  scenes: readonly SeenScene[]
  zones: readonly PictureZone[]
  /** Key of the alert: which object it is about. */
  subject: string
}

/** A picture and the model's look at it need not bear the same millisecond. */
const NEAR_MS = 5000
/** Over a clip, a look that is older than this says nothing of what is shown. */
const STALE_MS = 2500

/** From the evidence itself, which keeps its boxes; for what is older than that, from the stored observations. */
export function useSeen(alert: Alert, { evidence, provenance }: AlertDetail): Seen {
  const scenes = evidence.find(({ kind, deletedAt }) => kind === 'scenes' && deletedAt === undefined)
  const manifest = evidence.find(({ kind }) => kind === 'manifest')
  const stills = evidence.filter(({ kind }) => kind === 'still').map(({ at }) => msOf(at))
  const camera = provenance.model === null ? null : (alert.devices[0] ?? alert.asset)
  const kept = useLoad(scenes?.url ?? null, (signal) => read<{ looks: unknown }>(scenes?.url ?? '', signal))
  const signed = useLoad(manifest?.url ?? null, (signal) => read<{ camera: { zones: PictureZone[] } | null }>(manifest?.url ?? '', signal))
  const stored = useLoad(scenes === undefined && camera !== null && stills.length > 0 ? `${camera} ${stills.join()}` : null, (signal) => observed(camera ?? '', stills, signal))
  const looks = kept.value ? scenesIn(kept.value.looks) : (stored.value ?? [])
  return { scenes: looks, zones: signed.value?.camera?.zones ?? [], subject: alert.key }
}

async function read<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal, credentials: 'same-origin' })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return (await response.json()) as T
}

function scenesIn(looks: unknown): SeenScene[] {
  return Array.isArray(looks) ? looks.flatMap((look: Record<string, unknown>) => nearestScene([look], 0) ?? []) : []
}

async function observed(camera: string, stills: readonly number[], signal: AbortSignal): Promise<SeenScene[]> {
  const lists = stills.map(async (at) => {
    const query = { device: camera, kind: 'scene', from: new Date(at - NEAR_MS).toISOString(), to: new Date(at + NEAR_MS).toISOString(), limit: 100 }
    return nearestScene((await city.observations(query, signal)).items, at) ?? []
  })
  return (await Promise.all(lists)).flat()
}

/** What was seen in a still: the look nearest to it. */
export function seenInStill(scenes: readonly SeenScene[], at: number): SeenScene | undefined {
  let best: SeenScene | undefined
  for (const scene of scenes) if (best === undefined || Math.abs(scene.at - at) < Math.abs(best.at - at)) best = scene
  return best && Math.abs(best.at - at) <= NEAR_MS ? best : undefined
}

/** What was seen last when a clip shows this moment; undefined when that was too long before. `scenes` rise. */
export function seenInClip(scenes: readonly SeenScene[], at: number): SeenScene | undefined {
  const last = scenes.findLast((scene) => scene.at <= at)
  return last && at - last.at <= STALE_MS ? last : undefined
}
