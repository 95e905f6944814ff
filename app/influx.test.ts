import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startVictoria, VICTORIA, type VictoriaServer } from '../store/victoria.fixture.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

describe.skipIf(VICTORIA === undefined)('a platform with InfluxDB (needs victoria-metrics)', () => {
  let server: VictoriaServer
  let platform: TestPlatform
  beforeAll(async () => {
    server = await startVictoria()
    platform = await testPlatform({ influx: { url: server.url, org: 'city', bucket: 'wanglou', tokenEnv: 'INFLUX_TOKEN' } }, { env: { INFLUX_TOKEN: 'none' } })
  })
  afterAll(async () => {
    await platform.remove()
    await server.stop()
  })

  it('writes what devices report and the alerts that come of it', { timeout: 60_000 }, async () => {
    const password = await platform.gateway('gw-1')
    await platform.start()
    const gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password, protocolVersion: 4, reconnectPeriod: 0 })
    const times = [60_000, 30_000].map((ago) => Date.now() - ago)
    for (const at of times) await gateway.publishAsync('city/v1/from/gw-1/observation/cover/c-1', JSON.stringify({ at, tiltDeg: 50 }), { qos: 1 })
    await gateway.endAsync()
    await soon(async () => (await platform.alerts('asset=c-1')).length === 1)
    const [alert] = await platform.alerts('asset=c-1')
    await vi.waitFor(async () => expect(await server.series('{__name__=~"cover_tiltDeg|alert_raiseMs"}')).toHaveLength(2), { timeout: 20_000, interval: 250 })
    expect(await server.series('cover_tiltDeg')).toEqual([{ metric: expect.objectContaining({ device: 'c-1', gateway: 'gw-1' }), values: [50, 50], timestamps: times }])
    // A change of the alert is written at the same time again, where InfluxDB replaces and this server keeps both.
    const [raised, ...others] = await server.series('alert_raiseMs')
    expect([raised?.metric, others]).toEqual([expect.objectContaining({ asset: 'c-1', rule: alert?.rule }), []])
    expect([new Set(raised?.values), new Set(raised?.timestamps).size]).toEqual([new Set([Date.parse(alert?.raisedAt ?? '') - Date.parse(alert?.openedAt ?? '')]), 1])
    await soon(async () => (await platform.metric('wanglou_influx_queued_lines')) === 0)
    expect(await platform.metric('wanglou_influx_lost_lines')).toBe(0)
  })
})
