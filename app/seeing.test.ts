import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlertDetail } from '../domain/alert.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { soon, startTestPlatform, type TestPlatform } from './testplatform.ts'

const PLACE = { lon: 121.39, lat: 37.53 }
const METRE = 1 / 111_195

let platform: TestPlatform
let gateway: MqttClient

function said(kind: string, device: string, payload: object): Promise<unknown> {
  return gateway.publishAsync(`city/v1/from/gw-1/observation/${kind}/${device}`, JSON.stringify(payload), { qos: 1 })
}

const register = (id: string, asset: object): Promise<unknown> => platform.ask(`assets/${id}`, asset, 'PUT')

function look(camera: string, at: number, ...labels: string[]): Promise<unknown> {
  const objects = labels.map((label) => ({ label, track: label, score: 0.9, box: [0.4, 0.6, 0.2, 0.2], zones: [label.startsWith('cover-') ? 'lid' : 'road'] }))
  return said('scene', camera, { at, camera, model: 'm@1', objects })
}

async function raised(rule: string): Promise<AlertDetail> {
  await soon(async () => (await platform.alerts(`rule=${rule}`)).length > 0)
  return platform.alert((await platform.alerts(`rule=${rule}`))[0]?.id ?? '')
}

beforeAll(async () => {
  platform = await startTestPlatform()
  const password = await platform.gateway('gw-1')
  gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password, protocolVersion: 4, reconnectPeriod: 0 })
  await register('cam-1', { kind: 'camera', ...PLACE })
  for (const [id, plate] of [
    ['truck-1', '鲁FA0001'],
    ['truck-2', '鲁FA0002'],
  ])
    await register(id ?? '', { kind: 'vehicle', labels: { plate, type: 'muck-truck' } })
}, 60_000)
afterAll(async () => {
  await gateway.endAsync()
  await platform.remove()
})

describe('what cameras see, joined with what else the city says', () => {
  it('a spillage bears the plate of the truck that passed', async () => {
    const passed = Date.now() - MINUTE
    for (const [truck, late] of [
      ['truck-1', 0],
      ['truck-2', -3 * MINUTE],
    ] as const)
      for (let second = -240; second <= 50; second += 10) {
        const metres = (second * SECOND - late) / 100
        const lon = PLACE.lon + (metres * METRE) / Math.cos((PLACE.lat * Math.PI) / 180)
        await said('vehicle', truck, { at: passed + second * SECOND, lon, lat: PLACE.lat, speedKmh: 36, headingDeg: 90, load: 'full', lid: 'open' })
      }
    await look('cam-1', passed, 'muck-truck-loaded-open')
    for (const second of [15, 20, 25]) await look('cam-1', passed + second * SECOND, 'spillage')
    await soon(async () => (await raised('muck-spill')).vehicle !== null)
    const { vehicle, candidates, timeline } = await raised('muck-spill')
    expect(vehicle).toMatchObject({ asset: 'truck-1', plate: '鲁FA0001' })
    expect(candidates.map(({ vehicle }) => vehicle)).toEqual(['truck-1', null])
    expect(candidates.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 2)
    expect(timeline.map(({ what }) => what)).toContain('attributed')
  })

  it('a cover that tilts and that a camera sees open is one alert, confirmed', async () => {
    await register('c-1', { kind: 'cover', ...PLACE })
    const lid = {
      id: 'lid',
      type: 'cover',
      asset: 'c-1',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    }
    await platform.ask('cameras/cam-1', { version: 0, source: null, zones: [lid] }, 'PUT')
    const now = Date.now()
    await said('cover', 'c-1', { at: now - 20 * SECOND, tiltDeg: 50 })
    for (const second of [-15, -10, -5]) await look('cam-1', now + second * SECOND, 'cover-open')
    await raised('cover-abnormal')
    await soon(async () => (await raised('cover-displaced')).certainty === 'confirmed')
    const [sensor, camera] = [await raised('cover-displaced'), await raised('cover-abnormal')]
    expect(sensor.fused).toEqual([{ id: camera.id, rule: 'cover-abnormal', asset: 'cam-1' }])
    expect(camera.attention).toMatchObject({ shown: false, by: 'fused', ref: sensor.id })
    expect((await platform.alerts('attention=shown&rule=cover-abnormal')).length).toBe(0)
  })
})
