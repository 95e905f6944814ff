import { CodedError } from '../domain/errors.ts'
import type { EvidenceId } from '../domain/ids.ts'
import { type Principal, roleAtLeast } from '../domain/role.ts'
import { type DueLoop, whenDue } from '../store/book/due.ts'
import type { EvidenceKind } from '../store/book/evidence.ts'
import { attachDue } from './evidence/attach.ts'
import { blurredStill } from './evidence/blur.ts'
import type { EvidenceDeps } from './evidence/deps.ts'
import { exportEvidence } from './evidence/export.ts'
import { heldOf } from './evidence/held.ts'
import { relink } from './evidence/relink.ts'

export type { EvidenceDeps } from './evidence/deps.ts'

const TYPES = { jpg: 'image/jpeg', mp4: 'video/mp4', json: 'application/json' } as const

export interface EvidenceFile {
  bytes: Uint8Array
  type: (typeof TYPES)[keyof typeof TYPES]
  /** Of the file as it is kept; undefined for a copy that was made for this reader. */
  sha256: string | undefined
}

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
   * other people and vehicles blurred, and clips not at all (`auth.forbidden`).
   */
  get(id: string, who: Principal): Promise<EvidenceFile>
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
  const turns = oneByOne()
  return {
    kick: loop.kick,
    close: loop.close,
    get: (id, who) => fileFor(deps, id, who, turns),
    async export(alert, options, who) {
      if (options.original && !roleAtLeast(who.role, 'operator')) throw new CodedError('auth.forbidden', 'The originals take the role operator or more; ask for the blurred copy.')
      return turns(() => exportEvidence(deps, alert, options, who))
    },
    publicKey: () => ({ keyId: deps.signer.keyId, publicKey: deps.signer.publicKey }),
    stats: async () => ({ ...(await deps.book.evidence.waiting()), ...counted }),
  }
}

async function fileFor(deps: EvidenceDeps, id: string, who: Principal, turns: Turns): Promise<EvidenceFile> {
  const found = await deps.book.evidence.find(id, who.area)
  if (!found) throw new CodedError('not_found')
  if (found.deletedAt !== null) throw new CodedError('evidence.deleted')
  const bytes = await deps.files.get(id as EvidenceId)
  if (!bytes) throw new CodedError('not_found')
  const type = TYPES[id.slice(id.lastIndexOf('.') + 1) as keyof typeof TYPES]
  if (roleAtLeast(who.role, 'operator') || type === 'application/json') return { bytes, sha256: found.sha256, type }
  if (type === 'video/mp4') throw new CodedError('auth.forbidden', 'Clips take the role operator or more; the blurred copy is in the export.')
  const alert = await deps.book.alerts.find(found.alert)
  const { looks } = await heldOf(deps, { id: found.alert })
  const copy = await turns(() => blurredStill(bytes, found.at, { looks, key: alert?.key ?? '', tools: deps.tools }))
  if ('leftOut' in copy) throw new CodedError('auth.forbidden', `The picture takes the role operator or more: ${copy.leftOut}.`)
  return { bytes: copy.bytes, sha256: undefined, type }
}

type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** Blurring is work for a whole core: two people who want an export at once wait for each other, not the cameras for them. */
function oneByOne(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }
}
