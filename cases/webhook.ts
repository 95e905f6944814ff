import { lookup as systemLookup } from 'node:dns'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { messageOf } from '../domain/errors.ts'
import type { OutEvent } from '../domain/event.ts'
import type { Desk, DeskOutcome } from '../domain/ports/desk.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import { cloudEventOf } from './cloudevent.ts'
import { outcomeOf } from './outcome.ts'
import type { Signer } from './signature.ts'
import type { Target } from './target.ts'

export interface WebhookOptions {
  name: string
  url: URL
  target: Target
  sign: Signer
  /** Names this installation in every event's source, /wanglou/{site}. */
  site: string
  now(): Instant
  timeoutMs?: number
  /** The system's resolver, unless a test stands in for it. */
  lookup?: typeof systemLookup
}

const TIMEOUT_MS = 15 * SECOND
/** Of an answer only the reference is of interest; more than this is not read. */
const MAX_ANSWER_BYTES = 16_384

/**
 * A desk that is told by a signed webhook: CloudEvents 1.0 JSON in a Standard Webhook. Every attempt resolves the name
 * anew and connects only to an address that the allow-list lets through; redirects are not followed, because the new
 * target was never allowed.
 */
export function createWebhook(options: WebhookOptions): Desk {
  const closing = new AbortController()
  return {
    name: options.name,
    deliver: (event) => deliver(options, event, closing.signal).catch((error: unknown) => ({ outcome: 'failed', retry: true, why: messageOf(error) })),
    close: () => closing.abort(new Error('the platform is going down')),
  }
}

async function deliver(options: WebhookOptions, event: OutEvent, closing: AbortSignal): Promise<DeskOutcome> {
  const { url, target, sign, site, now, timeoutMs = TIMEOUT_MS } = options
  const { contentType, body } = cloudEventOf(event, site)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // The resolver is never asked about a literal address, so it is judged here.
  const refusal = isIP(host) === 0 ? undefined : target.refusal(host, host)
  if (refusal !== undefined) return { outcome: 'failed', retry: true, why: refusal }

  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    agent: false,
    signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    lookup: guarded(options.lookup ?? systemLookup, target),
    headers: { ...sign(event.id, now(), body), 'content-type': contentType, 'content-length': Buffer.byteLength(body), 'user-agent': 'wanglou' },
  })
  const response = await answerTo(request, body)
  const outcome = outcomeOf(response.statusCode ?? 0, response.headers['retry-after'], now())
  if (outcome.outcome === 'failed') {
    response.destroy()
    return outcome
  }
  const reference = referenceIn(await read(response))
  return reference === undefined ? outcome : { ...outcome, reference }
}

function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body)
  })
}

/** Hands on only the addresses that may be connected to, so that what was checked is what is used. */
function guarded(lookup: typeof systemLookup, target: Target): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const allowed = addresses.filter(({ address }) => target.refusal(host, address) === undefined)
      const [first] = allowed
      if (!first) return callback(new Error(addresses.map(({ address }) => target.refusal(host, address)).join('; ') || `${host} has no address`), '')
      if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) break
      chunks.push(chunk)
    }
  } catch {
    // The status line said that the event was taken; an answer that breaks off after it takes nothing back.
    return ''
  }
  return Buffer.concat(chunks).toString()
}

/** The desk's own number for the case, if it answers with one: `{"reference": "…"}`. */
function referenceIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('reference' in answer)) return undefined
    return typeof answer.reference === 'string' ? answer.reference.slice(0, 200) : undefined
  } catch {
    return undefined
  }
}
