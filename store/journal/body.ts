import type { DeviceId, GatewayId, Offset } from '../../domain/ids.ts'
import type { Kind, Observation } from '../../domain/observation.ts'
import type { ObservationDraft } from '../../domain/ports/journal.ts'
import type { Control, JournalRecord } from '../../domain/record.ts'
import type { Instant } from '../../domain/time.ts'

/**
 * The text of one commit: a JSON array of its records, observations first. A sender's payload is spliced in as it
 * came, so that nothing is parsed or written twice on the way in and one JSON.parse reads a whole batch back.
 * Offset, receivedAt and the type of observations follow from the row and are put on by the reader.
 */
export function encodeBody(observations: readonly ObservationDraft[], controls: readonly Control[]): string {
  let body = '['
  for (const { kind, device, gateway, at, json } of observations) {
    body += `${body.length > 1 ? ',' : ''}{"kind":"${kind}","device":"${device}","gateway":"${gateway}","at":${at},"payload":${json}}`
  }
  for (const control of controls) body += `${body.length > 1 ? ',' : ''}${JSON.stringify(control)}`
  return `${body}]`
}

/** Records of a body in order, those below `from` left out. */
export function decodeBody(body: string, row: { first: Offset; receivedAt: Instant }, from: Offset = row.first): JournalRecord[] {
  const stored = JSON.parse(body) as (Omit<Observation, 'type' | 'offset' | 'receivedAt'> | Control)[]
  const records: JournalRecord[] = []
  for (let index = Math.max(0, from - row.first); index < stored.length; index++) {
    const place = { offset: row.first + index, receivedAt: row.receivedAt }
    const one = stored[index]
    if (one === undefined) continue
    records.push('payload' in one ? { type: 'observation', ...place, ...one } : { ...one, ...place })
  }
  return records
}

/** An observation with its payload as text, byte for byte as it was sent. */
export interface RawObservation {
  offset: Offset
  receivedAt: Instant
  kind: Kind
  device: DeviceId
  gateway: GatewayId
  at: Instant
  json: string
}

/** Observations of a body with their payloads unparsed: what has to be hashed again after a restart. */
export function rawObservations(body: string, row: { first: Offset; receivedAt: Instant }, from: Offset = row.first): RawObservation[] {
  const raw: RawObservation[] = []
  let index = 0
  for (let start = 1; start < body.length - 1; index++) {
    const end = endOfObject(body, start)
    const split = body.startsWith('{"kind":', start) ? body.indexOf(',"payload":', start) : -1
    if (split >= 0 && row.first + index >= from) {
      const head = JSON.parse(`${body.slice(start, split)}}`) as Pick<RawObservation, 'kind' | 'device' | 'gateway' | 'at'>
      raw.push({ offset: row.first + index, receivedAt: row.receivedAt, ...head, json: body.slice(split + ',"payload":'.length, end - 1) })
    }
    start = end + 1
  }
  return raw
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125

/** Position after the `}` that closes the object which begins at `start`. */
function endOfObject(text: string, start: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === OPEN) depth++
    else if (code === CLOSE && --depth === 0) return i + 1
  }
  return text.length
}

function endOfString(text: string, quote: number): number {
  let i = quote + 1
  for (let code = text.charCodeAt(i); code !== QUOTE && i < text.length; code = text.charCodeAt(i)) i += code === BACKSLASH ? 2 : 1
  return i
}
