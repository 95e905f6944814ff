import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openReceiver, type Receiver, SECRET } from '../cases/receiver.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

/** Reminded first, through the whole platform: broker, engine, book, a desk on loopback, and back into the journal. */
const WAIT_S = 2
const RULE = `rule: in-the-way
title: { zh: 占道, en: In the way }
on: cover
when: displaced
remind: { to: owners, wait: ${WAIT_S}s }
severity: minor
`
let folder: string
let receiver: Receiver
let platform: TestPlatform
let gateway: MqttClient

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-reminder-'))
  writeFileSync(join(folder, 'secret'), SECRET)
  receiver = await openReceiver()
  platform = await testPlatform({ desks: [{ name: 'owners', url: receiver.url.href, secretFile: join(folder, 'secret'), allow: ['127.0.0.1'] }] })
  await platform.start()
  await platform.ask('rules/in-the-way', { version: 0, source: RULE, note: '', state: 'live' }, 'PUT')
  gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password: await platform.gateway('gw-1'), reconnectPeriod: 0 })
})
afterAll(async () => {
  await gateway.endAsync()
  await platform.remove()
  await receiver.close()
  rmSync(folder, { recursive: true })
})

const say = (device: string, displaced: boolean): Promise<unknown> =>
  gateway.publishAsync(`city/v1/from/gw-1/observation/cover/${device}`, JSON.stringify({ at: Date.now(), displaced }), { qos: 1 })
const alertsOf = (asset: string) => platform.alerts(`rule=in-the-way&asset=${asset}`)

/** What the desk was told of an asset: when it was sent, and the id of the alert that comes if it stays. */
async function remindedOf(asset: string): Promise<{ id: string; at: number }> {
  const of = () => receiver.requests.find(({ body }) => body.includes('reminder.sent') && body.includes(`"${asset}"`))
  await receiver.until(() => of() !== undefined)
  const event = JSON.parse(of()?.body ?? '') as { type: string; data: { id: string } }
  expect([event.type, of()?.valid]).toEqual(['city.wanglou.reminder.sent.v1', true])
  return { id: event.data.id, at: Date.now() }
}

it('what stays becomes the alert that was announced, not before the wait after the reminder was sent', async () => {
  await say('stays', true)
  const reminded = await remindedOf('stays')
  await soon(async () => (await alertsOf('stays')).length > 0)
  const [alert] = await alertsOf('stays')
  expect(alert).toMatchObject({ id: reminded.id, condition: 'firing' })
  const sentAt = Date.parse(String(alert?.values.reminder))
  expect(Date.parse(String(alert?.raisedAt)) - sentAt).toBeGreaterThanOrEqual(WAIT_S * 1000)
})

it('what leaves in time is counted and raises nothing', async () => {
  await say('leaves', true)
  await remindedOf('leaves')
  await say('leaves', false)
  const counted = async () => {
    const { items } = await platform.ask<{ items: { id: string; stats: { reminders: object | null } }[] }>('rules?limit=1000')
    return items.find(({ id }) => id === 'in-the-way')?.stats.reminders
  }
  await soon(async () => JSON.stringify(await counted()) === JSON.stringify({ sent: 2, left: 1, stayed: 1 }))
  expect(await alertsOf('leaves')).toEqual([])
})
