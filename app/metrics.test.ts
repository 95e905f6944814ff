import { afterAll, beforeAll, expect, it } from 'vitest'
import { topics } from '../domain/topics.ts'
import { RawClient } from '../ingest/raw-client.fixture.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

let platform: TestPlatform
let password: Buffer

beforeAll(async () => {
  platform = await startTestPlatform()
  password = Buffer.from(await platform.gateway('gw1'))
})
afterAll(() => platform.remove())

const connected = async (): Promise<RawClient> => {
  const client = new RawClient(Number(new URL(platform.mqtt()).port))
  await client.connect({ clientId: 'gw1', username: 'gw1', password })
  return client
}

it('what became of messages adds up to what was received; what never was a message is counted beside it', async () => {
  const stranger = new RawClient(Number(new URL(platform.mqtt()).port))
  expect(await stranger.connect({ clientId: 'gw1', username: 'gw1', password: Buffer.from('guess') })).toBe(4)
  const client = await connected()
  const report = JSON.stringify({ at: Date.now(), tiltDeg: 1 })
  for (const text of [report, report, '{"tiltDeg":1}']) await client.publish(topics.observation('gw1', 'cover', 'c-1'), text)
  await client.publish(topics.observation('gw1', 'cover', 'c-2'), report, { qos: 0 })
  await client.ping()
  await platform.settled()
  expect(
    await Promise.all([
      platform.metric('wanglou_ingest_received_total'),
      platform.metric('wanglou_ingest_messages_total'),
      platform.metric('wanglou_ingest_messages_total', 'outcome="kept"'),
      platform.metric('wanglou_ingest_messages_total', 'outcome="duplicate"'),
      platform.metric('wanglou_ingest_messages_total', 'reason="time.missing"'),
      platform.metric('wanglou_ingest_unacknowledged_total'),
      platform.metric('wanglou_ingest_refused_total', 'reason="credentials"'),
      platform.metric('wanglou_ingest_throttled_total'),
      platform.metric('wanglou_ingest_connections'),
      platform.metric('wanglou_ingest_devices'),
    ]),
  ).toEqual([4, 4, 2, 1, 1, 1, 1, 0, 1, 2])
  await client.end()
  await expect.poll(() => platform.metric('wanglou_ingest_connections')).toBe(0)
})
