import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CodedError } from '../domain/errors.ts'
import { NOW, startCity, type TestCity, WEST } from './doubles.ts'
import { loginPath } from './routes/session.ts'
import { createApi } from './server.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
  await city.store.keys.addUser('王芳', 'admin', '', 'correct horse')
})
afterAll(() => city.close())

interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: unknown
}
const v1 = (path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Response> =>
  fetch(`${city.url}/api/v1/${path}`, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
const as = (role: 'viewer' | 'operator' | 'dispatcher' | 'author' | 'admin', ask: Ask = {}): Ask => ({
  ...ask,
  headers: { authorization: `Bearer ${city.token(role)}`, ...ask.headers },
})
/** fetch would say no-cache beside If-None-Match, which asks for the whole. */
const REVALIDATE = { 'cache-control': 'max-age=0' }
const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

describe('session', () => {
  it('is a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await v1('session', { method: 'POST', body: { name: '王芳', password: 'correct horse' } })
    expect([answer.status, await answer.json()]).toEqual([201, { name: '王芳', role: 'admin', area: '' }])
    expect(answer.headers.getSetCookie()[0]).toMatch(/^wanglou_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    const cookie = cookieOf(answer)
    expect(await (await v1('session', { headers: { cookie } })).json()).toEqual({ name: '王芳', role: 'admin', area: '' })
    const out = await v1('session', { method: 'DELETE', headers: { cookie, origin: city.url } })
    expect([out.status, cookieOf(out)]).toEqual([204, 'wanglou_session='])
    expect((await v1('session', { headers: { cookie } })).status).toBe(401)
  })

  it('begins by a link once', async () => {
    const link = loginPath(city.store.keys.makeLoginCode({ name: 'demo', role: 'admin', area: '' }))
    expect((await fetch(`${city.url}${link}`, { method: 'HEAD', redirect: 'manual' })).status).toBe(405)
    const answer = await fetch(`${city.url}${link}`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    expect(await (await v1('session', { headers: { cookie: cookieOf(answer) } })).json()).toMatchObject({ name: 'demo' })
    expect((await fetch(`${city.url}${link}`, { redirect: 'manual' })).status).toBe(401)
  })

  it('is throttled, says how long, and writes refusals down', async () => {
    const wrong = (): Promise<Response> => v1('session', { method: 'POST', body: { name: 'li', password: 'wrong' } })
    const answers = []
    for (let n = 0; n < 11; n++) answers.push(await wrong())
    expect(answers.map((answer) => answer.status)).toEqual([...Array(10).fill(401), 429])
    expect(Number(answers[10]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answers[10]?.json()).toMatchObject({ code: 'auth.throttled', retry: true })
    const audit = (await (await v1('audit?limit=3', as('admin'))).json()) as { items: object[] }
    expect(audit.items).toContainEqual(expect.objectContaining({ by: 'li', what: 'session.refused', detail: expect.stringContaining('127.0.0.1') }))
  })

  it('never writes a password into the audit log', async () => {
    await v1('session', { method: 'POST', body: { name: '王芳', password: 'correct horse' } })
    const log = await (await v1('audit?limit=100', as('admin'))).text()
    expect(log).toContain('session.begin')
    expect(log).not.toMatch(/correct horse|wrong/)
  })
})

describe('behind a proxy', () => {
  const login = (at: TestCity): Promise<Response> =>
    fetch(`${at.url}/api/v1/session`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-host': 'city.example',
        origin: 'https://city.example',
      },
      body: JSON.stringify({ name: 'an', password: 'correct horse' }),
    })

  it.each([
    ['believed', ['loopback'], 201],
    ['not believed', undefined, 403],
  ])('that is %s', async (_, proxies, status) => {
    const behind = await startCity(proxies ? { proxies } : {})
    await behind.store.keys.addUser('an', 'viewer', '', 'correct horse')
    const answer = await login(behind)
    expect(answer.status).toBe(status)
    if (status === 201) {
      expect(answer.headers.getSetCookie()[0]).toContain('Secure')
      expect(answer.headers.get('strict-transport-security')).toContain('max-age')
      expect((await behind.store.audit.list({ limit: 1 })).items[0]?.detail).toBe('203.0.113.9')
    }
    await behind.close()
  })
})

describe('a change in a session needs the page itself as its sender', () => {
  let cookie: string
  beforeAll(async () => {
    cookie = cookieOf(await v1('session', { method: 'POST', body: { name: '王芳', password: 'correct horse' } }))
  })
  const own = (): string => new URL(city.url).host

  it.each<[string, () => Record<string, string>, number]>([
    ['its own Origin', () => ({ origin: city.url }), 200],
    ['its own Referer', () => ({ referer: `${city.url}/alerts` }), 200],
    ['Sec-Fetch-Site: same-origin', () => ({ 'sec-fetch-site': 'same-origin' }), 200],
    ['nothing', () => ({}), 403],
    ['another Origin', () => ({ origin: 'https://evil.example' }), 403],
    ['another port of the same host', () => ({ origin: 'http://127.0.0.1:1' }), 403],
    ['an opaque Origin', () => ({ origin: 'null' }), 403],
    ['another Referer', () => ({ referer: `https://evil.example/?${own()}` }), 403],
    ['Sec-Fetch-Site: same-site', () => ({ 'sec-fetch-site': 'same-site' }), 403],
    ['another Origin beside Sec-Fetch-Site: same-origin', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }), 403],
  ])('%s', async (_, headers, status) => {
    const answer = await send('POST', '/api/v1/alerts/west/acknowledge', { cookie, ...headers() })
    expect(answer.statusCode).toBe(status)
    if (status === 403) expect(JSON.parse(await text(answer))).toMatchObject({ code: 'auth.origin' })
    else answer.resume()
  })

  it('reading needs none, a token needs none, and nobody is logged in from another site', async () => {
    expect((await v1('alerts', { headers: { cookie, origin: 'https://evil.example' } })).status).toBe(200)
    expect((await v1('alerts/west/acknowledge', as('operator', { method: 'POST', headers: { origin: 'https://tool.example' } }))).status).toBe(200)
    const login = await v1('session', { method: 'POST', headers: { origin: 'https://evil.example' }, body: { name: '王芳', password: 'correct horse' } })
    expect(login.status).toBe(403)
  })

  /** fetch sets Sec-Fetch-… headers of its own; this sends what it is told. */
  function send(method: string, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    request(`${city.url}${path}`, { method, headers }, resolve).on('error', reject).end()
    return promise
  }
})

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

