import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import { openSmallDisk } from '../../drivers/small-disk.fixture.ts'
import { type Database, openDatabase } from '../../drivers/sqlite.ts'
import { MAX_BUFFERED, openHistory, type SqliteHistory } from '../../store/history/writer.ts'
import { HistoryKeeper } from './history-keeper.ts'
import type { HistoryState } from './history-process.fixture.ts'

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

const small = process.platform === 'linux' ? await openSmallDisk(64) : null
afterAll(() => small?.close())

describe.skipIf(small === null)('on a disk that is full (needs to mount one, as root or in a user namespace)', () => {
  it('gives a flush up half-way, loses nothing of it, and writes it when there is room', async () => {
    const [program = '', ...before] = [...(small?.inside ?? []), process.execPath]
    const keeping = fork(fileURLToPath(new URL('./history-process.fixture.ts', import.meta.url)), [join(small?.path ?? '', 'history.db')], { execPath: program, execArgv: before })
    const ask = async (what: 'keep' | 'flush' | 'state'): Promise<HistoryState> => {
      const answer = once(keeping, 'message')
      keeping.send(what)
      return ((await answer) as [HistoryState])[0]
    }
    const [one, two] = [200, 400]
    expect(await ask('keep')).toMatchObject({ flushed: 0, readable: one })
    // Room for the first of its chunks, each of which is written in a turn of its own, and not for the last.
    small?.fill(2)
    await ask('flush')
    await expect.poll(() => ask('state'), { timeout: 10_000 }).toMatchObject({ fault: { why: 'database or disk is full', waiting: false }, flushed: 0, readable: one })
    expect(await ask('keep')).toMatchObject({ flushed: 0, readable: two })
    small?.free()
    await expect.poll(async () => (await ask('state')).fault, { timeout: 10_000 }).toBeUndefined()
    await ask('flush')
    await expect
      .poll(() => ask('state'), { timeout: 10_000 })
      .toMatchObject({ flushed: two, readable: two, failed: ['the history cannot be written and is tried again: database or disk is full'] })
    const gone = once(keeping, 'exit')
    keeping.disconnect()
    expect(await gone).toEqual([0, null])
  })
})
