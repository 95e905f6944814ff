import type { lookup } from 'node:dns'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HTTP } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutEvent } from '../domain/event.ts'
import { cloudEventOf, MAX_BODY_BYTES } from './cloudevent.ts'
import { AN_EVENT, deskConformance } from './desk-conformance.ts'
import { outcomeOf } from './outcome.ts'
import { openReceiver, type Receiver, SECRET } from './receiver.ts'
import { createSigner } from './signature.ts'
import { readAllowList } from './target.ts'
import { createWebhook, type WebhookOptions } from './webhook.ts'

const STATUS = { take: 202, later: 503, never: 422, gone: 410 }
let receiver: Receiver

function webhook(given: Partial<WebhookOptions> = {}) {
  return createWebhook({ name: 'city', url: receiver.url, target: readAllowList(['127.0.0.0/8']), sign: createSigner([SECRET]), site: 'binhai', now: () => Date.now(), ...given })
}

/** A resolver that says what the test says; every test runs on loopback only. */
function resolving(...addresses: string[]): typeof lookup {
  const answer = (_host: string, _options: unknown, callback: (error: null, addresses: { address: string; family: number }[]) => void): void =>
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    )
  return answer as unknown as typeof lookup
}

beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(() => receiver.close())

deskConformance('webhook', async () => {
  const own = await openReceiver()
  return {
    desk: webhook({ url: own.url }),
    answer: (how) =>
      own.onRequest((_id, response, take) => {
        if (how === 'take') take()
        response.writeHead(STATUS[how]).end()
      }),
    effects: () => own.effects,
    close: own.close,
  }
})

