import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY } from '../domain/time.ts'
import { topics } from '../domain/topics.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'
import { type Accepted, accept } from './accept.ts'
import { Dedupe, horizonOf } from './dedupe.ts'
import { Judge } from './judge.ts'
import { Fingerprints } from './key.ts'
import { KeyRuns } from './key-runs.ts'
import { Ledger } from './ledger.ts'

const START = 1_700_000_000_000

function observation(fields: Record<string, unknown>): Accepted {
  const accepted = accept(topics.observation('gw1', 'cover', 'c-1'), Buffer.from(JSON.stringify(fields)))
  if (accepted.result !== 'observation') throw new Error('not an observation')
  return accepted
}

describe('S10: how long a repeated message changes nothing', () => {
  let folder: string
  let db: Database
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'judge-'))
    db = openDatabase(join(folder, 'keys.db'), { synchronous: 'NORMAL' })
  })
  afterEach(() => {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([3, 7, 30])('with messages of up to %d days taken, it is kept once for as long as it is taken at all', (tooOldDays) => {
    const runs = new KeyRuns(db)
    const horizonMs = horizonOf({ tooOldDays })
    const dedupe = new Dedupe(runs, horizonMs)
    const judge = new Judge({ ledger: new Ledger(10, horizonMs), dedupe, fingerprints: new Fingerprints(new Uint8Array(8)) }, { tooOldDays })
    const receive = (message: Accepted, receivedAt: number): string => {
      const { result } = judge.judge(message, receivedAt)
      judge.settle(receivedAt)
      const { entries, oldest, newest } = dedupe.recent()
      runs.add(entries, oldest, newest)
      dedupe.spilled()
      while (runs.tidy()) expect(runs.count).toBeGreaterThan(0)
      return result
    }
    // As each key sort: by seq, by id, by content.
    const repeated = [{ seq: 1, boot: 'b' }, { id: 'x' }, { tiltDeg: 1 }].map((fields) => observation({ at: START, ...fields }))
    expect(repeated.map((message) => receive(message, START))).toEqual(['kept', 'kept', 'kept'])
    for (let day = 1; day <= tooOldDays + 2; day++) {
      // Other traffic goes on: newer boots and times, so that only the memory of keys can know the old ones.
      receive(observation({ at: START + day * DAY, seq: 1, boot: `boot-${day}` }), START + day * DAY)
      const expected = day <= tooOldDays ? 'duplicate' : 'refused'
      expect(repeated.map((message) => receive(message, START + day * DAY))).toEqual([expected, expected, expected])
    }
  })
})
