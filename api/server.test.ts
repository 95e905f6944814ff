import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CodedError } from '../domain/errors.ts'
import type { Role } from '../domain/role.ts'
import { NOW, WEST } from './doubles.ts'
import { createApi } from './server.ts'
import { type Ask, startCity, type TestCity } from './testcity.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
  await city.store.keys.addUser('王芳', 'admin', '', 'correct horse')
})
afterAll(() => city.close())

const v1: TestCity['ask'] = (path, ask) => city.ask(path, ask)
const as = (role: Role, ask: Ask = {}): Ask => ({ ...ask, as: role })
/** fetch would say no-cache beside If-None-Match, which asks for the whole. */
const REVALIDATE = { 'cache-control': 'max-age=0' }

describe('errors', () => {
  it.each<[string, string, () => Ask, number, string]>([
    ['an unknown path', 'nothing', () => as('admin'), 404, 'not_found'],
    ['an unknown path, to a stranger', 'nothing', () => ({}), 404, 'not_found'],
    ['a known path by another method', 'alerts', () => as('admin', { method: 'DELETE' }), 405, 'method.not_allowed'],
    ['a body that is not JSON', 'cases', () => as('admin', { method: 'POST', body: '{"a":' }), 400, 'request.invalid'],
    ['a body of another type', 'cases', () => as('admin', { method: 'POST', body: 'a=b', headers: { 'content-type': 'text/plain' } }), 415, 'request.not_json'],
    [
      'a body in another character set',
      'cases',
      () => as('admin', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json; charset=gbk' } }),
      415,
      'request.not_json',
    ],
    ['a body that is too large', 'cases', () => as('admin', { method: 'POST', body: JSON.stringify({ note: 'x'.repeat(256 * 1024) }) }), 413, 'request.too_large'],
    ['an escape that is none', 'alerts/%E0%A4%A', () => as('admin'), 400, 'request.invalid'],
    ['a move that is not allowed', 'cases/west/transitions', () => as('admin', { method: 'POST', body: { to: 'evaluated' } }), 409, 'case.illegal_move'],
    ['a stale version', 'cameras/camera-west', () => as('admin', { method: 'PUT', body: { version: 0 } }), 409, 'version.stale'],
    ['a cursor of somebody else', 'audit?cursor=x', () => as('admin'), 400, 'cursor.invalid'],
  ])('%s', async (_, path, ask, status, code) => {
    const answer = await v1(path, ask())
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json; charset=utf-8'])
    expect(await answer.json()).toMatchObject({ status, code, type: `urn:wanglou:problem:${code}`, title: expect.any(String), detail: expect.any(String) })
  })

  it('405 says what the path takes, 409 what is allowed', async () => {
    expect((await v1('session', { method: 'PUT' })).headers.get('allow')).toBe('POST, GET, DELETE')
    const move = await v1('cases/west/transitions', as('admin', { method: 'POST', body: { to: 'evaluated' } }))
    expect(await move.json()).toMatchObject({ allowed: ['verifying', 'accepted', 'rejected'] })
  })

  it('tells every field that is wrong, where and why', async () => {
    const answer = await v1('cases/we!st/transitions', as('admin', { method: 'POST', body: { to: 'done', photos: [7], extra: 1 } }))
    const problem = (await answer.json()) as { errors: { where: string; why: string }[] }
    expect(problem.errors.map((error) => error.where).sort()).toEqual(['body', 'body.photos.0', 'body.to', 'path.id'])
    expect(problem.errors.find((error) => error.where === 'body')?.why).toContain('extra')
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['limit=1e3', 'limit'],
    ['condition=burning', 'condition.0'],
    ['from=2026-11-21T09:45:00', 'from'],
    ['from=yesterday', 'from'],
    ['area=north', 'area'],
  ])('alerts?%s is refused', async (query, where) => {
    const answer = await v1(`alerts?${query}`, as('viewer'))
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ errors: [expect.objectContaining({ where: `query.${where}` })] })])
  })

  it('what breaks on our side is logged under an id, and the answer holds nothing else', async () => {
    const broken = await startCity({ site: () => raise(new Error('secret path /etc/x')), metrics: () => raise(new CodedError('journal.unwritable', 'EIO on /var/x')) })
    const answer = await fetch(`${broken.url}/api/v1/site`, { headers: { authorization: `Bearer ${broken.token('viewer')}` } })
    const problem = (await answer.json()) as { id: string }
    expect(answer.status).toBe(500)
    expect(problem).toMatchObject({ code: 'internal' })
    expect(JSON.stringify(problem)).not.toMatch(/secret|stack|\/etc/)
    expect(broken.errors).toEqual([expect.objectContaining({ id: problem.id, err: expect.objectContaining({ message: 'secret path /etc/x' }) })])
    const unwritable = await fetch(`${broken.url}/metrics`)
    expect([unwritable.status, unwritable.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await unwritable.text()).not.toContain('/var/x')
    await broken.close()
  })
})

