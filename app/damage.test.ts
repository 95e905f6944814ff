import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJournalWriter } from '../store/journal/writer.ts'
import { dataPaths } from './paths.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

let platform: TestPlatform
let password: string
const hourAgo = Date.now() - 3_600_000

beforeEach(async () => {
  platform = await testPlatform()
  password = await platform.gateway('gw-1')
})
afterEach(async () => {
  await platform.remove()
})

/** Publishes reports of one cover, each of which is acknowledged before the next. */
async function report(device: string, reports: readonly object[]): Promise<void> {
  const client: MqttClient = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password, protocolVersion: 4, reconnectPeriod: 0 })
  for (const each of reports) await client.publishAsync(`city/v1/from/gw-1/observation/cover/${device}`, JSON.stringify(each), { qos: 1 })
  await client.endAsync()
}

const OPENED = [
  { at: hourAgo, tiltDeg: 50, boot: 'b', seq: 1 },
  { at: hourAgo + 60_000, tiltDeg: 50, boot: 'b', seq: 2 },
]
interface Shown {
  id: string
  review: string
}
/** Evidence is gathered behind the alert and stands apart from what the journal says. */
const alerts = async (): Promise<Shown[]> => (await platform.ask<{ items: (Shown & { evidence: unknown })[] }>('alerts')).items.map(({ evidence: _evidence, ...alert }) => alert)
const observations = async (device: string): Promise<unknown[]> => (await platform.ask<{ items: unknown[] }>(`observations?device=${device}`)).items

describe('what the journal can rebuild', () => {
  it.each([
    ['book.db', 'lost'],
    ['book.db', 'broken'],
    ['snapshots.db', 'lost'],
    ['snapshots.db', 'broken'],
    ['history.db', 'lost'],
    ['history.db', 'broken'],
    ['ledger.db', 'lost'],
    ['ledger.db', 'broken'],
  ])('%s may be %s: alerts, cases and the memory of messages are as before', async (name, how) => {
    await platform.start()
    await report('cover-1', OPENED)
    await soon(async () => (await alerts()).length === 1)
    const [alert] = await alerts()
    const its = await platform.ask<{ id: string }>(`alerts/${alert?.id}/dispatch`, { note: '' })
    await platform.ask(`alerts/${alert?.id}/acknowledge`, {})
    const before = await alerts()
    await platform.stop()

    const path = join(platform.data, name)
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    if (how === 'broken') writeFileSync(path, 'a disk block that was something else '.repeat(500))
    await platform.start()
    expect(existsSync(`${path}.broken`)).toBe(how === 'broken')
    await soon(async () => (await alerts())[0]?.review === 'acknowledged')
    expect(await alerts()).toEqual(before)
    expect((await platform.ask<{ items: { id: string }[] }>('cases')).items.map(({ id }) => id)).toEqual([its.id])
    expect(await platform.ask<{ id: string }>(`alerts/${alert?.id}/dispatch`, { note: '' })).toMatchObject({ id: its.id })

    await report('cover-1', OPENED)
    await report('cover-2', OPENED)
    await soon(async () => (await alerts()).length === 2)
    if (name !== 'history.db') expect(await observations('cover-1')).toHaveLength(2)
    expect((await alerts()).map(({ id }) => id)).toContain(alert?.id)
  })
})

describe('a first start that did not come to its end', () => {
  it('imports the rules although something stands in the journal already', async () => {
    const journal = openJournalWriter(dataPaths(platform.data).journal)
    journal.append([{ kind: 'cover', device: 'cover-1', gateway: 'gw-1', at: hourAgo, json: JSON.stringify({ at: hourAgo, tiltDeg: 1 }) }], [], hourAgo)
    journal.close()
    await platform.start()
    await soon(async () => (await platform.ask<{ items: unknown[] }>('rules')).items.length > 5)
    await report(
      'cover-1',
      OPENED.map((each) => ({ ...each, at: each.at + 60_000 })),
    )
    await soon(async () => (await alerts()).length === 1)
  })
})
