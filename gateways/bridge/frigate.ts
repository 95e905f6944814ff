import { z } from 'zod'
import { isId } from '../../domain/ids.ts'
import { MAX_OBJECTS, type SceneObject } from '../../domain/observation.ts'
import { formatInstant, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { Report } from '../outbox.ts'

/** A camera of Frigate's: which of ours it is, and the size in pixels of the stream that it detects on (`detect` in its configuration). */
export const FrigateCameraSchema = z.strictObject({
  camera: z.string().refine(isId, 'must be the id of a camera'),
  width: z.number().int().min(16).max(16_384),
  height: z.number().int().min(16).max(16_384),
})
export type FrigateCamera = z.infer<typeof FrigateCameraSchema>

const SeenSchema = z.looseObject({
  id: z.string().min(1),
  camera: z.string(),
  /** Seconds since 1970; later than 2100 is no clock. */
  frame_time: z.number().positive().max(4_102_444_800),
  label: z.string().min(1),
  sub_label: z.unknown().optional(),
  score: z.number().min(0).max(1),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  current_zones: z.array(z.string()).default([]),
  false_positive: z.boolean().default(false),
  recognized_license_plate: z.unknown().optional(),
})
const EventSchema = z.looseObject({ type: z.enum(['new', 'update', 'end']), after: SeenSchema })

/** What is still there is told again so often, as the bridge's own scenes: between two events of Frigate's a parked car is silent for minutes. */
const AGAIN_MS = 10 * SECOND
/** An object whose end was never told is forgotten after so long without an update. */
const FORGET_MS = 30 * MINUTE

interface Tracked {
  object: SceneObject
  heardAt: Instant
}

/** Why a message was passed over. */
export type PassedOver = 'unreadable' | 'unknown_camera'

/**
 * Frigate's events, one per object, as scenes, one per camera with all that is in sight: in a scene, what is missing has left. A box
 * is in pixels of the detect stream and becomes fractions; what Frigate calls a false positive is not told. Pure but for what it
 * remembers.
 */
export class FrigateScenes {
  readonly #cameras: Readonly<Record<string, FrigateCamera>>
  readonly #inSight = new Map<string, Map<string, Tracked>>()
  readonly #toldAt = new Map<string, Instant>()
  readonly #lastAt = new Map<string, Instant>()

  constructor(cameras: Readonly<Record<string, FrigateCamera>>) {
    this.#cameras = cameras
  }

  /** A message of the topic `{prefix}/events`. `now`: when it came. */
  event(payload: unknown, now: Instant): Report | PassedOver {
    const parsed = EventSchema.safeParse(payload)
    if (!parsed.success) return 'unreadable'
    const { type, after } = parsed.data
    const camera = this.#cameras[after.camera]
    if (!camera) return 'unknown_camera'
    const inSight = this.#inSight.get(after.camera) ?? new Map<string, Tracked>()
    this.#inSight.set(after.camera, inSight)
    if (type === 'end' || after.false_positive) inSight.delete(after.id)
    else inSight.set(after.id, { object: objectOf(after, camera), heardAt: now })
    return this.#scene(after.camera, camera, Math.round(after.frame_time * SECOND), now)
  }

  /** Scenes of cameras in whose sight something still is and of which nothing was told for a while. Call it every second or so. */
  again(now: Instant): Report[] {
    return Object.entries(this.#cameras).flatMap(([name, camera]) => {
      const inSight = this.#inSight.get(name)
      if (!inSight || inSight.size === 0 || now - (this.#toldAt.get(name) ?? 0) < AGAIN_MS) return []
      for (const [id, { heardAt }] of inSight) if (now - heardAt > FORGET_MS) inSight.delete(id)
      return [this.#scene(name, camera, now, now)]
    })
  }

  /** Frigate went away: what it saw is not known any more, and nothing is told of it. */
  gone(): void {
    this.#inSight.clear()
  }

  #scene(name: string, { camera }: FrigateCamera, at: Instant, now: Instant): Report {
    this.#toldAt.set(name, now)
    // Events of two objects may come a moment out of order; the scenes of a camera do not.
    const inOrder = Math.max(at, (this.#lastAt.get(name) ?? 0) + 1)
    this.#lastAt.set(name, inOrder)
    const objects = [...(this.#inSight.get(name)?.values() ?? [])].map(({ object }) => object).toSorted((a, b) => b.score - a.score)
    return { kind: 'scene', device: camera, payload: { at: formatInstant(inOrder), camera, model: 'frigate', objects: objects.slice(0, MAX_OBJECTS) } }
  }
}

function objectOf(seen: z.infer<typeof SeenSchema>, { width, height }: FrigateCamera): SceneObject {
  const [left, top, right, bottom] = seen.box
  const plate = textOf(seen.recognized_license_plate)
  return {
    label: seen.label.slice(0, 64),
    score: seen.score,
    box: [fraction(left, width), fraction(top, height), fraction(right - left, width), fraction(bottom - top, height)],
    track: seen.id.slice(0, 64),
    zones: seen.current_zones.slice(0, 64).map((zone) => zone.slice(0, 64)),
    ...(plate !== undefined && { plate: plate.slice(0, 16) }),
  }
}

/** Frigate's boxes may reach over the edge by a pixel or two. */
const fraction = (pixels: number, size: number): number => Math.max(0, Math.min(1, pixels / size))

/** Text, or the first of a pair of text and score. */
function textOf(value: unknown): string | undefined {
  const text: unknown = Array.isArray(value) ? value[0] : value
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** `{prefix}/available` and `{prefix}/{camera}/status/detect` as presence of the cameras that they speak of. */
export function frigatePresence(cameras: Readonly<Record<string, FrigateCamera>>, path: string, word: string, now: Instant): Report[] {
  const state = word === 'online' ? 'online' : ['offline', 'stopped', 'disabled'].includes(word) ? 'offline' : undefined
  if (state === undefined) return []
  const name = /^([^/]+)\/status\/detect$/.exec(path)?.[1]
  const spoken = path === 'available' ? Object.values(cameras) : name !== undefined && cameras[name] ? [cameras[name]] : []
  return spoken.map(({ camera }) => ({ kind: 'presence', device: camera, payload: { at: formatInstant(now), state } }))
}
