import { CodedError } from '../../domain/errors.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

/** Refuses an edit of another version than the newest, and says who wrote that one and when; `known` is 0 for what is new. */
export function refuseStale(newest: { version: number; by: string; at: Instant; note?: string } | undefined, known: number): void {
  if (known === (newest?.version ?? 0)) return
  if (!newest) throw new CodedError('version.stale', 'It does not exist yet; what is new is written after version 0.', { extra: { version: 0 } })
  const { version, by, note } = newest
  const at = formatInstant(newest.at)
  throw new CodedError('version.stale', `Version ${version} was saved by ${by} at ${at}.`, { extra: { version, by, at, ...(note !== undefined && { note }) } })
}