describe('cameras', () => {
  const read = async (role: 'viewer' | 'author' | 'admin'): Promise<{ version: number; source: { url: string } }> =>
    (await (await v1('cameras/camera-west', as(role))).json()) as { version: number; source: { url: string } }
  const write = (role: 'author' | 'admin', body: object): Promise<Response> => v1('cameras/camera-west', as(role, { method: 'PUT', body }))

  it('only admins read the address of a source, and the audit log does not', async () => {
    expect((await read('author')).source).toEqual({ type: 'rtsp', url: 'rtsp://10.0.0.9:554/…' })
    expect((await read('admin')).source.url).toBe('rtsp://viewer:s3cret@10.0.0.9:554/stream1?key=abc')
    await write('admin', { ...(await read('admin')), fps: 2 })
    expect(await (await v1('audit?limit=50', as('admin'))).text()).not.toMatch(/s3cret|key=abc/)
  })

  it('an author writes zones back and the source stays; another source takes an admin', async () => {
    const zones = [{ id: 'z1', type: 'no-parking', polygon: [[0, 0], [1, 0], [1, 1]] }] // biome-ignore format: corners
    const seen = await read('author')
    expect((await write('author', { ...seen, zones })).status).toBe(200)
    expect(await read('admin')).toMatchObject({ zones, source: { url: expect.stringContaining('s3cret') } })
    const { version } = await read('author')
    expect((await write('author', { version, source: { type: 'rtsp', url: 'rtsp://10.0.0.8/' } })).status).toBe(403)
    expect((await write('author', { version, source: null })).status).toBe(403)
    expect((await write('admin', { version, source: { type: 'rtsp', url: 'rtsp://10.0.0.8/x' } })).status).toBe(200)
    expect((await read('admin')).source.url).toBe('rtsp://10.0.0.8/x')
  })

  it.each([
    ['rtsp', { url: 'file:///etc/passwd' }],
    ['rtsp', { url: 'concat:a|b' }],
    ['http', { url: 'gopher://10.0.0.1/' }],
    ['http', { url: 'no address' }],
    ['file', { path: 'http://10.0.0.1/' }],
    ['file', { path: 'concat:/etc/passwd' }],
  ])('a source %s %j is refused even from an admin', async (type, rest) => {
    const answer = await write('admin', { version: (await read('admin')).version, source: { type, ...rest } })
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ errors: [expect.objectContaining({ where: expect.stringMatching(/^body\.source\./) })] })])
  })

  it('a picture says when it was taken and is kept by nobody', async () => {
    const still = await v1('cameras/camera-west/still', as('viewer'))
    expect(Object.fromEntries(['content-type', 'wanglou-at', 'cache-control', 'x-content-type-options'].map((name) => [name, still.headers.get(name)]))).toEqual({
      ...{ 'content-type': 'image/jpeg', 'wanglou-at': '2026-11-21T01:45:00.000Z', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    })
    expect((await v1('cameras/camera-west/still?at=2026-11-21T03:00:00Z&within=10m', as('viewer'))).status).toBe(404)
    expect((await v1('cameras/camera-west/still?at=2026-11-21T01:50:00Z&within=10m', as('viewer'))).status).toBe(200)
  })
})

describe('evidence', () => {
  it('is kept for ever by its hash, comes in ranges, and runs no script', async () => {
    const whole = await v1('evidence/west', as('viewer'))
    expect(whole.headers.get('cache-control')).toContain('immutable')
    expect(whole.headers.get('content-security-policy')).toContain('sandbox')
    const etag = whole.headers.get('etag') ?? ''
    const bytes = new Uint8Array(await whole.arrayBuffer())
    expect((await v1('evidence/west', as('viewer', { headers: { 'if-none-match': etag, ...REVALIDATE } }))).status).toBe(304)
    const part = await v1('evidence/west', as('viewer', { headers: { range: 'bytes=2-4' } }))
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 2-4/${bytes.length}`])
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(2, 5))
    expect((await v1('evidence/west', as('viewer', { headers: { range: 'bytes=99-' } }))).status).toBe(416)
  })
})

describe('health and metrics', () => {
  it('health is one word to strangers and viewers, the report to operators', async () => {
    const failing = await startCity({ health: () => ({ status: 'failing', parts: { journal: { state: 'failing', why: 'no space left' } } }) })
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
