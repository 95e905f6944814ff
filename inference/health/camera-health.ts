import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { CameraConfig } from '../../domain/camera.ts'
import { type Instant, MINUTE } from '../../domain/time.ts'
import { type Framing, Health, type HealthChange, HealthMemorySchema } from './health.ts'

/** A memory with the view that it is of: source and zones, as a hash, because addresses bear passwords. */
export const KeptHealthSchema = HealthMemorySchema.extend({ of: z.string() })
export type KeptHealth = z.infer<typeof KeptHealthSchema>

export interface CameraHealthOptions {
  /** What an earlier run remembered; asked once. */
  before?(): KeptHealth | undefined
  tell(changes: readonly HealthChange[]): void
}

/** The usual picture changes slowly; what is wrong with it is kept at once. */
const KEEP_MS = 10 * MINUTE

/**
 * The health of one camera over its configurations and restarts: what is usual is forgotten when another source is set, or the zones are
 * drawn anew, which is what people do after a camera was moved; and kept otherwise, so that a restart does not take a lens that is
 * covered for the usual picture. A file has none.
 */
export class CameraHealth {
  readonly #options: CameraHealthOptions
  #view: string | undefined
  #health: Health | undefined
  #kept: { at: Instant; picture: string } | undefined

  constructor(options: CameraHealthOptions) {
    this.#options = options
  }

  /** Takes a configuration. */
  set({ source, zones }: Pick<CameraConfig, 'source' | 'zones'>): void {
    const view = createHash('sha256')
      .update(JSON.stringify([source, zones]))
      .digest('base64url')
    if (view === this.#view) return
    const before = this.#view === undefined ? this.#options.before?.() : undefined
    this.#view = view
    this.#kept = undefined
    this.#health = source && source.type !== 'file' ? new Health(before?.of === view ? before : undefined) : undefined
  }

  /** A frame came. */
  look(at: Instant, rgb: Uint8Array, framing: Framing): void {
    this.#tell(this.#health?.look(at, rgb, framing))
  }

  /** An attempt to get a picture failed. */
  lost(at: Instant): void {
    this.#tell(this.#health?.lost(at))
  }

  /** Frames come, whether they are looked at or not. */
  back(at: Instant): void {
    this.#tell(this.#health?.back(at))
  }

  /** What is to be remembered, if it has changed since it was last taken, or was not taken for a while. */
  take(now: Instant): KeptHealth | undefined {
    const picture = this.#health?.picture
    if (!this.#view || !this.#health || picture === undefined) return undefined
    if (this.#kept?.picture === picture && now - this.#kept.at < KEEP_MS) return undefined
    const memory = this.#health.save()
    if (memory) this.#kept = { at: now, picture }
    return memory && { of: this.#view, ...memory }
  }

  #tell(changes: readonly HealthChange[] = []): void {
    if (changes.length > 0) this.#options.tell(changes)
  }
}
