import type { Instant } from '../time.ts'

/** A file that a camera plays, and the event time of its first picture. */
export interface FileRun {
  path: string
  start: Instant
  loop: boolean
  /** It is one picture that stands still. */
  picture: boolean
}

/** Where a source that streams leaves its pictures as they come, for clips. */
export interface Recording {
  /** Path with `%s` for the second (since 1970) in which a segment begins. */
  pattern: string
  segmentS: number
}

/** What a source tells of one camera so that clips of it can be made afterwards. */
export interface ClipTap {
  /** For a stream. Throws when nothing can be written there; the camera looks on without. */
  recording(): Promise<Recording>
  /** For a file. */
  began(run: FileRun): Promise<void>
}

/**
 * A clip, or why there is none. `again`: there may be one at that time; `final`: there never will. `at`: event time of its first picture; `ms` how long
 * it is. `of`: whether it is the camera's own video, or made of the stills that were kept.
 */
export type Cut = { bytes: Uint8Array; at: Instant; ms: number; of: 'video' | 'stills' } | { none: string; again?: Instant; final?: true }

export interface Clips {
  /** What a camera saw between two event times, and a little more where video can only be cut at a key picture. */
  cut(camera: string, from: Instant, to: Instant): Promise<Cut>
}