function raise(error: Error): never {
  throw error
}

describe('requests', () => {
  it.each([
    ['alerts?condition=firing,resolved&severity=major&severity=minor', { condition: ['firing', 'resolved'], severity: ['major', 'minor'], limit: 100 }],
    ['alerts?from=2026-11-21T09:45:00%2B08:00', { from: NOW, limit: 100 }],
    ['alerts?from=2026-11-21T09:45:00+08:00', { from: NOW, limit: 100 }],
    [`alerts?to=${NOW}&limit=10000`, { to: NOW, limit: 10_000 }],
    [`alerts?area=${WEST}&cursor=abc`, { area: WEST, cursor: 'abc', limit: 100 }],
  ])('%s', async (path, expected) => {
    let got: unknown
    const spy = await startCity()
    spy.deps.alerts.list = async (query) => {
      got = query
      return { items: [], next: null }
    }
    await fetch(`${spy.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${spy.token('viewer')}` } })
    await spy.close()
    expect(got).toEqual(expected)
  })

  it('a list is cut at limit and goes on at its cursor', async () => {
    const seen: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page = (await (await v1(`areas?limit=2${next && `&cursor=${next}`}`, as('viewer'))).json()) as { items: { code: string }[]; next: string | null }
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map((area) => area.code))
      next = page.next
    }
    expect(seen).toEqual([WEST, `${WEST}001`, '310115'])
  })

  it('a body in chunks is read like any other', async () => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
    const sent = request(
      `${city.url}/api/v1/alerts/west/verdict`,
      { method: 'POST', headers: { authorization: `Bearer ${city.token('operator')}`, 'content-type': 'application/json' } },
      resolve,
    )
    sent.write('{"verdict":')
    sent.end('"certain"}')
    const answer = await promise
    expect([answer.statusCode, JSON.parse(await text(answer))]).toEqual([400, expect.objectContaining({ errors: [expect.objectContaining({ where: 'body.verdict' })] })])
  })

  it('times come out as RFC 3339 in UTC with milliseconds', async () => {
    const asset = (await (await v1('assets/cover-west', as('viewer'))).json()) as { at: string }
    const rule = (await (await v1('rules/cover-displaced', as('viewer'))).json()) as { at: string }
    expect([asset.at, rule.at]).toEqual(['2026-11-21T01:45:00.000Z', '2026-11-21T01:45:00.000Z'])
  })

  it('an asset can be written back as it was read', async () => {
    const asset = (await (await v1('assets/cover-east', as('author'))).json()) as object
    const put = await v1('assets/cover-east', as('author', { method: 'PUT', body: { ...asset, name: '新名' } }))
    expect([put.status, await put.json()]).toEqual([200, expect.objectContaining({ id: 'cover-east', name: '新名' })])
    const other = await v1('assets/cover-east', as('author', { method: 'PUT', body: { kind: 'cover', id: 'cover-west' } }))
    expect(other.status).toBe(400)
    expect((await v1('assets/cover-east', as('author', { method: 'PUT', body: { kind: 'cover', departement: 'x' } }))).status).toBe(400)
  })

  it('changes are written into the audit log: who, what, which', async () => {
    await v1('alerts/west/verdict', as('operator', { method: 'POST', body: { verdict: 'benign', reason: '井盖被人搬开' } }))
    const log = (await (await v1('audit?limit=1', as('admin'))).json()) as { items: object[] }
    expect(log.items).toEqual([{ at: '2026-11-21T01:45:00.000Z', by: 'operator', what: 'alert.verdict', target: 'west', detail: '{"verdict":"benign","reason":"井盖被人搬开"}' }])
  })
})

