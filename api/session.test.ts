import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../domain/role.ts'
import { loginPath } from './routes/session.ts'
import { type Ask, startCity, type TestCity } from './testcity.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
  await city.store.keys.addUser('王芳', 'admin', '', 'correct horse')
})
afterAll(() => city.close())

const v1: TestCity['ask'] = (path, ask) => city.ask(path, ask)
const as = (role: Role, ask: Ask = {}): Ask => ({ ...ask, as: role })
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