describe('the webhook', () => {
  it('sends a CloudEvent that its library reads, in a Standard Webhook that its library accepts', async () => {
    expect(await webhook().deliver(AN_EVENT)).toEqual({ outcome: 'delivered' })
    const [request] = receiver.requests
    expect(request).toMatchObject({ id: AN_EVENT.id, valid: true })
    expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
    const event = HTTP.toEvent({ headers: request?.headers ?? {}, body: request?.body })
    expect(JSON.parse(JSON.stringify(event))).toEqual({
      specversion: '1.0',
      id: 'e1-case',
      source: '/wanglou/binhai',
      type: 'city.wanglou.case.reported.v1',
      time: AN_EVENT.time,
      subject: 'case-1',
      datacontenttype: 'application/json',
      data: AN_EVENT.data,
    })
  })

  it('is accepted by those who know the old secret and those who know the new one while it changes', async () => {
    const renewed = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`
    await webhook({ sign: createSigner([renewed, SECRET]) }).deliver(AN_EVENT)
    const [request] = receiver.requests
    expect(request?.valid).toBe(true)
    expect(new Webhook(renewed).verify(request?.body ?? '', request?.headers as Record<string, string>)).toMatchObject({ id: AN_EVENT.id })
  })

  it("keeps the desk's own number for the case", async () => {
    receiver.onRequest((_id, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"reference":"2026-000017"}'))
    expect(await webhook().deliver(AN_EVENT)).toEqual({ outcome: 'delivered', reference: '2026-000017' })
  })

  it.each(['{"reference":17}', 'thanks', '[]', `{"reference":"${'x'.repeat(20_000)}"}`])('reads nothing into an answer without one: %.20s', async (answer) => {
    receiver.onRequest((_id, response) => response.writeHead(200).end(answer))
    expect(await webhook().deliver(AN_EVENT)).toEqual({ outcome: 'delivered' })
  })

  it('gives up waiting after its time-out', async () => {
    receiver.onRequest(() => undefined)
    expect(await webhook({ timeoutMs: 50 }).deliver(AN_EVENT)).toMatchObject({ outcome: 'failed', retry: true, why: expect.stringMatching(/aborted|timeout/i) })
  })

  it('breaks off when the platform goes down', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    receiver.onRequest(() => resolve())
    const desk = webhook()
    const delivering = desk.deliver(AN_EVENT)
    await promise
    desk.close?.()
    expect(await delivering).toMatchObject({ outcome: 'failed', retry: true })
  })

  it('says that a desk which is not there may be there later', async () => {
    await receiver.close()
    expect(await webhook().deliver(AN_EVENT)).toMatchObject({ outcome: 'failed', retry: true, why: expect.stringContaining('ECONNREFUSED') })
  })
})

describe('the target', () => {
  it('of a redirect is never asked', async () => {
    let reached = 0
    const trap = createServer((_request, response) => {
      reached++
      response.end()
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    receiver.onRequest((_id, response) => response.writeHead(307, { location: `http://127.0.0.1:${(trap.address() as AddressInfo).port}/` }).end())
    expect(await webhook().deliver(AN_EVENT)).toEqual({ outcome: 'failed', retry: true, why: 'HTTP 307' })
    await new Promise((resolve) => trap.close(resolve))
    expect(reached).toBe(0)
  })

  it.each([
    ['an address that nobody allowed', '127.0.0.1', []],
    ['an address in disguise', '2130706433', ['10.0.0.0/8']],
    ['an address in another disguise', '0x7f.1', ['10.0.0.0/8']],
    ['IPv6 that means IPv4', '[::ffff:127.0.0.1]', ['10.0.0.0/8']],
    ['IPv6 loopback', '[::1]', ['127.0.0.0/8']],
  ])('is not connected to: %s', async (_what, host, allow) => {
    const url = new URL(`http://${host}:${receiver.url.port}/hook`)
    expect(await webhook({ url, target: readAllowList(allow) }).deliver(AN_EVENT)).toMatchObject({ outcome: 'failed', why: expect.stringContaining('allow-list') })
    expect(receiver.requests).toEqual([])
  })

  it('is judged by the address that its name has at the moment of connecting', async () => {
    const url = new URL(`http://desk.example:${receiver.url.port}/hook`)
    const named = { url, target: readAllowList(['desk.example']) }
    expect(await webhook({ ...named, lookup: resolving('127.0.0.1') }).deliver(AN_EVENT)).toMatchObject({ outcome: 'failed', why: expect.stringContaining('not a public address') })
    expect(receiver.requests).toEqual([])
    const block = { url, target: readAllowList(['127.0.0.0/8']) }
    expect(await webhook({ ...block, lookup: resolving('192.0.2.1', '127.0.0.1') }).deliver(AN_EVENT)).toEqual({ outcome: 'delivered' })
  })

  it.each([
    [['10.1.0.0/16'], 'x', '10.1.2.3', true],
    [['10.1.0.0/16'], 'x', '10.2.2.3', false],
    [['10.1.2.3'], 'x', '10.1.2.3', true],
    [['2001:db8::/32'], 'x', '2001:db8::7', true],
    [['10.0.0.0/8'], 'x', '::ffff:10.0.0.1', true],
    [['10.0.0.0/8'], 'x', '::ffff:a00:1', true],
    [['desk.example'], 'desk.example', '93.184.215.14', true],
    [['Desk.Example'], 'desk.EXAMPLE', '93.184.215.14', true],
    [['desk.example'], 'evil.example', '93.184.215.14', false],
    [['desk.example'], 'desk.example', '10.0.0.1', false],
    [['desk.example'], 'desk.example', '169.254.169.254', false],
    [['desk.example'], 'desk.example', 'fd00::1', false],
    [['desk.example'], 'desk.example', '::1', false],
    [['desk.example', '10.0.0.0/8'], 'desk.example', '10.0.0.1', true],
    [['localhost'], 'localhost', '127.0.0.1', true],
    [['localhost'], 'localhost', '10.0.0.1', false],
    [[], 'desk.example', '93.184.215.14', false],
  ])('%j, %s at %s: %s', (allow, host, address, allowed) => {
    expect(readAllowList(allow).refusal(host, address) === undefined).toBe(allowed)
  })

  it.each(['10.0.0.0/33', '10.0.0/8', '10.0.0.0/', 'not a host', '::1/129', ''])('an allow-list with %j is wrong', (entry) => {
    expect(() => readAllowList([entry])).toThrow(RangeError)
  })
})

