import { z } from 'zod'
import { HOUR, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { placePicture, type Size } from '../letterbox.ts'
import type { ModelInput } from '../models/manifest.ts'
import { COLUMNS, type Luminance, luminanceOf, ROWS, shareChanged } from './luminance.ts'
import { faultOf, PICTURE_STATES, type PictureState, type Usual, usualOf } from './picture-fault.ts'

/** What is to be told of a camera, as a presence observation. */
export interface HealthChange {
  at: Instant
  state: 'online' | 'offline'
  /** Absent while the camera gives none. */
  picture?: PictureState
}

/** Where the picture lies in a frame. */
export interface Framing {
  input: Pick<ModelInput, 'width' | 'height' | 'fit'>
  /** Size of the picture itself. */
  picture: Size
}

/** Pictures closer together tell nothing new. */
const EVERY_MS = 2 * SECOND
/** How long another state must last before it is told; a camera that is looked at rarely is asked twice. */
const HOLD_MS: Record<PictureState, number> = { ok: 5 * SECOND, dark: 5 * SECOND, bright: 10 * SECOND, covered: 10 * SECOND, moved: 20 * SECOND, frozen: 0 }
const LOOKS = 3
const LOOKS_WHEN_RARE = 2
const RARE_MS = MINUTE
/** A living picture has noise everywhere, a frozen one only where somebody writes the time into it. */
const FROZEN = { level: 0.35, enter: 0.03, stay: 0.06, ms: MINUTE, looks: 4, looksWhenRare: 3 }
/** The usual picture follows the light of the day. */
const USUAL_MS = 20 * MINUTE
const USUAL_LOOKS = 60
const USUAL_EVERY_MS = 30 * SECOND
/** Before so long and so many looks nobody knows what is usual: what stands there first may be a lorry. */
const KNOWN = { ms: 2 * MINUTE, looks: 12 }
/** Attempts without a picture, and for how long, before a camera counts as lost: one that reconnects at once is not. */
const LOST = { attempts: 2, ms: 10 * SECOND }
/** A state is told again now and then, so that it does not grow stale (S4). */
const AGAIN_MS = 12 * HOUR

/** What a camera's health remembers over a restart: how its picture usually is, and what is wrong with it. */
export const HealthMemorySchema = z.object({
  /** A byte for each cell, base64. */
  usual: z.string(),
  state: z.enum(PICTURE_STATES),
})
export type HealthMemory = z.infer<typeof HealthMemorySchema>

/**
 * The health of one camera: lost, or with a picture that is frozen, dark, bright, covered or moved. Pure but for what it remembers:
 * no clock, no I/O. A camera that was moved stays so until it shows the old view again or its configuration is written anew (make a
 * new one then): its zones lie elsewhere.
 */
export class Health {
  #state: 'unknown' | 'online' | 'offline' = 'unknown'
  #picture: PictureState = 'ok'
  #toldAt: Instant = Number.NEGATIVE_INFINITY
  #candidate: { picture: PictureState; since: Instant; looks: number } | undefined
  #before: { at: Instant; picture: Luminance } | undefined
  #average: { picture: Luminance; looks: number; ms: number } | undefined
  #usual: Usual | null = null
  /** How much time was learned from when the usual picture was last worked out. */
  #usualMs = 0
  #still: { since: Instant; looks: number } | undefined
  #failing: { since: Instant; attempts: number } | undefined

  /** `memory` is what `save` gave in the last life. */
  constructor(memory?: HealthMemory) {
    if (!memory) return
    const picture = Float32Array.from(Buffer.from(memory.usual, 'base64'))
    if (picture.length !== COLUMNS * ROWS) return
    this.#average = { picture, looks: USUAL_LOOKS, ms: KNOWN.ms }
    this.#usual = usualOf(picture)
    this.#picture = memory.state === 'frozen' ? 'ok' : memory.state
  }

  /** What is wrong with the picture, if anything is. */
  get picture(): PictureState {
    return this.#picture
  }

  /** Undefined while nobody knows yet what is usual. */
  save(): HealthMemory | undefined {
    return this.#usual && this.#average ? { usual: Buffer.from(this.#average.picture.map(Math.round)).toString('base64'), state: this.#picture } : undefined
  }

  /** A frame came: `rgb` as a source gives it. What is to be told, mostly nothing. */
  look(at: Instant, rgb: Uint8Array, { input, picture }: Framing): HealthChange[] {
    this.#failing = undefined
    const before = this.#before
    if (before && at - before.at < EVERY_MS) return this.back(at)
    const small = luminanceOf(rgb, input, placePicture(input.fit, picture, input))
    const seen = this.#judge(at, small, before)
    this.#before = { at, picture: small }
    if (seen === 'ok' && this.#picture === 'ok') this.#learn(at - (before?.at ?? at), small)
    const picked = this.#hold(at, seen)
    const due = this.#state !== 'online' || picked !== this.#picture || at - this.#toldAt >= AGAIN_MS
    this.#picture = picked
    return due ? this.#tell({ at, state: 'online', picture: picked }) : []
  }

  /** An attempt to get a picture failed. */
  lost(at: Instant): HealthChange[] {
    this.#failing ??= { since: this.#before?.at ?? at, attempts: 0 }
    this.#failing.attempts++
    const { since, attempts } = this.#failing
    if (this.#state === 'offline' || attempts < LOST.attempts || at - since < LOST.ms) return []
    this.#candidate = undefined
    this.#still = undefined
    return this.#tell({ at, state: 'offline' })
  }

  /** Frames come, whether they are looked at or not. */
  back(at: Instant): HealthChange[] {
    this.#failing = undefined
    return this.#state === 'online' ? [] : this.#tell({ at, state: 'online' })
  }

  #tell(change: HealthChange): HealthChange[] {
    this.#state = change.state
    this.#toldAt = change.at
    return [change]
  }

  #judge(at: Instant, small: Luminance, before: { at: Instant; picture: Luminance } | undefined): PictureState {
    const fault = faultOf(small, before?.picture ?? null, this.#usual, this.#picture)
    return fault === 'ok' || fault === 'moved' ? (this.#isFrozen(at, small, before) ? 'frozen' : fault) : fault
  }

  #isFrozen(at: Instant, small: Luminance, before: { at: Instant; picture: Luminance } | undefined): boolean {
    const most = this.#picture === 'frozen' ? FROZEN.stay : FROZEN.enter
    if (!before || shareChanged(small, before.picture, FROZEN.level) > most) {
      this.#still = { since: at, looks: 1 }
      return false
    }
    this.#still ??= { since: before.at, looks: 1 }
    this.#still.looks++
    const rare = at - before.at >= RARE_MS
    return at - this.#still.since >= FROZEN.ms && this.#still.looks >= (rare ? FROZEN.looksWhenRare : FROZEN.looks)
  }

  /** The state to be told: another one only when it has lasted. */
  #hold(at: Instant, seen: PictureState): PictureState {
    if (seen === this.#picture) {
      this.#candidate = undefined
      return seen
    }
    if (this.#candidate?.picture !== seen) this.#candidate = { picture: seen, since: at, looks: 0 }
    const { since, looks } = this.#candidate
    this.#candidate.looks++
    const rare = at - since >= RARE_MS && looks + 1 >= LOOKS_WHEN_RARE
    const lasted = seen === 'frozen' || rare || (looks + 1 >= LOOKS && at - since >= HOLD_MS[seen])
    if (!lasted) return this.#picture
    this.#candidate = undefined
    return seen
  }

  #learn(ms: number, small: Luminance): void {
    const before = this.#average
    const looks = (before?.looks ?? 0) + 1
    // At first the plain mean of what was seen, then what was seen of late.
    const weight = looks <= USUAL_LOOKS ? 1 / looks : Math.max(1 - Math.exp(-ms / USUAL_MS), 1e-4)
    const picture = before ? before.picture.map((cell, i) => cell + weight * ((small[i] ?? 0) - cell)) : small.slice()
    const age = (before?.ms ?? 0) + ms
    this.#average = { picture, looks, ms: age }
    if (looks < KNOWN.looks || age < KNOWN.ms || (this.#usual && age - this.#usualMs < USUAL_EVERY_MS)) return
    this.#usual = usualOf(picture)
    this.#usualMs = age
  }
}
