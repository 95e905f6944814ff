import { CodedError } from '../domain/errors.ts'
import { seesOriginals } from '../domain/privacy.ts'
import type { Principal } from '../domain/role.ts'
import type { Instant } from '../domain/time.ts'
import { hideInPicture } from '../drivers/ffmpeg-clip.ts'
import { type DueLoop, whenDue } from '../store/book/due.ts'
import type { EvidenceKind } from '../store/book/evidence.ts'
import { attachDue } from './evidence/attach.ts'
import { Copies } from './evidence/copies.ts'
import type { EvidenceDeps } from './evidence/deps.ts'
import { exportEvidence } from './evidence/export.ts'
import { relink } from './evidence/relink.ts'
import { type EvidenceFile, type StillQuery, shownFile, shownStill } from './evidence/shown.ts'

export type { EvidenceDeps } from './evidence/deps.ts'

/** Since the start; `waiting` and `failing` are alerts, now. */
export interface EvidenceStats {
  waiting: number
  failing: number
  attached: Partial<Record<EvidenceKind, number>>
  failures: number
  missing: number
}

export interface EvidenceRoom {
  /** Alerts may have been raised. */
  kick(): void
  /**
   * A file, if it proves an alert that they may see; else `not_found`, or `evidence.deleted`. Below operator a still comes with
   * other people and vehicles blurred, data without their plates, and clips not at all (`auth.forbidden`).
   */
  get(id: string, who: Principal): Promise<EvidenceFile>
  /** A picture of a camera that they may see; undefined when there is none. Below operator with people and vehicles blurred. */
  still(camera: string, query: StillQuery, who: Principal): Promise<{ at: Instant; jpeg: Uint8Array } | undefined>
  /** All of an alert's evidence as a ZIP. The originals take an operator. */
  export(alert: string, options: { original: boolean }, who: Principal): Promise<Uint8Array>
  publicKey(): { keyId: string; publicKey: string }
  stats(): Promise<EvidenceStats>
  close(): Promise<void>
}

/**
 * Attaches evidence to raised alerts, beside the projection and never in its way: the book says which alerts still wait,
 * so that a restart goes on where it was. Every alert gets its readings and a signed manifest; those from cameras also stills of the
 * moments that prove it (evidence/moments.ts), a clip, and what the model saw in them.
 */
export function openEvidence(deps: EvidenceDeps): EvidenceRoom {
  const counted = { attached: {} as Partial<Record<EvidenceKind, number>>, failures: 0, missing: 0 }
  let linked = false
  const loop: DueLoop = whenDue(
    async (now) => {
      if (!linked) await relink(deps)
      linked = true
      return attachDue(deps, now, ({ pieces, missing, failures }) => {
        for (const { kind } of pieces) counted.attached[kind] = (counted.attached[kind] ?? 0) + 1
        counted.failures += failures.length
        counted.missing += missing.length
      })
    },
    deps.now,
    deps.failed,
  )
  const copies = new Copies({ hide: (jpeg, mask) => hideInPicture(jpeg, mask, deps.tools) })
  return {
    kick: loop.kick,
    close: loop.close,
    get: (id, who) => shownFile(deps, copies, id, who),
    still: (camera, query, who) => shownStill(deps, copies, camera, query, who),
    async export(alert, options, who) {
      if (options.original && !seesOriginals(who)) throw new CodedError('auth.forbidden', 'The originals take the role operator or more; ask for the blurred copy.')
      return copies.export(() => exportEvidence(deps, alert, options, who))
    },
    publicKey: () => ({ keyId: deps.signer.keyId, publicKey: deps.signer.publicKey }),
    stats: async () => ({ ...(await deps.book.evidence.waiting()), ...counted }),
  }
}
