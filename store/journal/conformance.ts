import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JournalReader, JournalWriter, ObservationDraft } from '../../domain/ports/journal.ts'
import type { Control } from '../../domain/record.ts'

export interface JournalUnderTest {
  writer: JournalWriter
  reader: JournalReader
  /** Leaves nothing behind. */
  dispose(): void
}

export function draft(device: string, at: number, fields: Record<string, unknown> = {}): ObservationDraft {
  return { kind: 'cover', device, gateway: 'gw1', at, json: JSON.stringify({ at, ...fields }) }
}

const tick: Control = { type: 'tick' }

/** What every journal must do, whatever it is made of. */
export function journalConformance(name: string, make: () => JournalUnderTest): void {
  describe(`journal: ${name}`, () => {
    let journal: JournalUnderTest
    beforeEach(() => {
      journal = make()
    })
    afterEach(() => journal.dispose())

    it('is empty at first', () => {
      expect([journal.writer.head(), journal.reader.head(), journal.reader.oldest(), journal.reader.read(1, 10)]).toEqual([0, 0, 1, []])
    })

    it('S1: gives offsets 1, 2, 3 … in order of append, observations before controls', () => {
      const { writer, reader } = journal
      expect(writer.append([draft('a', 5), draft('b', 6)], [tick], 100)).toEqual({ first: 1, receivedAt: 100 })
      expect(writer.append([draft('c', 7)], [], 101)).toEqual({ first: 4, receivedAt: 101 })
      expect(writer.head()).toBe(4)
      expect(reader.head()).toBe(4)
      const records = reader.read(1, 100).flatMap((batch) => batch.records)
      expect(records.map((record) => [record.offset, record.receivedAt, record.type])).toEqual([
        [1, 100, 'observation'],
        [2, 100, 'observation'],
        [3, 100, 'tick'],
        [4, 101, 'observation'],
      ])
      expect(records[1]).toEqual({ type: 'observation', offset: 2, receivedAt: 100, kind: 'cover', device: 'b', gateway: 'gw1', at: 6, payload: { at: 6 } })
    })

    it('S2: receivedAt never goes back when the clock does', () => {
      const { writer, reader } = journal
      writer.append([draft('a', 1)], [], 500)
      expect(writer.append([], [tick], 400).receivedAt).toBe(500)
      expect(reader.read(1, 10).map((batch) => batch.receivedAt)).toEqual([500, 500])
    })

    it('leaves records below `from` out and stops at about `limit`', () => {
      const { writer, reader } = journal
      for (let batch = 0; batch < 5; batch++) writer.append([draft('a', 1), draft('a', 2), draft('a', 3)], [], batch)
      const read = reader.read(5, 4)
      expect(read.map(({ first, records }) => [first, records.map((record) => record.offset)])).toEqual([
        [5, [5, 6]],
        [7, [7, 8, 9]],
      ])
      expect(reader.read(16, 10)).toEqual([])
      expect(reader.read(0, 1)[0]?.first).toBe(1)
    })

    it('gives payloads back as they were sent', () => {
      const { writer, reader } = journal
      const json = '{ "at": 1,\n "text": "井盖 \\"}{][\\\\ \\u0041", "values": {"x": [1e3, {"y": null}]}, "n": 1.0 }'
      writer.append([{ kind: 'sensor', device: 'd', gateway: 'g', at: 1, json }], [tick], 1)
      const [record] = reader.read(1, 1)[0]?.records ?? []
      expect(record?.type === 'observation' && record.payload).toEqual(JSON.parse(json))
    })

    it('an empty append changes nothing', () => {
      journal.writer.append([], [], 10)
      expect(journal.reader.read(1, 10)).toEqual([])
      expect(journal.writer.head()).toBe(0)
    })
  })
}