describe('outcomes', () => {
  const now = Date.parse('2026-11-21T09:00:00Z')
  it.each([
    [200, undefined, { outcome: 'delivered' }],
    [204, undefined, { outcome: 'delivered' }],
    [301, undefined, { outcome: 'failed', retry: true, why: 'HTTP 301' }],
    [400, undefined, { outcome: 'failed', retry: false, why: 'HTTP 400' }],
    [401, undefined, { outcome: 'failed', retry: true, why: 'HTTP 401' }],
    [410, undefined, { outcome: 'failed', retry: false, why: 'HTTP 410', disable: true }],
    [429, undefined, { outcome: 'failed', retry: true, why: 'HTTP 429', afterMs: 30_000 }],
    [429, '120', { outcome: 'failed', retry: true, why: 'HTTP 429', afterMs: 120_000 }],
    [503, 'Sat, 21 Nov 2026 09:05:00 GMT', { outcome: 'failed', retry: true, why: 'HTTP 503', afterMs: 300_000 }],
    [503, 'Sat, 21 Nov 2026 08:05:00 GMT', { outcome: 'failed', retry: true, why: 'HTTP 503', afterMs: 0 }],
    [503, 'soon', { outcome: 'failed', retry: true, why: 'HTTP 503' }],
    [504, '999999999', { outcome: 'failed', retry: true, why: 'HTTP 504', afterMs: 86_400_000 }],
  ])('HTTP %d, Retry-After %s', (status, retryAfter, outcome) => {
    expect(outcomeOf(status, retryAfter, now)).toEqual(outcome)
  })
})

describe('the body', () => {
  const long = (count: number, data: object): OutEvent => ({
    ...AN_EVENT,
    data: { id: 'case-1', state: 'handling', ...data, history: Array.from({ length: count }, (_, index) => ({ to: 'handling', note: `${index} ${'字'.repeat(200)}` })) },
  })
  it.each([
    ['short: whole', long(3, {}), (data: { history?: unknown[]; truncated?: boolean }) => data.history?.length === 3 && data.truncated === undefined],
    [
      'long: its last steps',
      long(300, {}),
      (data: { history?: { note: string }[]; truncated?: boolean }) => data.history?.at(-1)?.note.startsWith('299 ') === true && data.truncated === true,
    ],
    ['much too long: its id', long(1, { matter: 'x'.repeat(30_000) }), (data: object) => JSON.stringify(data) === '{"id":"case-1","truncated":true}'],
  ])('%s', (_what, event, expected) => {
    const { body } = cloudEventOf(event, 'binhai')
    expect(Buffer.byteLength(body)).toBeLessThan(MAX_BODY_BYTES)
    expect(expected(JSON.parse(body).data)).toBe(true)
  })
})

const VECTORS = '../shared/material/protocol/webhooks/standard-webhooks.json'
describe.skipIf(!existsSync(VECTORS))('signature vectors of Standard Webhooks (needs ../shared/material)', () => {
  interface Vector {
    secret: string
    id: string
    timestamp: number
    payload: string
    expect: string
  }
  const vectors: Vector[] = existsSync(VECTORS) ? JSON.parse(readFileSync(VECTORS, 'utf8')).sign : []
  it.each(vectors)('$id', ({ secret, id, timestamp, payload, expect: signature }) => {
    for (const written of [secret, secret.replace('whsec_', '')])
      expect(createSigner([written])(id, timestamp * 1000 + 999, payload)).toEqual({ 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature })
  })
  it.each([[[]], [['']], [['whsec_']], [['whsec_ not base64']]])('no signer is made of %j', (secrets) => {
    expect(() => createSigner(secrets)).toThrow()
  })
})

const FEATURE = '../shared/material/protocol/cloudevents/http-protocol-binding.feature'
describe.skipIf(!existsSync(FEATURE))('structured mode of the CloudEvents HTTP binding (needs ../shared/material)', () => {
  it('has the content type and the attributes that the conformance feature names', () => {
    const feature = existsSync(FEATURE) ? readFileSync(FEATURE, 'utf8') : ''
    const structured = feature.slice(feature.indexOf('Structured content mode'))
    const { contentType, body } = cloudEventOf(AN_EVENT, 'binhai')
    expect(structured).toContain(`| ${contentType} |`)
    const attributes = [...structured.matchAll(/^\s*\|\s+([a-z]+) \| /gm)].map(([, name]) => name).filter((name) => name !== 'key')
    expect(Object.keys(JSON.parse(body))).toEqual(expect.arrayContaining(attributes))
    expect(attributes).toContain('specversion')
  })
})
