import { CodedError } from '../../domain/errors.ts'
import type { ClipTap } from '../../domain/ports/clips.ts'
import type { Instant } from '../../domain/time.ts'
import type { ChangedOnly } from '../../drivers/ffmpeg-frames.ts'
import { MIN_SIDE, type Size } from '../letterbox.ts'
import type { ModelInput } from '../models/manifest.ts'
import type { PushedFrames } from './pushed.ts'

/** One camera picture at the size of the model's input. */
export interface Frame {
  at: Instant
  rgb: Uint8Array<ArrayBuffer>
  /** Size of the picture itself, in pixels. */
  picture: Size
  /** The whole picture now and then, for evidence. */
  jpeg: Uint8Array | null
}

/** Why a source had a picture and gave no frame: it shows what the one before showed, a newer one came, it cannot be read. */
export type HeldBack = 'unchanged' | 'superseded' | 'unreadable'

/** What a source is asked for. */
export interface SourceNeeds {
  fps: number
  input: ModelInput
  now(): Instant
  /** Stills are this wide at the most, in pixels; STILL_WIDTH if absent. */
  stillWidth?: number | undefined
  /** Gives only pictures that differ from the last given, and one every so many seconds in any case. Only videos and streams keep to it. */
  changedOnly?: ChangedOnly | undefined
  /** Hears of pictures that the source had and gave no frame of. */
  heldBack?: ((why: HeldBack, count: number) => void) | undefined
  /** Where it leaves what clips of it are made from. */
  clips?: ClipTap | undefined
  /** Where the frames of a gateway come in, and under which camera's name. */
  pushed?: PushedFrames | undefined
  camera?: string | undefined
}

/** The size itself. Throws `source.failed` for what no camera sends. */
export function checkSize(size: Size): Size {
  if (size.width < MIN_SIDE || size.height < MIN_SIDE) throw new CodedError('source.failed', `a picture of ${size.width} × ${size.height} pixels shows nothing`)
  return size
}

/** Evidence must be legible: the reader of a still looks for a plate, not for a car. */
export const STILL_WIDTH = 1280
/** A program that reads plates needs them larger than a person does. */
export const READER_STILL_WIDTH = 2560
/** No more than one still in so many seconds of event time. */
export const STILL_EVERY_S = 1

const SILENT_MS = 10_000
/** A source has failed when nothing came for this long: 10 s, or three intervals of a slow one. */
export function stallMs(fps: number): number {
  return Math.max(SILENT_MS, 3000 / fps)
}
