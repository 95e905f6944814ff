import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alert } from '../domain/alert.ts'
import { RejectNoticeSchema } from '../domain/gateway.ts'
import { formatInstant } from '../domain/time.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** A client that nobody here wrote speaks the contract's MQTT. */
const installed = ['mosquitto_pub', 'mosquitto_sub', 'mosquitto_rr'].every((command) => spawnSync(command, ['--help']).error === undefined)
const MS = 20_000

let platform: TestPlatform
let password: string

const login = (user: string, secret: string): string[] => ['-h', '127.0.0.1', '-p', new URL(platform.mqtt()).port, '-i', user, '-u', user, '-P', secret]

/** The command of the contract; with -d it tells every packet. */
async function publish(topic: string, message: string): Promise<{ code: number; packets: string }> {
  const args = [...login('gw1', password), '-q', '1', '-d', '-t', topic, '-m', message]
  const done = await promisify(execFile)('mosquitto_pub', args, { timeout: MS }).then(
    (out) => ({ code: 0, ...out }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  )
  return { code: done.code, packets: done.stdout + done.stderr }
}

/** The first message of a filter: one that comes, or one that the broker has retained. */
async function first(user: string, secret: string, filter: string): Promise<{ topic: string; json: unknown }> {
  const { stdout } = await promisify(execFile)('mosquitto_sub', [...login(user, secret), '-q', '1', '-t', filter, '-C', '1', '-W', '15', '-F', '%t %p'], { timeout: MS })
  const space = stdout.indexOf(' ')
  return { topic: stdout.slice(0, space), json: JSON.parse(stdout.slice(space)) }
}

describe.skipIf(!installed)('mosquitto (needs mosquitto_pub, mosquitto_sub and mosquitto_rr)', () => {
  beforeAll(async () => {
    platform = await startTestPlatform()
    password = await platform.gateway('gw1')
  })
  afterAll(() => platform.remove())

  it("publishes the contract's example: acknowledged, kept as sent, and the alert comes over MQTT", { timeout: MS }, async () => {
    const coming = first('desk', platform.token, 'city/v1/alert/#')
    const at = formatInstant(Date.now())
    const { code, packets } = await publish('city/v1/from/gw1/observation/cover/c-0001', `{"at":"${at}","tiltDeg":32.5,"batteryPct":88}`)
    expect([code, packets]).toEqual([0, expect.stringContaining('received PUBACK')])
    expect(await platform.ask('observations?device=c-0001')).toMatchObject({
      items: [{ at, tiltDeg: 32.5, batteryPct: 88, device: 'c-0001', kind: 'cover', gateway: 'gw1', receivedAt: expect.any(String), offset: expect.any(Number) }],
      next: null,
    })
    const { topic, json } = await coming
    const { id } = json as Alert
    expect(topic).toBe(`city/v1/alert/000000/${id}`)
    expect(json).toMatchObject({ rule: 'cover-displaced', asset: 'c-0001', severity: 'critical', condition: 'firing', openedAt: at, values: { tiltDeg: 32.5 } })
    expect(await platform.alert(id)).toMatchObject({ id, openedAt: at })
    // Retained: whoever comes later sees it too.
    expect(await first('later', platform.token, 'city/v1/alert/#')).toMatchObject({ topic, json: { id } })
  })

  it.each([
    ["another gateway's", 'city/v1/from/gw2/observation/cover/c-0002'],
    ["the platform's", 'city/v1/alert/000000/a1'],
    ['a made-up', 'city/v1/from/gw1x/status'],
  ])('is disconnected for %s topic, without an acknowledgement', { timeout: MS }, async (_, topic) => {
    const { code, packets } = await publish(topic, '{"at":1}')
    expect(code).not.toBe(0)
    expect(packets).toContain('sending PUBLISH')
    expect(packets).not.toContain('received PUBACK')
    expect(await platform.ask('observations?device=c-0002')).toMatchObject({ items: [] })
  })

  it('hears on its own topic why a message was refused', { timeout: MS }, async () => {
    // A gateway has one connection: mosquitto_rr listens before it speaks.
    const topic = 'city/v1/from/gw1/observation/cover/c-0003'
    const args = [...login('gw1', password), '-V', 'mqttv311', '-q', '1', '-W', '10', '-t', topic, '-m', '{"at":"2026-11-21T09:45:00","tiltDeg":1}', '-e', 'city/v1/to/gw1/reject']
    const { stdout } = await promisify(execFile)('mosquitto_rr', args, { timeout: MS })
    expect(RejectNoticeSchema.parse(JSON.parse(stdout))).toMatchObject({ topic, code: 'time.no_zone' })
    expect(await platform.ask('rejects?gateway=gw1')).toMatchObject({ items: [{ topic, code: 'time.no_zone' }] })
  })
})
