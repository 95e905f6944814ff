import type { CameraSource } from '../domain/camera.ts'
import { canonical } from '../domain/canonical.ts'
import { type Role, roleAtLeast } from '../domain/role.ts'

/** A source as others than admins see it: where it is, without user, password, path or key. */
export function veiledSource(source: CameraSource): CameraSource {
  if (source.type === 'gateway') return source
  if (source.type === 'file') return { ...source, path: '…' }
  const url = URL.parse(source.url)
  return { ...source, url: url ? `${url.protocol}//${url.host}/…` : '…' }
}

export function sourceFor(role: Role, source: CameraSource | null): CameraSource | null {
  return source === null || roleAtLeast(role, 'admin') ? source : veiledSource(source)
}

/**
 * What becomes of a camera's source when somebody writes the camera back: `keep` when they left it out or as they saw it,
 * `change` for an admin who wrote another, else `forbidden`, because a source is an address that the platform connects to.
 */
export function sourceDecision(role: Role, present: CameraSource | null, asked: CameraSource | null | undefined): 'keep' | 'change' | 'forbidden' {
  if (asked === undefined || canonical(asked) === canonical(sourceFor(role, present))) return 'keep'
  return roleAtLeast(role, 'admin') ? 'change' : 'forbidden'
}

const SCHEMES = { rtsp: ['rtsp:', 'rtsps:'], http: ['http:', 'https:'] } as const

/** What is wrong with a source, if anything: ffmpeg would take `concat:`, `data:` and many more for an address. */
export function sourceFault(source: CameraSource): string | undefined {
  if (source.type === 'gateway') return undefined
  if (source.type === 'file') return /^[a-z][a-z0-9+.-]*:/i.test(source.path) || source.path.includes('\0') ? 'must be a path' : undefined
  const allowed: readonly string[] = SCHEMES[source.type]
  const url = URL.parse(source.url)
  return url && allowed.includes(url.protocol) ? undefined : `must begin with ${allowed.map((scheme) => `${scheme}//`).join(' or ')}`
}
