import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY } from '../domain/time.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'
import { Dedupe, HORIZON_MS } from './dedupe.ts'
import { type Fingerprint, Fingerprints, type KeyedMessage } from './key.ts'
import { KeyRuns } from './key-runs.ts'
import { ENTRY_WORDS, KeyTable } from './key-table.ts'

function message(fields: Partial<KeyedMessage> & { payload?: KeyedMessage['payload'] }): KeyedMessage {
  return { device: 'd', kind: 'cover', at: 1, json: Buffer.from('{}'), payload: {}, ...fields }
}

function keyNumber(n: number, content = 0): Fingerprint {
  const words = new Uint32Array(hash('sha256', String(n), 'buffer').buffer.slice(0, 8))
  return { keyHigh: words[0] ?? 0, keyLow: words[1] || 1, contentHigh: content, contentLow: 7 }
}

describe('S10: what makes two messages the same', () => {
  const fingerprints = new Fingerprints(new Uint8Array(8))
  const [a, b] = [Buffer.from('a'), Buffer.from('b')]
  const same = (one: KeyedMessage, other: KeyedMessage): string => {
    const [x, y] = [fingerprints.of(one), fingerprints.of(other)]
    if (x.keyHigh !== y.keyHigh || x.keyLow !== y.keyLow) return 'different keys'
    return x.contentHigh === y.contentHigh && x.contentLow === y.contentLow ? 'same' : 'conflict'
  }
  const seq = { seq: 1, boot: 'b' }
  it.each<[string, Partial<KeyedMessage>, Partial<KeyedMessage>, string]>([
    ['seq and boot, other bytes', { payload: seq, json: a }, { payload: seq, json: b }, 'conflict'],
    ['seq and boot, other time, same bytes', { payload: seq, at: 1 }, { payload: seq, at: 2 }, 'same'],
    ['other seq', { payload: seq }, { payload: { seq: 2, boot: 'b' } }, 'different keys'],
    ['other boot', { payload: seq }, { payload: { seq: 1, boot: 'c' } }, 'different keys'],
    ['boot 1 and boot "1"', { payload: { seq: 1, boot: 1 } }, { payload: { seq: 1, boot: '1' } }, 'different keys'],
    ['other device', { payload: seq }, { payload: seq, device: 'e' }, 'different keys'],
    ['seq goes before id', { payload: { ...seq, id: 'x' } }, { payload: { ...seq, id: 'y' } }, 'same'],
    ['seq without boot is no key', { payload: { seq: 1 }, json: a }, { payload: { seq: 1 }, json: b }, 'different keys'],
    ['id, other bytes', { payload: { id: 'x' }, json: a }, { payload: { id: 'x' }, json: b }, 'conflict'],
    ['id, other time', { payload: { id: 'x' }, at: 1 }, { payload: { id: 'x' }, at: 2 }, 'same'],
    ['no key, same bytes', { json: a }, { json: a }, 'same'],
    ['no key, other bytes', { json: a }, { json: b }, 'different keys'],
    ['no key, other time', { at: 1 }, { at: 2 }, 'different keys'],
    ['no key, other kind', { kind: 'cover' }, { kind: 'sensor' }, 'different keys'],
    ['an id that looks like a seq key', { payload: { seq: 1, boot: 'b' } }, { payload: { id: '1\0string\0b' } }, 'different keys'],
  ])('%s', (_, one, other, expected) => {
    expect(same(message(one), message(other))).toBe(expected)
  })
})

