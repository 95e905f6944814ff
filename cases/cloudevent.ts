import { CloudEvent, HTTP } from 'cloudevents'
import type { OutEvent } from '../domain/event.ts'

/** Standard Webhooks asks for less than 20 kB; whoever needs all of it reads it by id. */
export const MAX_BODY_BYTES = 20_000

/** The owner of the CloudEvents library: an event as CloudEvents 1.0 JSON, structured mode, short enough for a webhook. */
export function cloudEventOf(event: OutEvent, site: string): { contentType: string; body: string } {
  for (const data of forms(event.data)) {
    const message = HTTP.structured(
      new CloudEvent({ id: event.id, source: `/wanglou/${site}`, type: event.type, time: event.time, subject: event.subject, datacontenttype: 'application/json', data }),
    )
    const body = String(message.body)
    if (Buffer.byteLength(body) < MAX_BODY_BYTES) return { contentType: String(message.headers['content-type'] ?? 'application/cloudevents+json'), body }
  }
  throw new RangeError(`event ${event.id} has no form below ${MAX_BODY_BYTES} bytes`)
}

const LAST_MOVES = 5

/** Ever shorter forms of an Alert or a Case: whole, without its long lists, its id alone. Short forms say that they are. */
function* forms(data: unknown): Iterable<unknown> {
  yield data
  if (typeof data !== 'object' || data === null) return
  const { history, observations: _observations, evidence: _evidence, values: _values, ...rest } = data as Record<string, unknown>
  yield { ...rest, ...(Array.isArray(history) && { history: history.slice(-LAST_MOVES) }), truncated: true }
  yield { id: 'id' in data ? data.id : null, truncated: true }
}
