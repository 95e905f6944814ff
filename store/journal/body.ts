import { CodedError } from '../../domain/errors.ts'
import type { DeviceId, GatewayId, Offset } from '../../domain/ids.ts'
import type { Kind, Observation, Payload } from '../../domain/observation.ts'
import type { ObservationDraft } from '../../domain/ports/journal.ts'
import type { Control, JournalRecord } from '../../domain/record.ts'
import type { Instant } from '../../domain/time.ts'
import { Names } from './names.ts'

/**
 * The text of one commit: a JSON array of its records, observations first, in UTF-8. A sender's payload is spliced in
 * as it came, so that nothing is written twice on the way in. Every observation says how many bytes its payload has,
 * and its envelope is always written alike: whoever reads it walks from payload to payload without parsing, and can
 * take a payload's bytes as they are. Offset, receivedAt and the type of observations follow from the row.
 */
export function encodeBody(observations: readonly ObservationDraft[], controls: readonly Control[]): Buffer {
  const tail = controls.map((control) => JSON.stringify(control)).join(',')
  const size = observations.reduce((sum, { device, gateway, json }) => sum + ENVELOPE + device.length + gateway.length + bytesOf(json), Buffer.byteLength(tail) + 2)
  const body = Buffer.allocUnsafeSlow(size)
  let end = body.write('[', 0, 'latin1')
  for (const { kind, device, gateway, at, json } of observations) {
    const head = `${end > 1 ? ',' : ''}{"bytes":${bytesOf(json)},"kind":"${kind}","device":"${device}","gateway":"${gateway}","at":${at},"payload":`
    end += body.write(head, end, 'latin1')
    if (typeof json === 'string') end += body.write(json, end)
    else {
      body.set(json, end)
      end += json.length
    }
    body[end++] = CLOSE
  }
  if (observations.length > 0 && controls.length > 0) body[end++] = COMMA
  end += body.write(`${tail}]`, end)
  return body.subarray(0, end)
}

/** Records of a body in order, those below `from` left out. `placed` hears where each payload lies. */
export function decodeBody(body: Buffer, row: Row, from: Offset = row.first, placed?: (observation: Observation, start: number, end: number) => void): JournalRecord[] {
  const records: JournalRecord[] = []
  const walk = new BodyWalk(body, row)
  while (walk.next()) {
    if (walk.offset < from) continue
    const { offset, kind, device, gateway, at } = walk
    const payload = JSON.parse(body.toString('utf8', walk.payloadAt, walk.payloadEnd)) as Payload
    const observation: Observation = { type: 'observation', offset, receivedAt: row.receivedAt, kind, device, gateway, at, payload }
    placed?.(observation, walk.payloadAt, walk.payloadEnd)
    records.push(observation)
  }
  for (const control of walk.controls()) {
    if (walk.offset >= from) records.push({ ...control, offset: walk.offset, receivedAt: row.receivedAt })
    walk.offset++
  }
  return records
}

/** What the row of a commit says of all its records. */
export interface Row {
  first: Offset
  receivedAt: Instant
}

const COMMA = 44
const QUOTE = 34
const CLOSE = 125
const ZERO = 48
/** `{"bytes":`, the same of every observation and of nothing else. */
const OPENING = Buffer.from('{"bytes":')
const KIND = ',"kind":"'.length
const DEVICE = '","device":"'.length
const GATEWAY = '","gateway":"'.length
const AT = '","at":'.length
const PAYLOAD = ',"payload":'.length
/** Room for an envelope without its ids. */
const ENVELOPE = 128
const names = new Names()

/** Goes through the observations of a body; after each `next` its fields are those of the present one. */
export class BodyWalk {
  readonly #body: Buffer
  #place = 1
  offset: Offset
  kind: Kind = 'cover'
  device = '' as DeviceId
  gateway = '' as GatewayId
  at: Instant = 0
  payloadAt = 0
  payloadEnd = 0

  constructor(body: Buffer, { first }: Row) {
    this.#body = body
    this.offset = first - 1
  }

  /** Goes to the next observation; at the end of them `offset` is that of the first control record. */
  next(): boolean {
    this.offset++
    const body = this.#body
    if (!startsWith(body, OPENING, this.#place)) return false
    const bytesAt = this.#place + OPENING.length
    const kindAt = indexOf(body, COMMA, bytesAt) + KIND
    const deviceAt = indexOf(body, QUOTE, kindAt) + DEVICE
    const gatewayAt = indexOf(body, QUOTE, deviceAt) + GATEWAY
    const atAt = indexOf(body, QUOTE, gatewayAt) + AT
    const atEnd = indexOf(body, COMMA, atAt)
    this.kind = names.at(body, kindAt, deviceAt - DEVICE) as Kind
    this.device = names.at(body, deviceAt, gatewayAt - GATEWAY) as DeviceId
    this.gateway = names.at(body, gatewayAt, atAt - AT) as GatewayId
    this.at = wholeNumber(body, atAt, atEnd)
    this.payloadAt = atEnd + PAYLOAD
    this.payloadEnd = this.payloadAt + wholeNumber(body, bytesAt, kindAt - KIND)
    // `}` and `,`, or the `]` at the end.
    this.#place = this.payloadEnd + 2
    return true
  }

  /** The control records, once the observations are through. */
  controls(): Control[] {
    if (this.#place >= this.#body.length) return []
    const controls = JSON.parse(`[${this.#body.toString('utf8', this.#place)}`) as Control[]
    if (controls.some(({ type }) => type === undefined)) throw new CodedError('data.broken', 'The journal was written by an earlier version.')
    return controls
  }
}

function bytesOf(json: string | Uint8Array): number {
  return typeof json === 'string' ? Buffer.byteLength(json) : json.length
}

function startsWith(body: Buffer, text: Buffer, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (body[at + i] !== text[i]) return false
  return true
}

/** A loop, because the thing is a few bytes away and a call into Buffer costs more. */
function indexOf(body: Buffer, byte: number, from: number): number {
  let at = from
  while (at < body.length && body[at] !== byte) at++
  return at
}

function wholeNumber(body: Buffer, start: number, end: number): number {
  let number = 0
  for (let i = start; i < end; i++) number = number * 10 + (body[i] ?? ZERO) - ZERO
  return number
}
