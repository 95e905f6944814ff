import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HealthReport } from '../api/deps.ts'
import { CAR, CROWD, HEAVY_WHEN } from '../rules/heavy.fixture.ts'
import { commandReplay } from './commands/replay.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

let platform: TestPlatform
let gateway: MqttClient
const ago = (ms: number): number => Date.now() - ms

beforeAll(async () => {
  platform = await testPlatform({ limits: { judgeSeconds: 0.4 } })
  const password = await platform.gateway('gw-1')
  await platform.start()
  gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password, protocolVersion: 4, reconnectPeriod: 0 })
  await soon(async () => (await platform.response('rules/cover-displaced')).ok)
})
afterAll(async () => {
  await gateway.endAsync(true)
  await platform.remove()
})

const HEAVY = `rule: heavy
title: { zh: 规则, en: Heavy }
on: scene
each: object
objects: { labels: [${CAR}], zone: road }
when: ${HEAVY_WHEN}
for: 1h
severity: minor
`

function crowd(at: number): string {
  return JSON.stringify({ at, objects: CROWD })
}

const publish = (kind: string, device: string, text: string): Promise<unknown> => gateway.publishAsync(`city/v1/from/gw-1/observation/${kind}/${device}`, text, { qos: 1 })
async function tilt(device: string): Promise<void> {
  for (const at of [ago(60_000), ago(30_000)]) await publish('cover', device, JSON.stringify({ at, tiltDeg: 40 }))
}
const alertsOf = async (asset: string) => (await platform.ask<{ items: { condition: string }[] }>(`alerts?asset=${asset}&rule=cover-displaced`)).items
const health = () => platform.ask<HealthReport>('health')
const version = async () => (await platform.ask<{ items: { version: number; state: string }[] }>('rules/heavy/versions')).items[0]

describe('S18 a rule that takes too long, through the whole platform', () => {
  it('is quarantined and shown, alerts of other rules go on, and a replay compares equal', { timeout: 120_000 }, async () => {
    await platform.ask('rules/heavy', { version: 0, source: HEAVY, state: 'live', note: 'a heavy one' }, 'PUT')
    await tilt('cover-before')
    await soon(async () => (await alertsOf('cover-before')).length === 1)
    // All in one commit, as an outbox that is emptied sends them.
    await Promise.all(Array.from({ length: 60 }, (_, i) => publish('scene', 'cam-1', crowd(ago(50_000) + i * 100))))
    await tilt('cover-after')
    await soon(async () => (await version())?.state === 'quarantined', 90_000)
    await soon(async () => (await alertsOf('cover-after')).length === 1, 30_000)
    await soon(async () => (await health()).parts.rules?.state === 'failing')
    expect((await health()).parts).toMatchObject({ engine: { state: 'ok' }, rules: { why: 'heavy version 1 is quarantined: judging took longer than 0.4 s' } })
    expect(await alertsOf('cover-before')).toHaveLength(1)

    await platform.stop()
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const code = await commandReplay({ data: platform.data, json: true })
    const text = out.mock.calls.map(([chunk]) => String(chunk)).join('')
    out.mockRestore()
    expect([code, JSON.parse(text)]).toEqual([0, expect.objectContaining({ differences: [] })])

    await platform.start()
    await soon(async () => (await health()).parts.rules?.state === 'failing')
    expect((await version())?.state).toBe('quarantined')
  })

  it('is shown no more once its author has put it aside', { timeout: 60_000 }, async () => {
    await platform.ask('rules/heavy/versions/1/draft', { note: 'to be thought over' })
    await soon(async () => (await health()).parts.rules?.state === 'ok')
    expect(await version()).toMatchObject({ version: 1, state: 'draft' })
  })
})
