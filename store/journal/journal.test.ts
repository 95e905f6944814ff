import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JournalRecord } from '../../domain/record.ts'
import { decodeBody, encodeBody } from './body.ts'
import { draft, journalConformance } from './conformance.ts'
import { MemoryJournal } from './memory.ts'
import { openJournalReader, type SqliteJournalReader } from './reader.ts'
import { listSegments, segmentPath } from './segments.ts'
import { openJournalWriter, type SqliteJournalWriter } from './writer.ts'

journalConformance('memory', () => {
  const journal = new MemoryJournal()
  return { writer: journal, reader: journal, dispose: () => journal.close() }
})

for (const [name, segmentBytes] of [
  ['SQLite', 1 << 28],
  ['SQLite, every commit in a file of its own', 1],
] as const) {
  journalConformance(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'journal-'))
    const writer = openJournalWriter(folder, { segmentBytes })
    const reader = openJournalReader(folder)
    const dispose = () => {
      reader.close()
      writer.close()
      rmSync(folder, { recursive: true, force: true })
    }
    return { writer, reader, dispose }
  })
}

describe('journal on disk', () => {
  let folder: string
  let reader: SqliteJournalReader
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'))
    reader = openJournalReader(join(folder, 'journal'))
  })
  afterEach(() => {
    reader.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const offsets = (): number[] => reader.read(1, 1e6).flatMap(({ records }) => records.map((record: JournalRecord) => record.offset))
  const path = (): string => join(folder, 'journal')

  it('goes on after a restart: offsets, records and receivedAt', () => {
    const before = openJournalWriter(path())
    before.append([draft('a', 1), draft('a', 2)], [], 1000)
    before.close()
    const after = openJournalWriter(path())
    expect(after.head()).toBe(2)
    expect(after.append([draft('a', 3)], [], 10)).toEqual({ first: 3, receivedAt: 1000 })
    after.close()
    expect(offsets()).toEqual([1, 2, 3])
  })

  it('rolls by age, drops whole files beyond retention and names the oldest offset kept', () => {
    const writer = openJournalWriter(path(), { segmentMs: 100, keepMs: 250 })
    for (let at = 0; at <= 1000; at += 50) writer.append([draft('a', at)], [], at)
    writer.close()
    const kept = listSegments(path())
    expect(kept.length).toBeGreaterThan(2)
    expect(reader.oldest()).toBe(kept[0]?.first)
    const read = reader.read(1, 1e6).flatMap(({ records }) => records)
    expect(read[0]?.offset).toBe(reader.oldest())
    expect(read.at(-1)?.offset).toBe(reader.head())
    expect(read[0]?.receivedAt).toBeGreaterThan(0)
    expect(read.some((record) => record.receivedAt <= 750)).toBe(true)
    expect(reader.offsetAt(950)).toBe(read.find((record) => record.receivedAt >= 950)?.offset)
  })

  it('a restart on an empty new file does not let receivedAt go back', () => {
    const first = openJournalWriter(path(), { segmentBytes: 1 })
    first.append([draft('a', 1)], [], 5000)
    first.append([draft('a', 2)], [], 6000)
    first.close()
    const again = openJournalWriter(path())
    expect(again.append([draft('a', 3)], [], 1).receivedAt).toBe(6000)
    again.close()
  })

  const refused = (writer: SqliteJournalWriter, at: number): void =>
    expect(() => writer.append([draft('a', at)], [], at)).toThrow(expect.objectContaining({ code: 'journal.unwritable' }))

  it('refuses while its folder is away, says what would help, and goes on where it was when it is back', () => {
    const writer = openJournalWriter(path())
    writer.append([draft('a', 1)], [], 1)
    renameSync(path(), `${path()}-away`)
    refused(writer, 2)
    expect(writer.failing()).toBe(`the journal's folder ${path()} is gone; it goes on by itself when the folder is back, or without its past in an empty folder of this name`)
    expect(writer.probe()).toBe(false)
    refused(writer, 2)
    expect(existsSync(path())).toBe(false)
    renameSync(`${path()}-away`, path())
    expect([writer.probe(), writer.failing()]).toEqual([true, null])
    expect(writer.append([draft('a', 2)], [], 3)).toEqual({ first: 2, receivedAt: 3 })
    expect(offsets()).toEqual([1, 2])
    writer.close()
  })

  it.each([
    ['its file was taken away', () => rmSync(segmentPath(path(), 1))],
    [
      'an empty folder stands for the one that was lost',
      () => {
        rmSync(path(), { recursive: true })
        mkdirSync(path())
      },
    ],
  ])('goes on in a new file, with offsets where they were, when %s', (_, lose) => {
    const writer = openJournalWriter(path())
    writer.append([draft('a', 1)], [], 1)
    lose()
    refused(writer, 2)
    expect(writer.failing()).toMatch(/removed or replaced/)
    expect(writer.probe()).toBe(true)
    expect(writer.append([draft('a', 2)], [], 3)).toEqual({ first: 2, receivedAt: 3 })
    expect(offsets()).toEqual([2])
    writer.close()
  })

  it('a new file that could not be begun is begun again', () => {
    const writer = openJournalWriter(path(), { segmentBytes: 1 })
    writer.append([draft('a', 1)], [], 1)
    mkdirSync(segmentPath(path(), 2))
    refused(writer, 2)
    expect(writer.probe()).toBe(false)
    rmSync(segmentPath(path(), 2), { recursive: true })
    expect(writer.probe()).toBe(true)
    expect(writer.append([draft('a', 2)], [], 3)).toEqual({ first: 2, receivedAt: 3 })
    expect(offsets()).toEqual([1, 2])
    writer.close()
  })

  it('a reader opened before the first commit sees it', () => {
    expect(reader.head()).toBe(0)
    const writer = openJournalWriter(path())
    expect(reader.read(1, 10)).toEqual([])
    writer.append([draft('a', 1)], [], 1)
    expect(offsets()).toEqual([1])
    writer.close()
  })
})

describe('the text of a commit', () => {
  it('gives every payload back byte for byte, whatever JSON it is', () => {
    const text = fc.oneof(
      fc.json(),
      fc.json().map((json) => ` ${JSON.stringify(JSON.parse(json), null, 2)}\n`),
    )
    const member = fc.tuple(fc.string(), text).map(([name, value]) => `{${JSON.stringify(name)}:${value} }`)
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), fc.integer({ min: 0, max: 5 }), (payloads, skip) => {
        const drafts = payloads.map((json, at) => ({ kind: 'cover', device: `d${at}`, gateway: 'g', at, json: at % 2 ? json : Buffer.from(json) }))
        const body = encodeBody(drafts, [{ type: 'tick' }])
        const placed: string[] = []
        const records = decodeBody(body, { first: 1, receivedAt: 9 }, 1 + skip, (_, start, end) => placed.push(body.toString('utf8', start, end)))
        expect(placed).toEqual(payloads.slice(skip))
        // The text is JSON for whoever has nothing but that.
        const expected = (JSON.parse(body.toString()) as object[]).map(({ bytes: _, ...one }: { bytes?: number }, index) => ({
          ...('payload' in one && { type: 'observation' }),
          ...one,
          ...{ offset: 1 + index, receivedAt: 9 },
        }))
        expect(records).toEqual(expected.slice(skip))
      }),
    )
  })
})
