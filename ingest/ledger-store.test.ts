import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { topics } from '../domain/topics.ts'
import { openDatabase } from '../drivers/sqlite.ts'
import { ledgerPath } from './ledger-store.ts'
import { TestRoom } from './room.fixture.ts'

describe('S10: what the next life still knows', () => {
  let room: TestRoom
  beforeEach(async () => {
    room = await new TestRoom().start()
  })
  afterEach(() => room.dispose())

  const forget = (sql: string) => () => {
    const db = openDatabase(ledgerPath(room.dataDir), { synchronous: 'NORMAL' })
    db.exec(sql)
    db.close()
  }
  it.each([
    ['as it was left', () => {}],
    ['without the secret of its keys', forget('DELETE FROM secret')],
    ['of another format', forget('PRAGMA user_version = 1')],
    ['behind the journal', forget('DELETE FROM recent; UPDATE through SET offset = 0')],
    ['gone', () => rmSync(ledgerPath(room.dataDir))],
  ])('a ledger %s knows what was kept, and what was other', async (_, change) => {
    const topic = topics.observation('gw1', 'cover', 'c-1')
    const payload = JSON.stringify({ at: Date.now(), id: 'one', text: '井盖' })
    await (await room.gateway('gw1')).publish(topic, payload)
    await room.stop()
    change()
    await room.start()
    const gateway = await room.gateway('gw1')
    await gateway.publish(topic, payload)
    await gateway.publish(topic, payload.replace('井盖', '井'))
    expect(await room.ingest.counters()).toMatchObject({ received: 2, kept: 0, duplicate: 1, rejected: { 'dedupe.conflict': 1 } })
  })
})
