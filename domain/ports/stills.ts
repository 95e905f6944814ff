import type { Instant } from '../time.ts'

/** Recent camera pictures as JPEG, on disk, bounded: what evidence is taken from. */
export interface Stills {
  /** The picture of this camera nearest to `at`, within `withinMs`. */
  near(camera: string, at: Instant, withinMs: number): Promise<{ at: Instant; jpeg: Uint8Array } | undefined>
  newest(camera: string): Promise<{ at: Instant; jpeg: Uint8Array } | undefined>
}

/** The same pictures as a sequence. */
export interface StillSequence {
  /** Event times of the pictures with from ≤ at ≤ to, oldest first. */
  times(camera: string, from: Instant, to: Instant): readonly Instant[]
}

/** Takes the pictures as they come. */
export interface StillWriter {
  /** Keeps a JPEG; when it resolves, `near` finds it. Throws `request.invalid` for a camera id that is none. */
  put(camera: string, at: Instant, jpeg: Uint8Array): Promise<void>
}