describe('the table of keys', () => {
  it('is as before after undo, whatever was added', () => {
    const numbers = fc.uniqueArray(fc.nat(5000), { maxLength: 300 })
    fc.assert(
      fc.property(numbers, numbers, (kept, undone) => {
        const table = new KeyTable(1024)
        for (const n of kept) table.add(keyNumber(n))
        table.settle()
        const fresh = undone.filter((n) => !kept.includes(n))
        for (const n of fresh) table.add(keyNumber(n))
        expect(fresh.every((n) => table.find(keyNumber(n)) === 'same')).toBe(true)
        table.undo()
        expect(kept.map((n) => table.find(keyNumber(n)))).toEqual(kept.map(() => 'same'))
        expect(fresh.map((n) => table.find(keyNumber(n)))).toEqual(fresh.map(() => 'absent'))
        expect(table.count).toBe(kept.length)
        expect(table.entries().length).toBe(kept.length * ENTRY_WORDS)
      }),
    )
  })
})

describe('the memory of keys', () => {
  let folder: string
  let db: Database
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dedupe-'))
    db = openDatabase(join(folder, 'keys.db'), { synchronous: 'NORMAL' })
  })
  afterEach(() => {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const spill = (dedupe: Dedupe, runs: KeyRuns): void => {
    const { entries, oldest, newest } = dedupe.recent()
    runs.add(entries, oldest, newest)
    dedupe.spilled()
  }
  const count = (table: string): number => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number

  it('knows every key of twenty runs through merging, a restart in the middle of it, and after it', () => {
    const runs = new KeyRuns(db)
    const dedupe = new Dedupe(runs)
    const perRun = 500
    for (let run = 0; run < 20; run++) {
      for (let n = 0; n < perRun; n++) expect(dedupe.decide(keyNumber(run * perRun + n), false)).toBe('new')
      dedupe.settle(run * 1000)
      spill(dedupe, runs)
    }
    const all = (known: KeyRuns): void => {
      for (let n = 0; n < 20 * perRun; n++) {
        if (known.find(keyNumber(n)) !== 'same') expect.fail(`key ${n} is forgotten`)
        if (n % 10 === 0 && known.find(keyNumber(n, 1)) !== 'other') expect.fail(`other content of key ${n} is not told`)
      }
      expect(known.find(keyNumber(-1))).toBe('absent')
    }
    all(runs)
    for (let step = 0; step < 5; step++) runs.tidy()
    all(runs)
    const restarted = new KeyRuns(db)
    all(restarted)
    for (let step = 0; restarted.tidy(); step++) if (step % 16 === 0) all(restarted)
    expect(restarted.count).toBe(2 + 4)
    expect(count('run')).toBe(2 + 4)
    all(new KeyRuns(db))
  })

  it('forgets what is beyond the horizon, whole runs at a time, and leaves nothing of it on disk', () => {
    const runs = new KeyRuns(db)
    const dedupe = new Dedupe(runs)
    const at = (n: number, receivedAt: number): void => {
      dedupe.decide(keyNumber(n), false)
      dedupe.settle(receivedAt)
      spill(dedupe, runs)
    }
    at(1, 0)
    at(2, HORIZON_MS - DAY)
    at(3, HORIZON_MS + DAY)
    for (let more = true; more; more = runs.tidy());
    expect([1, 2, 3].map((n) => runs.find(keyNumber(n)))).toEqual(['absent', 'same', 'same'])
    expect(count('run')).toBe(2)
    expect(count('part')).toBe(2)
  })

  it('does not merge runs that lie more than a day apart', () => {
    const runs = new KeyRuns(db)
    for (let run = 0; run < 9; run++) runs.add(Uint32Array.of(run, 1, 1, 1), run * DAY, run * DAY)
    expect(runs.tidy()).toBe(false)
    expect(runs.count).toBe(9)
  })

  it('takes back what a failed commit decided', () => {
    const dedupe = new Dedupe(new KeyRuns(db))
    expect(dedupe.decide(keyNumber(1), false)).toBe('new')
    expect(dedupe.decide(keyNumber(1), false)).toBe('duplicate')
    expect(dedupe.decide(keyNumber(1, 9), false)).toBe('conflict')
    dedupe.undo()
    expect(dedupe.decide(keyNumber(1, 9), false)).toBe('new')
  })
})
