import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import { type Database, openDatabase } from '../../drivers/sqlite.ts'
import { MAX_BUFFERED, openHistory, type SqliteHistory } from '../../store/history/writer.ts'
import { HistoryKeeper } from './history-keeper.ts'

const BASE = 1_700_000_000_000
const TEXT = Buffer.from(`{"at":${BASE},"tiltDeg":1}`)
let folder: string
let history: SqliteHistory
let disk: Database
let keeper: HistoryKeeper
let failed: string[]
let offset: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-keeper-'))
  history = openHistory(join(folder, 'history.db'))
  disk = openDatabase(join(folder, 'history.db'), { synchronous: 'NORMAL' })
  failed = []
  offset = 0
  keeper = new HistoryKeeper(history, (why) => failed.push(why))
})
afterEach(() => {
  disk.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Some of `devices` devices report, one after another. */
function keep(count: number, devices: number): void {
  for (let i = 0; i < count; i++) {
    const device = `d${offset % devices}` as DeviceId
    keeper.keep(
      { type: 'observation', offset: ++offset, receivedAt: BASE, kind: 'cover', device, gateway: 'gw' as GatewayId, at: BASE, payload: { at: BASE } },
      TEXT,
      0,
      TEXT.length,
    )
  }
}
/** The first chunks find room, the last does not. */
const fill = (): unknown => disk.exec("CREATE TRIGGER refuse BEFORE INSERT ON chunk WHEN new.device = 'd39' BEGIN SELECT RAISE(ROLLBACK, 'no room'); END")
const free = (): unknown => disk.exec('DROP TRIGGER refuse')

it('writes a flush over several turns, and meanwhile takes more', async () => {
  keep(40, 40)
  keeper.flush()
  expect(history.flushed()).toBe(0)
  keep(1, 1)
  await expect.poll(() => history.flushed()).toBe(40)
  keeper.close()
  expect([disk.prepare('SELECT offset FROM flushed').pluck().get(), failed]).toEqual([41, []])
})

it('tries again what the disk refuses, tells it once, and lets nobody wait while there is room in memory', async () => {
  fill()
  keep(40, 40)
  keeper.flush()
  await expect.poll(() => keeper.fault).toEqual({ why: 'no room', waiting: false })
  await keeper.room()
  keep(40, 40)
  // Through a whole trial that was refused half-way it stays a fault.
  const until = performance.now() + 1500
  await expect.poll(() => [keeper.fault?.why, performance.now() > until], { timeout: 5000 }).toEqual(['no room', true])
  expect(failed).toEqual(['the history cannot be written and is tried again: no room'])
  free()
  await expect.poll(() => keeper.fault, { timeout: 5000 }).toBeUndefined()
  keeper.flush()
  await expect.poll(() => history.flushed()).toBe(80)
  keeper.close()
})

it('lets its engine wait when there is no room left, until the disk takes it', async () => {
  fill()
  keep(40, 40)
  keeper.flush()
  keep(MAX_BUFFERED, 40)
  await expect.poll(() => keeper.fault).toEqual({ why: 'no room', waiting: true })
  let went = false
  const room = keeper.room().then(() => {
    went = true
  })
  await new Promise(setImmediate)
  expect(went).toBe(false)
  free()
  await room
  expect(keeper.fault).toBeUndefined()
  keeper.flush()
  await expect.poll(() => history.flushed(), { timeout: 5000 }).toBe(40 + MAX_BUFFERED)
  keeper.close()
})

it('ends although the disk refuses; what it could not write the next start finds missing', () => {
  fill()
  keep(40, 40)
  keeper.close()
  expect(failed).toEqual(['the history could not be written to its end; the next start takes the rest from the journal: no room'])
  const again = openHistory(join(folder, 'history.db'))
  expect(again.flushed()).toBe(0)
  again.close()
})
