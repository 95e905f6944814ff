import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../domain/alert.ts'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { type Influx, openInflux } from './influx.ts'
import { type Series, startVictoria, VICTORIA, type VictoriaServer } from './victoria.fixture.ts'

const AT = Date.parse('2026-11-21T01:45:00Z')
let offset = 0
function observation(kind: Observation['kind'], device: string, at: number, payload: object): Observation {
  return { type: 'observation', offset: ++offset, receivedAt: at + 250, kind, device: device as DeviceId, gateway: 'gw1' as GatewayId, at, payload: { at, ...payload } }
}

describe.skipIf(VICTORIA === undefined)('line protocol into a real server (needs victoria-metrics)', () => {
  let server: VictoriaServer
  let influx: Influx
  const told: string[] = []
  beforeAll(async () => {
    server = await startVictoria()
    const log = { info: () => undefined, warn: (data: object) => void told.push(JSON.stringify(data)) }
    influx = openInflux({ url: server.url, org: 'city', bucket: 'wanglou', token: 'none', log })
  })
  afterAll(async () => {
    await influx.close()
    await server.stop()
  })

  async function written(match: string): Promise<Series[]> {
    await influx.flush()
    return server.series(match)
  }

  it('every value stands under its name, device and event time', async () => {
    const payloads = [3.25, 41, 17.5].map((tiltDeg, n) => ({ tiltDeg, displaced: tiltDeg > 15, batteryPct: 90 - n }))
    influx.add(payloads.map((payload, n) => observation('cover', 'c-0001', AT + n * 1000, payload)))
    const timestamps = payloads.map((_, n) => AT + n * 1000)
    const one = (name: string, values: number[]): Series => ({ metric: { __name__: name, device: 'c-0001', gateway: 'gw1' }, values, timestamps })
    const found = await written('{__name__=~"cover_.*"}')
    expect(found.toSorted((a, b) => ((a.metric.__name__ ?? '') < (b.metric.__name__ ?? '') ? -1 : 1))).toEqual([
      one('cover_batteryPct', [90, 89, 88]),
      one('cover_delayMs', [250, 250, 250]),
      one('cover_displaced', [0, 1, 1]),
      one('cover_tiltDeg', [3.25, 41, 17.5]),
    ])
  })

  it('alerts stand apart though they open in the same millisecond', async () => {
    const base: Alert = {
      ...{ id: 'a1', rule: 'vehicle-no-parking', ruleVersion: 1, key: 'cam-1/z/1', asset: 'cam-1', devices: ['cam-1'], severity: 'minor', title: { zh: '违停', en: 'No parking' } },
      ...{ condition: 'firing', review: 'open', verdict: null, openedAt: new Date(AT).toISOString(), raisedAt: new Date(AT + 60_000).toISOString(), resolvedAt: null },
      ...{ late: false, amended: null, lon: 121.4, lat: 37.5, area: null, grid: null, values: {}, observations: [1], evidence: [], case: null },
      ...{ attention: { shown: true, by: null, ref: null, until: null }, group: null, vehicle: null, attributedAt: null, certainty: 'single', fused: [], doubt: null },
    }
    influx.addAlerts([base, { ...base, id: 'a2', key: 'cam-1/z/2', raisedAt: new Date(AT + 61_000).toISOString() }])
    const found = await written('alert_raiseMs')
    expect(found.flatMap(({ values }) => values).toSorted()).toEqual([60_000, 61_000])
  })

  it('no name or text that a device may send breaks a line', async () => {
    const texts = fc.string({
      minLength: 1,
      maxLength: 64,
      unit: fc.oneof(fc.constantFrom('\\', '"', ',', ' ', '=', '\n', '\r', '\t', '#', '井'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
    })
    const samples = fc.sample(texts, { numRuns: 500, seed: 7 })
    const before = influx.counters().written
    influx.add(samples.map((name, n) => observation('sensor', `s-${n}`, AT, { values: { [name]: n } })))
    influx.add(samples.map((model, n) => observation('scene', `cam-${n}`, AT, { model, objects: [] })))
    const found = await written('sensor_value')
    expect(found.map(({ metric, values }) => `${metric.device}=${values}`).toSorted()).toEqual(samples.map((_, n) => `s-${n}=${n}`).toSorted())
    expect((await written('scene_objects')).length).toBe(samples.length)
    expect(influx.counters()).toMatchObject({ written: before + 2 * samples.length, lost: 0, queued: 0 })
    expect(told).toEqual([])
  })
})
