import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { concatMap, from, Subject } from 'rxjs'
import { messageOf } from '../../domain/errors.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Digest } from '../../domain/projection.ts'
import type { JournalRecord } from '../../domain/record.ts'
import { DAY } from '../../domain/time.ts'
import { Engine } from '../../rules/engine.ts'
import { explainAsset } from '../../rules/explain.ts'
import { freezing, thaw } from '../../rules/snapshot.ts'
import { type EngineState, emptyState } from '../../rules/state.ts'
import { digests } from '../../rules/stream.ts'
import { Watch } from '../../rules/watch.ts'
import { openBook } from '../../store/book/book.ts'
import { MAX_BUFFERED, openHistory } from '../../store/history/writer.ts'
import { decodeBody } from '../../store/journal/body.ts'
import { openJournalReader } from '../../store/journal/reader.ts'
import { listSegments } from '../../store/journal/segments.ts'
import { Snapshots } from '../../store/snapshots.ts'
import { HistoryKeeper } from './history-keeper.ts'
import { LatestChanges } from './latest.ts'
import type { EngineStart, EngineStats, ExplainQuery, FromEngine, ToEngine } from './messages.ts'
import { quarantinesFrom } from './quarantines.ts'
import { refilled } from './refill.ts'

/**
 * The engine's thread. It pulls from the journal, so a slow rule makes it lag and never makes anything queue up in
 * memory; what it says goes to the book in order. History is written here because late data is read from it (S6).
 */
const given = workerData as EngineStart
const { paths, bookOffset, historyDays } = given
const RECORDS_PER_STEP = 2000
const DIGESTS_AHEAD = 64
/** Readers take the rest from the journal, so a flush may wait: fewer, larger chunks cost less. */
const HISTORY_FLUSH_MS = 30_000
/** A tenth of what changed at a time: an alert must not wait behind a thousand moves on the map. */
const LATEST_MS = 50
const STATS_MS = 500
const MOST_REFILLED = 4 * MAX_BUFFERED
const SNAPSHOT_MS = 60_000
/** The engine stands still while its state is written: in a large city less often, so that it is a small part of the time. */
const SNAPSHOT_SHARE = 0.05

const main = parentPort as MessagePort
const journal = openJournalReader(paths.journal)
const history = openHistory(paths.history, { keepMs: historyDays * DAY, aside: true })
const keeper = new HistoryKeeper(history, (why) => say({ type: 'failed', why }))
const snapshots = new Snapshots(paths.snapshots)
snapshots.dropFrom(given.distrustFrom)
const engine = await start()
const latest = new LatestChanges()

let applied = bookOffset
let unapplied: Offset[] = []
let resume: (() => void) | undefined
let savedAt: Offset = engine.state.offset
let saveAgain = performance.now() + SNAPSHOT_MS
let timer: NodeJS.Timeout | undefined
let stopping = false
refillHistory()
const ports: MessagePort[] = []

/** From the newest snapshot that the book has reached: what follows it is said again, and the book passes over what it knows. */
function start(): Engine | Promise<Engine> {
  for (const snapshot of snapshots.before(bookOffset)) {
    const state = thaw(snapshot)
    if (state) return engineWith(state)
  }
  return withoutPast()
}

/** No snapshot can be read that the book has reached. With the whole journal nothing is lost; else the book knows the most. */
async function withoutPast(): Promise<Engine> {
  const oldest = journal.oldest()
  if (oldest <= 1) return engineWith(emptyState())
  const first = snapshots.firstFrom(oldest - 1)
  const read = first && thaw(first)
  const state = read ?? (await fromBook(oldest))
  const begins = (state?.offset ?? oldest - 1) + 1
  say({
    type: 'failed',
    why: `the engine lost its past: no snapshot that the book has reached can be read, and the journal begins at record ${oldest}; it begins at record ${begins}${read ? '' : state ? ' with what the book knows' : ' without rules and alerts'}`,
  })
  return engineWith(state ?? emptyState())
}

async function fromBook(from: Offset): Promise<EngineState | undefined> {
  if (paths.book === undefined) return undefined
  const book = await openBook(paths.book, { readonly: true })
  try {
    return await refilled(book, from, journal.read(from, 1)[0]?.receivedAt ?? 0)
  } finally {
    await book.close()
  }
}

function engineWith(state: EngineState): Engine {
  return new Engine(history, state, { watch: new Watch(given.watch), quarantines: [...quarantinesFrom(journal, state.offset + 1), ...given.quarantines] })
}

const heads = new Subject<Offset>()
let newestHead: Offset = 0
let hearing = false

/**
 * Of all that was heard since the last step the newest counts. A port hands out a thousand messages in one go: were a
 * step taken at each, timers and everybody else would wait for all of them.
 */
function hear(head: Offset): void {
  newestHead = Math.max(newestHead, head)
  if (hearing) return
  hearing = true
  setImmediate(() => {
    hearing = false
    if (!stopping) heads.next(newestHead)
  })
}

heads
  .pipe(
    concatMap((head) => from(upTo(head))),
    digests(engine),
  )
  .subscribe({ next: publish })

async function* upTo(head: Offset): AsyncGenerator<JournalRecord[]> {
  while (engine.state.offset < head) {
    if (unapplied.length > DIGESTS_AHEAD) await new Promise<void>((resolve) => (resume = resolve))
    await keeper.room()
    if (stopping) return
    const records = read(engine.state.offset + 1)
    if (records.length === 0) return
    latest.note(engine.state, records)
    yield records
    // Other messages of this thread get their turn while a backlog is worked off.
    if (engine.state.offset < head) await new Promise(setImmediate)
  }
}

