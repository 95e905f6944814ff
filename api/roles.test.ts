import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES, roleAtLeast } from '../domain/role.ts'
import { formatInstant } from '../domain/time.ts'
import { EAST, NOW, WEST } from './doubles.ts'
import { nameOf, roleTable } from './roles.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { startCity, type TestCity } from './testcity.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
})
afterAll(() => city.close())

const side = (text: string | undefined, to: 'west' | 'east'): string | undefined => text?.replaceAll('SIDE', to)

/** A request that each route takes, `SIDE` being where it points. A route without one fails the test below. */
const SAMPLES: Record<string, { path?: string; body?: object }> = {
  'POST session': { body: { name: 'nobody', password: 'wrong' } },
  'GET session': {},
  'DELETE session': {},
  'GET login': { path: 'login?code=none' },
  'GET alerts': {},
  'GET alerts/{id}': { path: 'alerts/SIDE' },
  'POST alerts/{id}/acknowledge': { path: 'alerts/SIDE/acknowledge' },
  'POST alerts/{id}/verdict': { path: 'alerts/SIDE/verdict', body: { verdict: 'confirmed', reason: 'seen on the camera' } },
  'POST alerts/{id}/dispatch': { path: 'alerts/SIDE/dispatch', body: {} },
  'GET silences': {},
  'POST silences': { body: { matchers: { asset: 'cover-SIDE' }, to: formatInstant(NOW + 3_600_000), reason: 'roadworks' } },
  'DELETE silences/{id}': { path: 'silences/SIDE' },
  'GET cases': {},
  'POST cases': { body: { type: 'maintenance', asset: 'cover-SIDE', from: formatInstant(NOW), to: null } },
  'GET cases/{id}': { path: 'cases/SIDE' },
  'POST cases/{id}/transitions': { path: 'cases/SIDE/transitions', body: { to: 'accepted' } },
  'GET events': {},
  'GET desks': {},
  'POST desks/{id}/replay': { path: 'desks/city/replay', body: {} },
  'POST desks/{id}/enable': { path: 'desks/city/enable', body: {} },
  'GET assets': {},
  'GET assets/{id}': { path: 'assets/cover-SIDE' },
  'PUT assets/{id}': { path: 'assets/cover-SIDE', body: { kind: 'cover', name: '井盖' } },
  'GET areas': {},
  'GET cameras/{id}': { path: 'cameras/camera-SIDE' },
  'PUT cameras/{id}': { path: 'cameras/camera-SIDE', body: { version: 1, zones: [] } },
  'GET cameras/{id}/still': { path: 'cameras/camera-SIDE/still' },
  'GET cameras/{id}/live': { path: 'cameras/camera-SIDE/live' },
  'GET live/{id}': { path: 'live/camera-SIDE?until=1&by=somebody&signature=none' },
  'GET coverage': {},
  'GET evidence/{id}': { path: 'evidence/SIDE' },
  'GET alerts/{id}/evidence.zip': { path: 'alerts/SIDE/evidence.zip' },
  'GET evidence-key': {},
  'GET rules': {},
  'GET rules/{id}': { path: 'rules/cover-displaced' },
  'GET rules/{id}/versions': { path: 'rules/cover-displaced/versions' },
  'PUT rules/{id}': { path: 'rules/cover-displaced', body: { version: 1, set: { tiltDeg: 20 }, note: 'fewer' } },
  'GET rules/{id}/versions/{n}/diff': { path: 'rules/cover-displaced/versions/1/diff' },
  'POST rules/{id}/versions/{n}/draft': { path: 'rules/cover-displaced/versions/1/draft', body: {} },
  'POST rules/{id}/versions/{n}/shadow': { path: 'rules/cover-displaced/versions/1/shadow', body: {} },
  'POST rules/{id}/versions/{n}/live': { path: 'rules/cover-displaced/versions/1/live', body: { areas: ['310104'], guard: { alertsPerHour: 5 } } },
  'POST rules/{id}/check': { path: 'rules/cover-displaced/check', body: { source: 'rule: cover-displaced' } },
  'GET rule-language': { path: 'rule-language?on=cover' },
  'POST rules/{id}/backtest': { path: 'rules/cover-displaced/backtest', body: { set: { tiltDeg: 20 } } },
  'GET backtests/{id}': { path: 'backtests/bt-1' },
  'DELETE backtests/{id}': { path: 'backtests/bt-1' },
  'POST rules/{id}/explain': { path: 'rules/cover-displaced/explain', body: { asset: 'cover-SIDE' } },
  'GET assets/{id}/explain': { path: 'assets/cover-SIDE/explain' },
  'GET calendars': {},
  'GET calendars/{id}': { path: 'calendars/work' },
  'PUT calendars/{id}': { path: 'calendars/work', body: { version: 1, hours: [{ days: ['work'], from: '07:30', to: '19:30' }] } },
  'GET observations': {},
  'GET ledger': {},
  'PUT devices/{id}': { path: 'devices/c-1', body: { gateway: 'gw-1' } },
  'GET rejects': {},
  'GET audit': {},
  'GET health': {},
  'GET /metrics': {},
  'GET site': {},
  'GET basemap': {},
  'GET feed': {},
  'GET openapi.json': {},
  'GET asyncapi.json': {},
}

