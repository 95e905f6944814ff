import { DAY, type Instant } from '../domain/time.ts'
import type { Database } from '../drivers/sqlite.ts'
import { Bloom } from './bloom.ts'
import type { Fingerprint } from './key.ts'
import { ENTRY_WORDS, TABLE_ENTRIES } from './key-table.ts'

/**
 * Fingerprints on disk. A run is what the table in memory held when it was full, cut by the leading bits of the key
 * into parts of about 256 entries, so that a look-up reads one part of about 4 KB. Eight runs of a level that lie
 * within a day become one of the next, a few parts at a time; a run is dropped as a whole when its newest entry is
 * beyond the horizon. Look-ups ask the newest run first and skip those whose Bloom filter says no.
 */
export const RUNS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('making', 'live', 'dead')), bloom BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS part (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;`

interface Run {
  id: number
  level: number
  oldest: Instant
  newest: Instant
  bloom: Bloom | null
}

interface Merge {
  inputs: Run[]
  output: Run & { bloom: Bloom }
  next: number
}

/** Of a run that the table in memory left. */
const PARTS = 32
const FAN_IN = 8
const MAX_LEVEL = 4
/** Part ids are run × 2^20 + part. */
const PART_BITS = 20
/** Filters beyond this stay on disk; their runs are asked without. */
const BLOOM_BYTES = 64 * 1024 * 1024
const STEP = 8

export class KeyRuns {
  readonly #db: Database
  #runs: Run[] = []
  #dead: { id: number; next: number; parts: number }[] = []
  #merge: Merge | null = null
  readonly #sql

  constructor(db: Database) {
    this.#db = db
    db.exec(RUNS_SCHEMA)
    this.#sql = {
      part: db.prepare('SELECT body FROM part WHERE id = ?').pluck(),
      insertPart: db.prepare('INSERT INTO part VALUES (?, ?)'),
      deletePart: db.prepare('DELETE FROM part WHERE id = ?'),
      insertRun: db.prepare('INSERT INTO run (level, oldest, newest, state, bloom) VALUES (?, ?, ?, ?, ?)'),
      state: db.prepare('UPDATE run SET state = ?, bloom = ? WHERE id = ?'),
      deleteRun: db.prepare('DELETE FROM run WHERE id = ?'),
    }
    this.reload()
  }

  get count(): number {
    return this.#runs.length
  }

  find(key: Fingerprint): 'absent' | 'same' | 'other' {
    for (const run of this.#runs) {
      if (run.bloom?.mayHave(key.keyHigh, key.keyLow) === false) continue
      const found = this.#findIn(run, key)
      if (found !== 'absent') return found
    }
    return 'absent'
  }

  /** Writes the entries as a new run; inside the caller's transaction. */
  add(entries: Uint32Array, oldest: Instant, newest: Instant): void {
    const bloom = Bloom.for(entries.length / ENTRY_WORDS)
    for (let i = 0; i < entries.length; i += ENTRY_WORDS) bloom.add(entries[i] ?? 0, entries[i + 1] ?? 0)
    const id = Number(this.#sql.insertRun.run(0, oldest, newest, 'live', bloom.bytes).lastInsertRowid)
    for (const [part, body] of cut(entries, 0).entries()) if (body.length > 0) this.#sql.insertPart.run(partId(id, part), bytesOf(body))
    this.#runs.unshift({ id, level: 0, oldest, newest, bloom })
    this.#budget()
  }

  /** Forgets runs that have nothing from `before` on. */
  drop(before: Instant): void {
    if (this.#merge?.inputs.some((run) => run.newest < before)) return
    for (const run of this.#runs.filter(({ newest }) => newest < before)) this.#bury(run)
  }

  /** A little of the work that keeps look-ups short; false when there was none. Its time does not depend on how much is stored. */
  tidy(): boolean {
    try {
      return this.#db.transaction(() => this.#step())()
    } catch (thrown) {
      this.reload()
      throw thrown
    }
  }

  /** Takes up what is on disk, after a transaction that failed and at the start. A merge that was under way begins again. */
  reload(): void {
    this.#merge = null
    const rows = this.#db.prepare('SELECT id, level, oldest, newest, state FROM run ORDER BY newest DESC').all() as (Omit<Run, 'bloom'> & { state: string })[]
    this.#dead = rows.filter(({ state }) => state !== 'live').map(({ id, level }) => ({ id, next: 0, parts: partsOf(level) }))
    const bloomOf = this.#db.prepare('SELECT bloom FROM run WHERE id = ?').pluck()
    this.#runs = rows.filter(({ state }) => state === 'live').map(({ id, level, oldest, newest }) => ({ id, level, oldest, newest, bloom: null }))
    let left = BLOOM_BYTES
    for (const run of this.#runs.toSorted((a, b) => a.level - b.level)) {
      left -= bytesAt(run.level)
      if (left >= 0) run.bloom = new Bloom(new Uint8Array(bloomOf.get(run.id) as Uint8Array))
    }
  }

  #step(): boolean {
    const dead = this.#dead[0]
    if (dead) {
      this.#sweep(dead)
      return true
    }
    this.#merge ??= this.#plan()
    if (this.#merge === null) return false
    this.#mergeStep(this.#merge)
    return true
  }

  #findIn(run: Run, { keyHigh, keyLow, contentHigh, contentLow }: Fingerprint): 'absent' | 'same' | 'other' {
    const entries = this.#read(run.id, partOf(keyHigh, run.level))
    for (let i = 0; i < entries.length; i += ENTRY_WORDS) {
      if (entries[i] !== keyHigh || entries[i + 1] !== keyLow) continue
      return entries[i + 2] === contentHigh && entries[i + 3] === contentLow ? 'same' : 'other'
    }
    return 'absent'
  }

  #read(run: number, part: number): Uint32Array {
    const body = this.#sql.part.get(partId(run, part)) as Uint8Array | undefined
    return body ? new Uint32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length)) : new Uint32Array()
  }

  #plan(): Merge | null {
    for (let level = 0; level < MAX_LEVEL; level++) {
      const runs = this.#runs.filter((run) => run.level === level)
      for (let end = runs.length; end >= FAN_IN; end--) {
        const inputs = runs.slice(end - FAN_IN, end)
        const [oldest, newest] = [Math.min(...inputs.map((run) => run.oldest)), Math.max(...inputs.map((run) => run.newest))]
        // A run is forgotten as a whole: one that spanned weeks would keep its oldest entries for weeks.
        if (newest - oldest <= DAY) return this.#begin(inputs, level + 1, oldest, newest)
      }
    }
    return null
  }

  #begin(inputs: Run[], level: number, oldest: Instant, newest: Instant): Merge {
    const id = Number(this.#sql.insertRun.run(level, oldest, newest, 'making', new Uint8Array()).lastInsertRowid)
    return { inputs, output: { id, level, oldest, newest, bloom: Bloom.for(bytesAt(level)) }, next: 0 }
  }

  #mergeStep(merge: Merge): void {
    const { inputs, output } = merge
    const level = output.level - 1
    const end = Math.min(partsOf(level), merge.next + STEP)
    for (; merge.next < end; merge.next++) {
      const joined = concat(inputs.map((run) => this.#read(run.id, merge.next)))
      for (let i = 0; i < joined.length; i += ENTRY_WORDS) output.bloom.add(joined[i] ?? 0, joined[i + 1] ?? 0)
      for (const [index, body] of cut(joined, output.level).entries()) if (body.length > 0) this.#sql.insertPart.run(partId(output.id, index), bytesOf(body))
    }
    if (merge.next < partsOf(level)) return
    this.#sql.state.run('live', output.bloom.bytes, output.id)
    for (const run of inputs) this.#bury(run)
    this.#runs.push(output)
    this.#runs.sort((a, b) => b.newest - a.newest)
    this.#budget()
    this.#merge = null
  }

  #bury(run: Run): void {
    this.#sql.state.run('dead', new Uint8Array(), run.id)
    this.#runs = this.#runs.filter(({ id }) => id !== run.id)
    this.#dead.push({ id: run.id, next: 0, parts: partsOf(run.level) })
  }

  #sweep(dead: { id: number; next: number; parts: number }): void {
    const end = Math.min(dead.parts, dead.next + STEP * FAN_IN)
    for (; dead.next < end; dead.next++) this.#sql.deletePart.run(partId(dead.id, dead.next))
    if (dead.next < dead.parts) return
    this.#sql.deleteRun.run(dead.id)
    this.#dead.shift()
  }

  #budget(): void {
    let left = BLOOM_BYTES
    for (const run of this.#runs.toSorted((a, b) => a.level - b.level || b.newest - a.newest)) {
      left -= run.bloom?.bytes.length ?? 0
      if (left < 0) run.bloom = null
    }
  }
}

function partsOf(level: number): number {
  return PARTS * FAN_IN ** level
}

/** Filter size of a full run: one byte per entry. */
function bytesAt(level: number): number {
  return TABLE_ENTRIES * FAN_IN ** level
}

function partOf(keyHigh: number, level: number): number {
  return keyHigh >>> (27 - 3 * level)
}

function partId(run: number, part: number): number {
  return run * 2 ** PART_BITS + part
}

/** Entries by part of the level: counted first and then placed, because commits wait while this goes on. */
function cut(entries: Uint32Array, level: number): Map<number, Uint32Array> {
  const counts = new Map<number, number>()
  for (let i = 0; i < entries.length; i += ENTRY_WORDS) {
    const part = partOf(entries[i] as number, level)
    counts.set(part, (counts.get(part) ?? 0) + ENTRY_WORDS)
  }
  const placed = new Uint32Array(entries.length)
  const starts = new Map<number, number>()
  let start = 0
  for (const [part, words] of counts) {
    starts.set(part, start)
    start += words
  }
  for (let i = 0; i < entries.length; i += ENTRY_WORDS) {
    const part = partOf(entries[i] as number, level)
    const to = starts.get(part) as number
    for (let word = 0; word < ENTRY_WORDS; word++) placed[to + word] = entries[i + word] as number
    starts.set(part, to + ENTRY_WORDS)
  }
  return new Map([...counts].map(([part, words]) => [part, placed.subarray((starts.get(part) as number) - words, starts.get(part))]))
}

function concat(bodies: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(bodies.reduce((words, body) => words + body.length, 0))
  let end = 0
  for (const body of bodies) {
    joined.set(body, end)
    end += body.length
  }
  return joined
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}
