import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '../../domain/errors.ts'
import type { Control, ControlRecord } from '../../domain/record.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { type Book, openBook } from '../../store/book/book.ts'
import { controlsApplier } from '../../store/book/controls.ts'
import { openPlaces } from '../../store/book/places.ts'
import { createProjector } from '../../store/book/projector.ts'
import { registerApplier } from '../../store/book/register-applier.ts'
import { openHistory } from '../../store/history/writer.ts'
import { openJournalWriter } from '../../store/journal/writer.ts'
import { alertsApplier } from '../applier.ts'
import type { BacktestPaths } from './messages.ts'
import type { World } from './world.fixture.ts'

/** A world as it lies on disk after it has lived: journal, history, book. */
export interface StoredWorld {
  paths: BacktestPaths
  book: Book
  /** An operator judges an alert. */
  judge(alert: string, verdict: 'confirmed' | 'false_alarm'): Promise<void>
  remove(): Promise<void>
}

/** Observations after `flushed` stand in the journal only. */
export async function store(world: World, flushed = world.records.length, segmentBytes?: number): Promise<StoredWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'wanglou-backtest-'))
  const paths = { journal: join(folder, 'journal'), history: join(folder, 'history.db'), book: join(folder, 'book.db') }
  const journal = openJournalWriter(paths.journal, segmentBytes === undefined ? {} : { segmentBytes })
  for (const record of world.records) {
    const { offset: _offset, receivedAt, ...control } = record as ControlRecord
    if (record.type === 'observation') {
      const { kind, device, gateway, at, payload } = record
      journal.append([{ kind, device, gateway, at, json: JSON.stringify(payload) }], [], receivedAt)
    } else journal.append([], [control as Control], receivedAt)
  }
  journal.close()
  const history = openHistory(paths.history)
  history.add(world.observations.filter(({ offset }) => offset <= flushed))
  history.close()
  const book = await openBook(paths.book)
  const places = await openPlaces(book)
  const projector = await createProjector(book, [registerApplier(places, parsed), alertsApplier(places), controlsApplier], async () => undefined)
  let head = world.records.length
  await projector.apply({ through: head, entries: world.said })
  return {
    paths,
    book,
    async judge(alert, verdict) {
      const record = { type: 'verdict', by: 'lin', alert, rule: '', key: '', verdict, reason: '', offset: ++head, receivedAt: Date.now() } as ControlRecord
      await projector.apply({ through: head, entries: [record] })
    },
    async remove() {
      await book.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function parsed(source: string) {
  const result = parseRuleFile(source)
  if ('errors' in result) throw new CodedError('rules.invalid', result.errors[0]?.why)
  return result.file
}
