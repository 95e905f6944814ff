import { isId } from '../domain/ids.ts'
import { FROM_PREFIX, topics } from '../domain/topics.ts'
import type { Refusal } from './counters.ts'

/** Who a connection is, once it is authenticated. `area` is a code; empty is the whole city. */
export type Session = { kind: 'gateway'; id: string } | { kind: 'consumer'; id: string; user: string; area: string }

/** What a connection says of itself before anybody asks for its password. */
export interface Introduction {
  clientId: string
  username: string | undefined
  clean: boolean
  willTopic: string | undefined
}

/** The name that the platform itself reports under; no gateway may bear it. */
export const PLATFORM = 'platform'

/** What is wrong with an introduction whoever it is, or null. */
export function introductionFault({ clientId, clean }: Introduction): Refusal | null {
  if (clientId === '') return clean ? null : 'client_id'
  return isId(clientId) && clientId !== PLATFORM ? null : 'client_id'
}

/** What is wrong with it now that it is known whether this is a gateway, or null. A will is a publish and needs the same permission. */
export function sessionFault({ clientId, username, willTopic }: Introduction, kind: Session['kind']): Refusal | null {
  if (kind === 'gateway' && clientId !== username) return 'client_id'
  if (willTopic !== undefined && (kind !== 'gateway' || willTopic !== topics.status(clientId))) return 'will'
  return null
}

/** A gateway may publish below `city/v1/from/{its id}/`, a consumer nowhere. */
export function mayPublish(session: Session, topic: string): boolean {
  return session.kind === 'gateway' && topic.startsWith(`${FROM_PREFIX}${session.id}/`)
}

/**
 * Filters are checked level by level: what a wildcard could reach beyond the own topics is refused, not narrowed. But
 * `alert/#` and `case/#` are what every consumer is told to ask for (contract.md): there `mayReceive` narrows.
 */
export function maySubscribe(session: Session, filter: string): boolean {
  const [city, v1, branch, owner = '', ...rest] = filter.split('/')
  if (city !== 'city' || v1 !== 'v1') return false
  if (session.kind === 'gateway') return branch === 'to' && owner === session.id && rest.length > 0
  if (branch !== 'alert' && branch !== 'case') return false
  return session.area === '' || (owner === '#' && rest.length === 0) || isDistrictOf(owner, session.area)
}

/** The last word for every message on its way out; `area` is what it concerns, undefined when nobody knows any more. */
export function mayReceive(session: Session, topic: string, area: string | undefined): boolean {
  if (session.kind === 'gateway') return topic.startsWith(`city/v1/to/${session.id}/`)
  if (!topic.startsWith('city/v1/alert/') && !topic.startsWith('city/v1/case/')) return false
  return session.area === '' || area?.startsWith(session.area) === true
}

/** A subscriber of a street hears of its district's topics; `mayReceive` then looks at the finer area. */
function isDistrictOf(level: string, area: string): boolean {
  return /^\d{6}$/.test(level) && (level.startsWith(area) || level === area.slice(0, 6))
}
