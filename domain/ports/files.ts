import type { EvidenceId } from '../ids.ts'

/** Evidence bytes. Written to a temporary name, flushed, renamed: a file that exists is whole. */
export interface Files {
  /** Keeps bytes under the id that their SHA-256 gives them; the same bytes twice are one file. */
  put(bytes: Uint8Array, extension: 'jpg' | 'mp4' | 'json'): Promise<{ id: EvidenceId; sha256: string }>
  get(id: EvidenceId): Promise<Uint8Array | undefined>
  /** Removes a file for good; one that is not there is no error. */
  remove(id: EvidenceId): Promise<void>
  /** Every file that was last written before `before` (ms by the disk's clock). */
  ids(before: number): AsyncIterable<EvidenceId>
}
