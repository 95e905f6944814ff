import { KINDS, type Kind } from './fields.ts'
import type { AlertId, CaseId, DeviceId, GatewayId } from './ids.ts'
import { isId } from './ids.ts'

/** The only place that knows topic strings, QoS and retain (contract.md, MQTT). */
const ROOT = 'city/v1'
export const FROM_PREFIX = `${ROOT}/from/`

interface Delivery {
  qos: 0 | 1
  retain: boolean
}
export const DELIVERY = {
  observation: { qos: 1, retain: false },
  frame: { qos: 1, retain: false },
  status: { qos: 1, retain: true },
  reply: { qos: 1, retain: false },
  command: { qos: 1, retain: false },
  reject: { qos: 1, retain: false },
  alert: { qos: 1, retain: true },
  case: { qos: 1, retain: true },
} as const satisfies Record<string, Delivery>

export const topics = {
  observation: (gateway: string, kind: Kind, device: string): string => `${FROM_PREFIX}${gateway}/observation/${kind}/${device}`,
  frame: (gateway: string, camera: string, atMs: number): string => `${FROM_PREFIX}${gateway}/frame/${camera}/${atMs}`,
  status: (gateway: string): string => `${FROM_PREFIX}${gateway}/status`,
  reply: (gateway: string, device: string): string => `${FROM_PREFIX}${gateway}/reply/${device}`,
  command: (gateway: string, device: string): string => `${ROOT}/to/${gateway}/command/${device}`,
  reject: (gateway: string): string => `${ROOT}/to/${gateway}/reject`,
  alert: (district: string, id: AlertId | string): string => `${ROOT}/alert/${district}/${id}`,
  case: (district: string, id: CaseId | string): string => `${ROOT}/case/${district}/${id}`,
} as const

/** A topic below `city/v1/from/` that says what it means. */
export type FromTopic =
  | { what: 'observation'; gateway: GatewayId; kind: Kind; device: DeviceId }
  | { what: 'frame'; gateway: GatewayId; camera: DeviceId; at: number }
  | { what: 'status'; gateway: GatewayId }
  | { what: 'reply'; gateway: GatewayId; device: DeviceId }
export type TopicError = { code: 'topic.unknown' | 'topic.kind' | 'topic.id' }

/** Reads a topic that a gateway published. Whether this gateway may use it is asked elsewhere (ingest/permissions.ts). */
export function parseFromTopic(topic: string): FromTopic | TopicError {
  const levels = topic.split('/')
  if (levels[0] !== 'city' || levels[1] !== 'v1' || levels[2] !== 'from') return { code: 'topic.unknown' }
  const gateway = levels[3] ?? ''
  if (!isId(gateway)) return { code: 'topic.id' }
  return parseRest(gateway as GatewayId, levels)
}

function parseRest(gateway: GatewayId, levels: string[]): FromTopic | TopicError {
  const [what, third = '', fourth = ''] = levels.slice(4)
  if (what === 'status' && levels.length === 5) return { what, gateway }
  if (what === 'reply' && levels.length === 6) return isId(third) ? { what, gateway, device: third as DeviceId } : { code: 'topic.id' }
  if (levels.length !== 7) return { code: 'topic.unknown' }
  if (what === 'observation') {
    if (!KINDS.includes(third as Kind)) return { code: 'topic.kind' }
    return isId(fourth) ? { what, gateway, kind: third as Kind, device: fourth as DeviceId } : { code: 'topic.id' }
  }
  if (what !== 'frame') return { code: 'topic.unknown' }
  if (!isId(third) || !/^\d{1,15}$/.test(fourth)) return { code: 'topic.id' }
  return { what, gateway, camera: third as DeviceId, at: Number(fourth) }
}
