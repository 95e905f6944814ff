import { isUtf8 } from 'node:buffer'
import { ERRORS, type ErrorCode } from '../domain/errors.ts'
import { GatewayStatusSchema } from '../domain/gateway.ts'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Kind, Payload } from '../domain/observation.ts'
import type { Control } from '../domain/record.ts'
import { type Instant, parseInstant } from '../domain/time.ts'
import { type FromTopic, parseFromTopic, type TopicError } from '../domain/topics.ts'
import { checkPayload, checkTree } from './check.ts'

export const MAX_PAYLOAD_BYTES = 262_144

/** A message that was refused. `why` names what was wrong and never repeats the payload. */
export interface Refused {
  result: 'refused'
  code: ErrorCode
  why: string
}

/** An observation whose form is right; whether it is new and whose it is, is asked next (judge.ts). */
export interface Accepted {
  result: 'observation'
  kind: Kind
  device: DeviceId
  gateway: GatewayId
  at: Instant
  payload: Payload
  /** The payload as it came; its bytes are good for as long as the message's. */
  json: Uint8Array
}

export interface AcceptedStatus {
  result: 'status'
  control: Control & { type: 'gateway' }
}

export function refuse(code: ErrorCode, why: string = ERRORS[code].why): Refused {
  return { result: 'refused', code, why }
}

/** Topics repeat for as long as their devices live; beyond this many they are parsed again. */
const MAX_TOPICS = 65_536
const topicCache = new Map<string, FromTopic | TopicError>()

/** As `parseFromTopic`, remembering what it read. */
export function readTopic(topic: string): FromTopic | TopicError {
  const known = topicCache.get(topic)
  if (known !== undefined) return known
  const parsed = parseFromTopic(topic)
  if (topicCache.size >= MAX_TOPICS) topicCache.clear()
  topicCache.set(topic, parsed)
  return parsed
}

/** What a gateway published → an observation or a status in good form, or why not. Frames go another way (`acceptFrame`). */
export function accept(topic: string, bytes: Uint8Array): Accepted | AcceptedStatus | Refused {
  const parsed = readTopic(topic)
  if ('code' in parsed) return refuse(parsed.code)
  switch (parsed.what) {
    case 'observation':
      return acceptObservation(parsed.kind, parsed.device, parsed.gateway, bytes)
    case 'status':
      return acceptStatus(parsed.gateway, bytes)
    case 'reply':
      return refuse('reply.unknown_command')
    case 'frame':
      return refuse('frame.no_camera')
  }
}

/** The form of an observation: JSON object, depth, fields and their ranges, event time. */
export function acceptObservation(kind: Kind, device: DeviceId, gateway: GatewayId, bytes: Uint8Array): Accepted | Refused {
  const read = readObject(bytes)
  if ('result' in read) return read
  const { payload } = read
  const fault = checkTree(payload) ?? checkPayload(kind, payload)
  if (fault !== null) return refuse(fault.code, fault.why)
  if (kind === 'scene' && payload.camera !== undefined && payload.camera !== device) return refuse('field.invalid', 'camera must be the device in the topic')
  const time = readTime(payload.at)
  if ('result' in time) return time
  return { result: 'observation', kind, device, gateway, at: time.at, payload: payload as Payload, json: bytes }
}

function readTime(at: unknown): { at: Instant } | Refused {
  if (at === undefined) return refuse('time.missing')
  const parsed = parseInstant(at)
  return 'code' in parsed ? refuse(parsed.code) : parsed
}

function readObject(bytes: Uint8Array): { payload: Record<string, unknown> } | Refused {
  if (bytes.length > MAX_PAYLOAD_BYTES) return refuse('payload.too_large', `the payload is larger than ${MAX_PAYLOAD_BYTES} bytes`)
  if (!isUtf8(bytes)) return refuse('payload.not_json', 'the payload is not UTF-8')
  let payload: unknown
  try {
    payload = JSON.parse(textOf(bytes))
  } catch {
    return refuse('payload.not_json', 'the payload is not JSON')
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return refuse('payload.not_object')
  return { payload: payload as Record<string, unknown> }
}

function textOf(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).toString('utf8')
}

function acceptStatus(gateway: GatewayId, bytes: Uint8Array): AcceptedStatus | Refused {
  const read = readObject(bytes)
  if ('result' in read) return read
  const status = GatewayStatusSchema.safeParse(read.payload)
  if (!status.success) return refuse('status.invalid', status.error.issues.map(({ path, message }) => `${path.join('.') || 'status'}: ${message}`).join('; '))
  const at = readTime(status.data.at)
  if ('result' in at) return at
  const oldest = status.data.oldest === undefined ? { at: null } : readTime(status.data.oldest)
  if ('result' in oldest) return oldest
  return { result: 'status', control: { type: 'gateway', by: gateway, gateway, state: status.data.state, at: at.at, oldest: oldest.at } }
}

/** One camera picture on its way to whoever asked for it; `at` as its gateway says, or the time of receipt when that is ahead (S9). */
export interface Frame {
  camera: DeviceId
  gateway: GatewayId
  at: Instant
  jpeg: Uint8Array
}

/** A frame in good form, `null` when the topic is none of a frame's, or why not. */
export function acceptFrame(topic: string, bytes: Uint8Array): Frame | Refused | null {
  // Not remembered: the time in it makes each of them another one.
  const parsed = parseFromTopic(topic)
  if ('code' in parsed || parsed.what !== 'frame') return null
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return refuse('frame.not_jpeg')
  return { camera: parsed.camera, gateway: parsed.gateway, at: parsed.at, jpeg: bytes }
}