async function ask(route: Route, to: 'west' | 'east', authorization?: string): Promise<{ status: number; type: string; body: unknown }> {
  const sample = SAMPLES[nameOf(route)] ?? {}
  const path = route.path.startsWith('/api/') ? `/api/v1/${side(sample.path, to) ?? route.path.slice('/api/v1/'.length)}` : route.path
  const stop = new AbortController()
  const response = await fetch(`${city.url}${path}`, {
    method: route.method,
    redirect: 'manual',
    signal: stop.signal,
    // A proxy's header: this caller is not the machine itself, so /metrics asks for a token.
    headers: { 'x-forwarded-for': '203.0.113.9', ...(authorization ? { authorization } : {}), ...(sample.body ? { 'content-type': 'application/json' } : {}) },
    ...(sample.body ? { body: side(JSON.stringify(sample.body), to) ?? '' } : {}),
  })
  const type = response.headers.get('content-type') ?? ''
  const stream = type.startsWith('text/event-stream')
  const body = stream ? undefined : type.includes('json') ? await response.json() : await response.arrayBuffer()
  stop.abort()
  return { status: response.status, type, body }
}

const bearer = (token: string): string => `Bearer ${token}`
const CLOSED = ROUTES.filter((route) => route.role !== 'open')
const PLACED = CLOSED.filter((route) => JSON.stringify(SAMPLES[nameOf(route)]).includes('SIDE'))

describe('who may do what', () => {
  it('is this table', () => {
    expect(`\n${roleTable(ROUTES)}\n`).toBe(TABLE)
  })

  it('every route has a sample request', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(ROUTES.map(nameOf).sort())
  })

  describe.each(ROLES)('%s', (role) => {
    it.each(CLOSED.map((route) => [nameOf(route), route] as const))('%s', async (_, route) => {
      const { status, type, body } = await ask(route, 'west', bearer(city.token(role)))
      const needed = route.role === 'local' || route.role === 'open' ? 'viewer' : route.role
      if (roleAtLeast(role, needed)) {
        // The camera's version counts up from caller to caller: whoever comes later is stale, but let in.
        if (nameOf(route) === 'PUT cameras/{id}' && status === 409) return
        expect(status).toBe(route.answer.status)
        if (route.answer.schema) expect(route.answer.schema.safeParse(body)).toMatchObject({ success: true })
        else if (route.answer.media) expect(route.answer.media).toContain(type.split(';')[0])
      } else {
        expect(status).toBe(403)
        expect(body).toMatchObject({ code: 'auth.forbidden', status: 403 })
      }
    })
  })
})

