import { CodedError } from '../../domain/errors.ts'
import type { EvidenceId } from '../../domain/ids.ts'
import { seesOriginals } from '../../domain/privacy.ts'
import type { Principal } from '../../domain/role.ts'
import type { Instant } from '../../domain/time.ts'
import { withoutOthersPlates } from './blur.ts'
import type { Copies } from './copies.ts'
import type { EvidenceDeps } from './deps.ts'
import { heldOf } from './held.ts'
import { GAP_MS, hiddenAt, maskOf } from './hidden.ts'
import type { Look } from './look.ts'

const TYPES = { jpg: 'image/jpeg', mp4: 'video/mp4', json: 'application/json' } as const

export interface EvidenceFile {
  bytes: Uint8Array
  type: (typeof TYPES)[keyof typeof TYPES]
  /** Of the file as it is kept; undefined for a copy that was made for this reader. */
  sha256: string | undefined
}

/** Which picture of a camera is asked for: the newest, or the one nearest to `at`. */
export interface StillQuery {
  at?: Instant | undefined
  /** No farther from it than this, ms. */
  within: number
}

type ShownDeps = Pick<EvidenceDeps, 'book' | 'files' | 'looks' | 'stills'>

/** A file of evidence as this person may see it (domain/privacy.ts). Throws `not_found`, `evidence.deleted`, `evidence.busy`, and `auth.forbidden` for a clip. */
export async function shownFile(deps: ShownDeps, copies: Copies, id: string, who: Principal): Promise<EvidenceFile> {
  const found = await deps.book.evidence.find(id, who.area)
  if (!found) throw new CodedError('not_found')
  if (found.deletedAt !== null) throw new CodedError('evidence.deleted')
  const bytes = await deps.files.get(id as EvidenceId)
  if (!bytes) throw new CodedError('not_found')
  const type = TYPES[id.slice(id.lastIndexOf('.') + 1) as keyof typeof TYPES]
  if (seesOriginals(who)) return { bytes, sha256: found.sha256, type }
  const key = (await deps.book.alerts.find(found.alert))?.key ?? ''
  switch (type) {
    case 'video/mp4':
      throw new CodedError('auth.forbidden', 'Clips take the role operator or more; the blurred copy is in the export.')
    case 'application/json': {
      const copy = withoutOthersPlates(bytes, key)
      return copy.plates === 0 ? { bytes, sha256: found.sha256, type } : { bytes: copy.bytes, sha256: undefined, type }
    }
    case 'image/jpeg':
      return { bytes: await blurredAt(copies, bytes, found.at, { looks: (await heldOf(deps, { id: found.alert })).looks, key }), sha256: undefined, type }
  }
}

/** A camera's picture as this person may see it; undefined when there is none. Throws `evidence.busy`. */
export async function shownStill(
  deps: ShownDeps,
  copies: Copies,
  camera: string,
  { at, within }: StillQuery,
  who: Principal,
): Promise<{ at: Instant; jpeg: Uint8Array } | undefined> {
  const still = at === undefined ? await deps.stills.newest(camera) : await deps.stills.near(camera, at, within)
  if (!still || seesOriginals(who)) return still
  const looks = await deps.looks(camera, still.at - GAP_MS, still.at + GAP_MS)
  return { at: still.at, jpeg: await blurredAt(copies, still.jpeg, still.at, { looks, key: '' }) }
}

/** Nothing is known of who is in a picture that nobody looked at: all of it is in blocks. */
function blurredAt(copies: Copies, jpeg: Uint8Array, at: Instant, { looks, key }: { looks: readonly Look[]; key: string }): Promise<Uint8Array> {
  return copies.picture(jpeg, maskOf(hiddenAt(looks, at, key)))
}