/** Into the history first: the engine may ask it for what was received just before. */
function read(from: Offset): JournalRecord[] {
  const batches = journal.stored(from, RECORDS_PER_STEP)
  keeper.flushIfDue()
  return batches.flatMap((batch) => decodeBody(batch.body, batch, from, (observation, start, end) => keeper.keep(observation, batch.body, start, end)))
}

/**
 * What the history has not on disk is in the journal, also what lies before the engine's snapshot. Of a history that was
 * lost only so much is made again as one that is there can lack: the start must not wait for a month of the journal.
 */
function refillHistory(): void {
  for (let at = Math.max(history.flushed(), engine.state.offset - MOST_REFILLED); at < engine.state.offset; ) {
    const last = read(at + 1).at(-1)
    if (last === undefined) return
    at = last.offset
    if (keeper.fault?.waiting) throw new Error(`the history cannot be written: ${keeper.fault.why}`)
  }
}

function publish(digest: Digest): void {
  if (digest.entries.length > 0) {
    unapplied.push(digest.through)
    say({ type: 'digest', digest })
  }
  for (const quarantine of engine.takeBlamed()) say({ type: 'quarantine', quarantine })
  armTick()
}

/** Asks for a tick when the engine's next timer is due; only a caught-up engine may, an old backlog has its own clock. */
function armTick(): void {
  clearTimeout(timer)
  if (stopping || engine.state.offset < journal.head() || engine.nextWake === Infinity) return
  const wait = Math.min(Math.max(engine.nextWake - Date.now(), 20), 60_000)
  timer = setTimeout(() => {
    if (engine.nextWake <= Date.now()) say({ type: 'tick' })
    timer = setTimeout(armTick, 1000)
  }, wait)
}

function save(): void {
  const segments = listSegments(paths.journal).map(({ first }) => first)
  // While the journal's folder is away nobody can say which snapshots its segments need.
  if (engine.state.offset === savedAt || segments.length === 0) return
  const began = performance.now()
  try {
    snapshots.put(freezing(engine.state), segments)
    savedAt = engine.state.offset
    saveAgain = performance.now() + Math.max(SNAPSHOT_MS, (performance.now() - began) / SNAPSHOT_SHARE)
  } catch (error) {
    // Without it only the next start takes longer.
    say({ type: 'failed', why: `the engine's state could not be saved: ${messageOf(error)}` })
  }
}

function tellLatest(): void {
  const changes = latest.take(engine.state)
  if (changes.length > 0) say({ type: 'latest', changes })
}

function tellStats(): void {
  say({ type: 'stats', stats: statsOf(engine.state) })
  const { offset } = engine.state
  // A digest without entries still moves the book's offset on, so that a restart need not look at old records again.
  if (unapplied.length === 0 && offset > applied) {
    unapplied.push(offset)
    say({ type: 'digest', digest: { through: offset, entries: [] } })
  }
}

function statsOf({ offset, clock, assets, rules, counts, broken, quarantined, reminders, began }: EngineState): EngineStats {
  const faulty = [...broken].map(([rule, each]) => ({ rule, ...each }))
  return {
    offset,
    clock,
    assets: assets.size,
    rules: rules.size,
    ...counts,
    broken: faulty,
    quarantined: [...quarantined.values()],
    reminders: Object.fromEntries(reminders),
    began,
    ...(keeper.fault && { historyFault: keeper.fault }),
    cpu: process.threadCpuUsage(),
  }
}

function say(message: FromEngine): void {
  main.postMessage(message)
}

main.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'heads':
      ports.push(message.port)
      message.port.on('message', ({ head }: { head: Offset }) => hear(head))
      hear(journal.head())
      return
    case 'applied':
      applied = Math.max(applied, message.through)
      unapplied = unapplied.filter((offset) => offset > message.through)
      resume?.()
      return
    case 'explain':
      say({ type: 'explained', id: message.id, ...explained(message.query) })
      return
    case 'stop':
      stop()
      return
  }
})

/** Whatever goes wrong with an explanation is the asker's to hear: the engine goes on. It judges too, so the deadline holds for it (S18). */
function explained(query: ExplainQuery): Pick<Extract<FromEngine, { type: 'explained' }>, 'trace' | 'why'> {
  engine.watch.begin()
  engine.watch.record(engine.state.offset + 1)
  try {
    return { trace: explainAsset(engine.state, history, query) }
  } catch (error) {
    return { trace: undefined, why: messageOf(error) }
  } finally {
    engine.watch.end()
  }
}

function stop(): void {
  stopping = true
  for (const each of [flusher, teller, reporter, saver]) clearInterval(each)
  clearTimeout(timer)
  save()
  keeper.close()
  journal.close()
  snapshots.close()
  // An open port would keep the thread alive.
  for (const port of [...ports, main]) port.close()
}

const flusher = setInterval(() => keeper.flush(), HISTORY_FLUSH_MS)
const teller = setInterval(tellLatest, LATEST_MS)
const reporter = setInterval(tellStats, STATS_MS)
const saver = setInterval(() => performance.now() >= saveAgain && save(), SNAPSHOT_MS / 4)
latest.noteAll(engine.state)
armTick()
say({ type: 'ready', offset: engine.state.offset })