describe('strangers get nothing', () => {
  it.each(CLOSED.map((route) => [nameOf(route), route] as const))('%s', async (_, route) => {
    for (const authorization of [undefined, 'Bearer wrong', 'Basic YTpi', 'Bearer', bearer(`${city.token('admin')}x`)]) {
      const { status, type, body } = await ask(route, 'west', authorization)
      expect([status, type]).toEqual([401, 'application/problem+json; charset=utf-8'])
      expect(body).toMatchObject({ code: 'auth.required' })
    }
  })

  it('a removed token is worth nothing from that moment', async () => {
    const token = city.store.keys.addToken('gone', 'admin', '')
    const site = ROUTES.find((route) => nameOf(route) === 'GET site') as Route
    expect((await ask(site, 'west', bearer(token))).status).toBe(200)
    city.store.keys.removeToken('gone')
    expect((await ask(site, 'west', bearer(token))).status).toBe(401)
  })
})

describe("out of one's area", () => {
  it.each(PLACED.map((route) => [nameOf(route), route] as const))('%s is 404, and as if it were not there', async (_, route) => {
    const token = bearer(city.token('admin', EAST))
    expect((await ask(route, 'east', token)).status).not.toBe(404)
    const { status, body } = await ask(route, 'west', token)
    expect(status).toBe(404)
    expect(body).toMatchObject({ code: 'not_found' })
    expect(JSON.stringify(body)).not.toContain('west')
  })

  it.each(['alerts', 'silences', 'cases', 'events', 'assets', 'observations', 'ledger'])('%s lists only what lies in it', async (path) => {
    const list = async (area: string): Promise<string> =>
      await (await fetch(`${city.url}/api/v1/${path}`, { headers: { authorization: bearer(city.token('viewer', area)) } })).text()
    expect(await list('')).toMatch(/west.*east/s)
    expect(await list(EAST)).not.toContain('west')
    expect(await list(EAST)).toContain('east')
    expect(await list(WEST)).not.toContain('east')
  })

  it.each(['observations?device=cover-west', 'ledger?device=cover-west'])('%s is 404', async (path) => {
    const answer = await fetch(`${city.url}/api/v1/${path}`, { headers: { authorization: bearer(city.token('viewer', EAST)) } })
    expect(answer.status).toBe(404)
  })

  it.each(['rejects', 'audit'])('%s is of the whole city', async (path) => {
    const answer = await fetch(`${city.url}/api/v1/${path}`, { headers: { authorization: bearer(city.token('admin', EAST)) } })
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'auth.forbidden' })])
  })

  it('an asset cannot be moved out of it', async () => {
    const answer = await fetch(`${city.url}/api/v1/assets/cover-east`, {
      method: 'PUT',
      headers: { authorization: bearer(city.token('author', EAST)), 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'cover', area: WEST }),
    })
    expect(answer.status).toBe(404)
  })
})

