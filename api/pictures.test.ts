import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../domain/role.ts'
import { JPEG } from './doubles.ts'
import { type Ask, startCity, type TestCity } from './testcity.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
})
afterAll(() => city.close())

const v1: TestCity['ask'] = (path, ask) => city.ask(path, ask)
const as = (role: Role, ask: Ask = {}): Ask => ({ ...ask, as: role })
/** fetch would say no-cache beside If-None-Match, which asks for the whole. */
const REVALIDATE = { 'cache-control': 'max-age=0' }

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

  it('everybody reads how a camera is doing, only admins why, which may name the source', async () => {
    const status = { state: 'waiting', frames: 4, inferred: 3, dropped: { crashed: 1 }, lastAt: '2026-11-21T01:45:00.000Z' }
    expect(await read('viewer')).toMatchObject({ status: { ...status, error: null } })
    expect(await read('admin')).toMatchObject({ status: { ...status, error: 'no picture within 10 s' } })
    expect(await (await v1('cameras/camera-east', as('admin'))).json()).toMatchObject({ status: null })
  })

  it('a calibration that shows no plane is refused, and it is said why', async () => {
    const corner = (x: number, y: number, east: number, north: number) => ({ picture: [x, y], lon: 121.39 + east * 1e-5, lat: 37.54 + north * 1e-5 })
    const points = [corner(0.1, 0.9, 0, 0), corner(0.9, 0.9, 100, 0), corner(0.7, 0.3, 100, 200), corner(0.3, 0.3, 0, 200)]
    const bent = [...points.slice(0, 3), { ...points[3], picture: points[2]?.picture }]
    const seen = await read('author')
    const refused = await write('author', { ...seen, calibration: { points: bent } })
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'calibration.invalid', detail: 'points 3, 4 are the same on the picture' }])
    expect((await write('author', { ...seen, calibration: { points } })).status).toBe(200)
    expect(await read('author')).toMatchObject({ calibration: { points } })
  })

  it('an author writes zones back and the source stays; another source takes an admin', async () => {
    const zones = [
      {
        id: 'z1',
        type: 'no-parking',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
    ]
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

it('plates that were read are in what operators read of devices, and not in what viewers do', async () => {
  const read = async (role: Role) => (await (await v1('observations?kind=scene', as(role))).json()) as { items: { objects: object[] }[] }
  expect((await read('operator')).items[0]?.objects).toEqual([{ label: 'car', score: 0.9, box: [0, 0, 0.1, 0.1], plate: '沪A12345' }])
  expect((await read('viewer')).items[0]?.objects).toEqual([{ label: 'car', score: 0.9, box: [0, 0, 0.1, 0.1] }])
})

describe('the live view', () => {
  const ask = async (camera: string, role: Role = 'operator'): Promise<{ kind: string; url: string; until: string }> =>
    (await (await v1(`cameras/${camera}/live`, as(role))).json()) as { kind: string; url: string; until: string }
  const open = (url: string): Promise<Response> => fetch(`${city.url}${url}`)

  it('is a link for five minutes that needs no other credential and tells nothing of the camera', async () => {
    const link = await ask('camera-west')
    expect(link).toMatchObject({ kind: 'mjpeg', until: '2026-11-21T01:50:00.000Z' })
    expect(link.url).not.toMatch(/rtsp|s3cret|10\.0\.0/)
    const stop = new AbortController()
    const answer = await fetch(`${city.url}${link.url}`, { signal: stop.signal })
    expect(answer.headers.get('content-type')).toBe('multipart/x-mixed-replace; boundary=picture')
    const parts: Uint8Array[] = []
    for await (const part of answer.body ?? []) {
      parts.push(part)
      if (Buffer.concat(parts).includes(Buffer.from([0xff, 0xd9]))) break
    }
    expect(Buffer.concat(parts).includes(Buffer.from(JPEG))).toBe(true)
    stop.abort()
  })

  it('is written down: who looked through which camera', async () => {
    await ask('camera-west')
    expect(await (await v1('audit?limit=1', as('admin'))).json()).toMatchObject({ items: [{ what: 'camera.live', target: 'camera-west' }] })
  })

  it.each([
    ['for another camera', (url: string) => url.replace('camera-west', 'camera-east')],
    ['for longer', (url: string) => url.replace(/until=(\d+)/, (_, until: string) => `until=${Number(until) + 60_000}`)],
    ['of somebody else', (url: string) => url.replace(/by=[^&]*/, 'by=mallory')],
    ['without its signature', (url: string) => url.replace(/signature=.*/, 'signature=x')],
  ])('does not let itself be made %s', async (_, forged) => {
    const answer = await open(forged((await ask('camera-west')).url))
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'auth.forbidden' })])
  })

  it('is the newest still of a camera that cannot be looked through, and for a viewer, who sees it blurred', async () => {
    expect(await ask('camera-east')).toMatchObject({ kind: 'still', url: '/api/v1/cameras/camera-east/still' })
    expect(await ask('camera-west', 'viewer')).toMatchObject({ kind: 'still', url: '/api/v1/cameras/camera-west/still' })
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
