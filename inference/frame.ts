import type { ClipTap } from '../domain/ports/clips.ts'
import type { Instant } from '../domain/time.ts'
import type { Size } from './letterbox.ts'
import type { ModelInput } from './models/manifest.ts'

/** One camera picture at the size of the model's input. */
export interface Frame {
  at: Instant
  rgb: Uint8Array<ArrayBuffer>
  /** Size of the picture itself, in pixels. */
  picture: Size
  /** The whole picture now and then, for evidence. */
  jpeg: Uint8Array | null
}

/** What a source is asked for. */
export interface SourceNeeds {
  fps: number
  input: ModelInput
  /** Where it leaves what clips of it are made from. */
  clips?: ClipTap | undefined
  now(): Instant
}

/** Evidence must be legible: the reader of a still looks for a plate, not for a car. */
export const STILL_WIDTH = 1280
/** No more than one still in so many seconds of event time. */
export const STILL_EVERY_S = 1

const SILENT_MS = 10_000
/** A source has failed when nothing came for this long: 10 s, or three intervals of a slow one. */
export function stallMs(fps: number): number {
  return Math.max(SILENT_MS, 3000 / fps)
}