describe('health and metrics', () => {
  it('health is one word to strangers and viewers, the report to operators', async () => {
    const failing = await startCity({ health: async () => ({ status: 'failing', parts: { journal: { state: 'failing', why: 'no space left' } } }) })
    const ask = (role?: 'viewer' | 'operator'): Promise<Response> =>
      fetch(`${failing.url}/api/v1/health`, role ? { headers: { authorization: `Bearer ${failing.token(role)}` } } : {})
    for (const role of [undefined, 'viewer'] as const) {
      const answer = await ask(role)
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, '5', { status: 'failing' }])
    }
    const report = await ask('operator')
    expect([report.status, await report.json()]).toEqual([200, { status: 'failing', parts: { journal: { state: 'failing', why: 'no space left' } } }])
    await failing.close()
    expect(await (await v1('health')).json()).toEqual({ status: 'ok' })
  })

  it.each<[string, Record<string, string>, number]>([
    ['the machine itself', {}, 200],
    ['what a proxy on it passes on', { 'x-forwarded-for': '203.0.113.9' }, 401],
    ['what a proxy on it passes on, said otherwise', { forwarded: 'for=203.0.113.9' }, 401],
    ['a page lured to a name of its own', { host: 'evil.example:8080' }, 401],
    ['localhost by name', { host: 'localhost:8080' }, 200],
  ])('metrics to %s', async (_, headers, status) => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
    request(`${city.url}/metrics`, { headers }, resolve).end()
    const answer = await promise
    const body = await text(answer)
    expect(answer.statusCode).toBe(status)
    if (status === 200) expect([answer.headers['content-type'], body]).toEqual(['text/plain; version=0.0.4; charset=utf-8', 'wanglou_up 1\n'])
  })
})

describe('every answer', () => {
  it.each(['alerts', 'nothing', 'health'])('%s bears the headers that keep a browser safe and does not say what we run', async (path) => {
    const { headers } = await v1(path, as('viewer'))
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is told to whoever measures, with the path as the table has it', async () => {
    const answers: object[] = []
    const measured = await startCity({ answered: (answer) => void answers.push(answer) })
    await (await fetch(`${measured.url}/api/v1/alerts/west`, { headers: { authorization: `Bearer ${measured.token('viewer')}` } })).text()
    await (await fetch(`${measured.url}/api/v1/alerts/west`)).text()
    await measured.close()
    expect(answers).toEqual([
      { method: 'GET', path: '/api/v1/alerts/{id}', status: 200, ms: expect.any(Number) },
      { method: 'GET', path: '/api/v1/alerts/{id}', status: 401, ms: expect.any(Number) },
    ])
  })

  it('a large document is packed once, and not sent again to who has it', async () => {
    const first = await v1('basemap', as('viewer'))
    expect([first.headers.get('content-encoding'), await first.json()]).toEqual(['gzip', city.deps.basemap()])
    const again = await v1('basemap', as('viewer', { headers: { 'if-none-match': first.headers.get('etag') ?? '', ...REVALIDATE } }))
    expect(again.status).toBe(304)
    const plain = await v1('basemap', as('viewer', { headers: { 'accept-encoding': 'identity' } }))
    expect([plain.headers.get('content-encoding'), await plain.json()]).toEqual([null, city.deps.basemap()])
  })
})

describe('whatever is sent', () => {
  const anyJson = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .jsonValue()
      .map((value) =>
        JSON.stringify({ verdict: 'confirmed', to: value, reason: value, note: value, asset: 'cover-west', type: 'maintenance', labels: value, kind: 'cover', __proto__: value }),
      ),
  )
  const paths = fc.constantFrom('alerts/west/verdict', 'alerts/west/dispatch', 'cases', 'cases/west/transitions', 'session')

  it('as a body never makes a 500', async () => {
    await fc.assert(
      fc.asyncProperty(paths, anyJson, async (path, body) => {
        const answer = await v1(path, as('admin', { method: 'POST', body }))
        await answer.text()
        expect(answer.status).toBeLessThan(500)
      }),
      { numRuns: 200 },
    )
  })

  it('in a path or a query never makes a 500', async () => {
    const names = fc.constantFrom('limit', 'cursor', 'from', 'bbox', 'kind', 'condition', 'after', 'types', '__proto__', 'constructor', 'level', 'device', 'every', 'q', 'at')
    const lists = fc.constantFrom('alerts', 'cases', 'events', 'assets', 'areas', 'observations', 'ledger', 'audit', 'rules', 'cameras/camera-west/still')
    await fc.assert(
      fc.asyncProperty(lists, fc.array(fc.tuple(names, fc.string({ unit: 'binary' })), { maxLength: 4 }), fc.string({ unit: 'binary', minLength: 1 }), async (list, query, id) => {
        const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&')
        for (const path of [`${list}?${search}`, `alerts/${encodeURIComponent(id.toWellFormed())}`, `evidence/${encodeURIComponent(id.toWellFormed())}`]) {
          const answer = await v1(path, as('admin'))
          await answer.text()
          expect(answer.status).toBeLessThan(500)
        }
      }),
      { numRuns: 150 },
    )
    expect(city.errors).toEqual([])
  })
})

describe('listen', () => {
  it('says by a code that a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    await expect(createApi(city.deps).listen('127.0.0.1', (other.address() as AddressInfo).port)).rejects.toMatchObject({ code: 'port.in_use' })
    other.close()
  })
})