const TABLE = `
                                     stranger  viewer  operator  dispatcher  author  admin
POST session                         ✓         ✓       ✓         ✓           ✓       ✓
GET session                          ·         ✓       ✓         ✓           ✓       ✓
DELETE session                       ·         ✓       ✓         ✓           ✓       ✓
GET login                            ✓         ✓       ✓         ✓           ✓       ✓
GET alerts                           ·         ✓       ✓         ✓           ✓       ✓
GET alerts/{id}                      ·         ✓       ✓         ✓           ✓       ✓
POST alerts/{id}/acknowledge         ·         ·       ✓         ✓           ✓       ✓
POST alerts/{id}/verdict             ·         ·       ✓         ✓           ✓       ✓
POST alerts/{id}/dispatch            ·         ·       ·         ✓           ✓       ✓
GET silences                         ·         ✓       ✓         ✓           ✓       ✓
POST silences                        ·         ·       ✓         ✓           ✓       ✓
DELETE silences/{id}                 ·         ·       ✓         ✓           ✓       ✓
GET cases                            ·         ✓       ✓         ✓           ✓       ✓
POST cases                           ·         ·       ·         ✓           ✓       ✓
GET cases/{id}                       ·         ✓       ✓         ✓           ✓       ✓
POST cases/{id}/transitions          ·         ·       ·         ✓           ✓       ✓
GET events                           ·         ✓       ✓         ✓           ✓       ✓
GET desks                            ·         ·       ·         ·           ·       ✓
POST desks/{id}/replay               ·         ·       ·         ·           ·       ✓
POST desks/{id}/enable               ·         ·       ·         ·           ·       ✓
GET assets                           ·         ✓       ✓         ✓           ✓       ✓
GET assets/{id}                      ·         ✓       ✓         ✓           ✓       ✓
PUT assets/{id}                      ·         ·       ·         ·           ✓       ✓
GET areas                            ·         ✓       ✓         ✓           ✓       ✓
GET cameras/{id}                     ·         ✓       ✓         ✓           ✓       ✓
PUT cameras/{id}                     ·         ·       ·         ·           ✓       ✓
GET cameras/{id}/still               ·         ✓       ✓         ✓           ✓       ✓
GET evidence/{id}                    ·         ✓       ✓         ✓           ✓       ✓
GET alerts/{id}/evidence.zip         ·         ✓       ✓         ✓           ✓       ✓
GET evidence-key                     ✓         ✓       ✓         ✓           ✓       ✓
GET cameras/{id}/live                ·         ✓       ✓         ✓           ✓       ✓
GET live/{id}                        ✓         ✓       ✓         ✓           ✓       ✓
GET coverage                         ·         ✓       ✓         ✓           ✓       ✓
GET rules                            ·         ✓       ✓         ✓           ✓       ✓
GET rules/{id}                       ·         ✓       ✓         ✓           ✓       ✓
PUT rules/{id}                       ·         ·       ·         ·           ✓       ✓
GET rules/{id}/versions              ·         ✓       ✓         ✓           ✓       ✓
GET rules/{id}/versions/{n}/diff     ·         ✓       ✓         ✓           ✓       ✓
POST rules/{id}/versions/{n}/draft   ·         ·       ·         ·           ✓       ✓
POST rules/{id}/versions/{n}/shadow  ·         ·       ·         ·           ✓       ✓
POST rules/{id}/versions/{n}/live    ·         ·       ·         ·           ✓       ✓
GET rule-language                    ·         ✓       ✓         ✓           ✓       ✓
POST rules/{id}/check                ·         ·       ·         ·           ✓       ✓
POST rules/{id}/backtest             ·         ·       ·         ·           ✓       ✓
GET backtests/{id}                   ·         ·       ·         ·           ✓       ✓
DELETE backtests/{id}                ·         ·       ·         ·           ✓       ✓
POST rules/{id}/explain              ·         ✓       ✓         ✓           ✓       ✓
GET assets/{id}/explain              ·         ✓       ✓         ✓           ✓       ✓
GET calendars                        ·         ✓       ✓         ✓           ✓       ✓
GET calendars/{id}                   ·         ✓       ✓         ✓           ✓       ✓
PUT calendars/{id}                   ·         ·       ·         ·           ✓       ✓
GET observations                     ·         ✓       ✓         ✓           ✓       ✓
GET ledger                           ·         ✓       ✓         ✓           ✓       ✓
PUT devices/{id}                     ·         ·       ·         ·           ·       ✓
GET rejects                          ·         ·       ✓         ✓           ✓       ✓
GET audit                            ·         ·       ·         ·           ·       ✓
GET health                           ✓         ✓       ✓         ✓           ✓       ✓
GET /metrics                         ·         ✓       ✓         ✓           ✓       ✓
GET site                             ·         ✓       ✓         ✓           ✓       ✓
GET basemap                          ·         ✓       ✓         ✓           ✓       ✓
GET feed                             ·         ✓       ✓         ✓           ✓       ✓
GET openapi.json                     ·         ✓       ✓         ✓           ✓       ✓
GET asyncapi.json                    ·         ✓       ✓         ✓           ✓       ✓
`
