import { existsSync } from 'node:fs'
import { quarantinesFrom } from '../../alerts/engine/quarantines.ts'
import { replay } from '../../alerts/replay.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Offset } from '../../domain/ids.ts'
import { formatInstant, type Instant, parseInstant } from '../../domain/time.ts'
import { type Book, openBook } from '../../store/book/book.ts'
import { transitionText } from '../../store/book/transitions.ts'
import { openHistoryReader } from '../../store/history/reader.ts'
import { openJournalReader } from '../../store/journal/reader.ts'
import { Snapshots, type StoredSnapshot } from '../../store/snapshots.ts'
import { dataPaths } from '../paths.ts'

interface ReplayFlags {
  data: string
  from?: string
  to?: string
  json?: boolean
}

/** Re-derives transitions from the journal, beside a running platform or without one. 1: they differ; 2: the journal no longer reaches back so far. */
export async function commandReplay({ data, from, to, json }: ReplayFlags): Promise<number> {
  const paths = dataPaths(data)
  if (!existsSync(paths.snapshots)) throw new CodedError('request.invalid', `No platform has run on ${data}.`)
  const journal = openJournalReader(paths.journal)
  const history = openHistoryReader(paths.history, journal)
  const snapshots = new Snapshots(paths.snapshots, { readonly: true })
  const book = await openBook(paths.book, { readonly: true })
  try {
    const through = Math.min(await book.bookOffset(), to === undefined ? Infinity : offsetAt(journal, instant('--to', to)))
    const begin = beginning(journal, snapshots, from === undefined ? undefined : instant('--from', from))
    if ('earliest' in begin) return tooEarly(begin.earliest)
    const { start } = begin
    const result = await replay({
      journal,
      history,
      start,
      quarantines: (from) => quarantinesFrom(journal, from),
      snapshots: snapshots.all(),
      through,
      text: transitionText,
      recorded: (first, last) => recorded(book, first, last),
      progress: progress(json === true, through),
    })
    process.stdout.write(
      json
        ? `${JSON.stringify(result)}\n`
        : `compared ${result.compared} transitions and ${result.snapshots} snapshots over offsets ${result.from}–${result.through}: ${result.differences.length} differences\n`,
    )
    if (!json) for (const difference of result.differences) process.stdout.write(`${JSON.stringify(difference)}\n`)
    return result.differences.length > 0 ? 1 : 0
  } finally {
    await book.close()
    snapshots.close()
    history.close()
    journal.close()
  }
}

async function recorded(book: Book, first: Offset, last: Offset): Promise<{ offset: Offset; n: number; text: string }[]> {
  const all: { offset: Offset; n: number; text: string }[] = []
  for await (const { offset, n, json } of book.recorded(first, last)) all.push({ offset, n, text: json })
  return all
}

function instant(flag: string, text: string): Instant {
  const parsed = parseInstant(text)
  if ('code' in parsed) throw new CodedError(parsed.code, `${flag} ${text} is not a time with zone.`)
  return parsed.at
}

type Reader = ReturnType<typeof openJournalReader>

/** The last offset received at or before a time. */
function offsetAt(journal: Reader, at: Instant): Offset {
  let [low, high] = [journal.oldest(), journal.head()]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const [batch] = journal.read(middle, 1)
    if (batch && batch.receivedAt <= at) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * Where a replay that is asked to begin at `at` can begin: at the first record, or at a snapshot behind which the
 * journal is whole. `earliest` when the journal no longer reaches back so far.
 */
function beginning(journal: Reader, snapshots: Snapshots, at: Instant | undefined): { start: StoredSnapshot | undefined } | { earliest: Instant | undefined } {
  const oldest = journal.oldest()
  const first = oldest > 1 ? snapshots.firstFrom(oldest - 1) : undefined
  if (oldest > 1 && !first) return { earliest: undefined }
  if (at === undefined) return { start: first }
  const earliest = receivedAt(journal, first ? first.offset + 1 : oldest)
  if (first && at < (earliest ?? Infinity)) return { earliest }
  const [newest] = snapshots.before(offsetAt(journal, at))
  return { start: newest && newest.offset >= oldest - 1 ? newest : first }
}

function receivedAt(journal: Reader, offset: Offset): Instant | undefined {
  return journal.read(offset, 1)[0]?.receivedAt
}

function tooEarly(earliest: Instant | undefined): number {
  const when = earliest === undefined ? 'no snapshot is left to begin from' : `the earliest time to begin from is ${formatInstant(earliest)}`
  process.stderr.write(`replay.too_early: the journal does not reach back so far; ${when}\n`)
  return 2
}

function progress(quiet: boolean, through: Offset): (offset: Offset) => void {
  let last = 0
  return (offset) => {
    const now = Date.now()
    if (quiet || now - last < 1000) return
    last = now
    process.stderr.write(`offset ${offset} of ${through}\n`)
  }
}
