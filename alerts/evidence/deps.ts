import type { Offset } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Clips } from '../../domain/ports/clips.ts'
import type { Files } from '../../domain/ports/files.ts'
import type { Signer } from '../../domain/ports/signer.ts'
import type { StillSequence, Stills } from '../../domain/ports/stills.ts'
import type { Change } from '../../domain/projection.ts'
import type { Instant } from '../../domain/time.ts'
import type { ClipWork } from '../../drivers/ffmpeg-clip.ts'
import type { Book, Tables } from '../../store/book/book.ts'
import type { Look } from './look.ts'

export interface EvidenceDeps {
  book: Book
  files: Files
  stills: Stills & StillSequence
  clips: Clips
  signer: Signer
  /** For blurred copies. */
  tools: ClipWork
  /** The observations at these offsets, as the journal has them; those that it no longer keeps are left out. */
  observations(offsets: readonly Offset[]): Promise<Observation[]>
  /** What a camera's model saw between two event times, oldest first. */
  looks(camera: string, from: Instant, to: Instant): Promise<Look[]>
  clockOf(device: string): Promise<{ skewMs: number; state: string } | null>
  /** Of the whole file of a model, while it is there. */
  modelSha256(model: string): Promise<string | undefined>
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  /** Hands on what changed: feed, MQTT, desks. */
  changed(changes: readonly Change[]): void
  now(): Instant
  failed(error: unknown): void
}
