import { join } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../domain/errors.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import { openJournalWriter } from '../store/journal/writer.ts'
import { CommitTimes } from './commit-times.ts'
import { Dedupe, horizonOf } from './dedupe.ts'
import { Intake, type Job } from './intake.ts'
import { Judge } from './judge.ts'
import { Fingerprints } from './key.ts'
import { Ledger, ledgerView } from './ledger.ts'
import { LedgerStore, ledgerPath } from './ledger-store.ts'
import type { BatchAnswer, BatchMessage, FromJournal, JournalAnswers, JournalWorkerData, ToJournal } from './messages.ts'
import { restore } from './restore.ts'

/** The thread of the journal: everything that waits goes through one commit, and then the next. */
const { dataDir, journal: options, limits, batches } = workerData as JournalWorkerData
const main = parentPort
if (main === null) throw new Error('journal-worker.ts runs as a worker thread')

/** When the ledger is written down, which holds up a commit, and bounds what a restart has to judge again. */
const SAVE_MS = MINUTE
const SAVE_RECORDS = 1_000_000
/** How often a failed journal is tried again. */
const PROBE_MS = SECOND
/** How long a turn of housekeeping may hold up a commit. */
const TIDY_MS = 5
/** Jobs beyond this many bytes wait for the next commit, so that no acknowledgement waits for all of a flood. */
const MAX_COMMIT_BYTES = 8 * 1024 * 1024

const say = (message: FromJournal): void => main.postMessage(message)
// The edge of the room: below here, now is an argument.
const clock = Date.now

const journalFolder = join(dataDir, 'journal')
const journal = openJournalWriter(journalFolder, options)
const horizonMs = horizonOf(limits)
const ledger = new Ledger(limits.newDevicesPerHour, horizonMs)
const store = new LedgerStore(ledgerPath(dataDir), { head: journal.head(), maxRejects: limits.rejects })
const dedupe = new Dedupe(store.runs, horizonMs)
const judge = new Judge({ ledger, dedupe, fingerprints: new Fingerprints(store.secret) }, limits)
const intake = new Intake(journal, judge, { maxRejects: limits.rejects, decided: tell })
const commitTimes = new CommitTimes()
const headPorts = new Set<MessagePort>()
const queue: Job[] = []
/** What the disk does not take at present, beside the journal. */
const refused = new Set<string>()
let failing = journal.failing()
let savedAt = clock()
let saved = -1
let told = journal.head()

store.load(ledger, dedupe, clock())
const reader = openJournalReader(journalFolder)
restore(reader, judge, { from: store.through() + 1, stepped: spillIfFull })
reader.close()
save()
const timer = setInterval(housekeep, PROBE_MS / 2)

/** It waits for the next commit. Ports hand out a thousand messages in one go: were each committed at once, the other port would wait for all of them. */
function enqueue(job: Job): void {
  if (queue.push(job) === 1) setImmediate(commit)
}

/** Everything that is waiting, the first first; a turn of the loop is one commit. */
function commit(): void {
  const jobs: Job[] = []
  for (let bytes = 0; queue.length > 0 && bytes < MAX_COMMIT_BYTES; ) {
    const job = queue.shift() as Job
    jobs.push(job)
    if (job.job === 'messages') bytes += job.bytes
  }
  // It was committed already when the room closed.
  if (jobs.length === 0) return
  if (queue.length > 0) setImmediate(commit)
  const begun = performance.now()
  const before = journal.head()
  intake.commit(jobs, clock())
  if (journal.head() > before) commitTimes.record(performance.now() - begun, journal.flushMs)
  spillIfFull()
}

function messagesJob({ id, buffer, bytes }: BatchMessage): Job & { job: 'messages' } {
  return { job: 'messages', buffer, bytes, done: (outcome) => batches.postMessage({ id, buffer, ...outcome } satisfies BatchAnswer, [buffer]) }
}

function tell(): void {
  tellHead()
  tellHealth()
}

function tellHead(): void {
  const head = journal.head()
  if (head === told) return
  told = head
  for (const port of headPorts) port.postMessage({ head })
  say({ say: 'head', head })
}

function tellHealth(): void {
  if (journal.failing() === failing) return
  failing = journal.failing()
  say({ say: 'health', failing })
}

function spillIfFull(): void {
  if (dedupe.full) guarded('keys', () => store.spill(dedupe))
}

function save(): void {
  const rejects = intake.rejects()
  const through = journal.head()
  savedAt = clock()
  guarded('ledger', () => {
    store.save(ledger, dedupe, { through, rejects })
    intake.rejectsStored(rejects.length)
    saved = through
  })
}

function saveIfNew(): void {
  // Frames are not in the journal, but whose camera they claimed is in the ledger.
  if (journal.head() !== saved || ledger.changed || intake.rejects().length > 0) save()
}

/** The ledger is behind the journal and can be rebuilt from it: that it cannot be written now is a warning, told once. */
function guarded(what: string, write: () => void): void {
  try {
    write()
    refused.delete(what)
  } catch (thrown) {
    if (refused.has(what)) return
    refused.add(what)
    say({ say: 'warning', why: `the ${what} could not be written and will be again: ${messageOf(thrown)}` })
  }
}

function housekeep(): void {
  journal.probe()
  tellHealth()
  spillIfFull()
  if (clock() - savedAt >= SAVE_MS || journal.head() - saved >= SAVE_RECORDS) saveIfNew()
  guarded('old keys', tidy)
}

function tidy(): void {
  const until = performance.now() + TIDY_MS
  while (dedupe.tidy() && performance.now() < until);
}

function answer<Ask extends keyof JournalAnswers>(_: Ask, id: number, given: JournalAnswers[Ask]): void {
  say({ say: 'answer', id, answer: given })
}

function counters(): JournalAnswers['counters'] {
  return { intake: intake.counters, commits: commitTimes.stats(), devices: ledger.size, cpu: process.threadCpuUsage() }
}

function close(): void {
  clearInterval(timer)
  // What came before is kept before.
  while (queue.length > 0) commit()
  save()
  store.close()
  journal.close()
  batches.close()
  for (const port of headPorts) port.close()
}

batches.on('message', (message: BatchMessage) => enqueue(messagesJob(message)))
main.on('message', (message: ToJournal) => {
  switch (message.ask) {
    case 'append':
      enqueue({ job: 'controls', controls: message.controls, done: (outcome) => answer('append', message.id, outcome) })
      break
    case 'observe':
      enqueue({ job: 'observations', messages: message.messages, done: (outcome) => answer('observe', message.id, outcome) })
      break
    case 'register':
      ledger.register(message.devices, clock())
      answer('register', message.id, null)
      break
    case 'device': {
      const entry = ledger.get(message.device)
      answer('device', message.id, entry ? ledgerView(entry) : null)
      break
    }
    case 'counters':
      answer('counters', message.id, counters())
      break
    case 'save':
      save()
      answer('save', message.id, null)
      break
    case 'head':
      headPorts.add(message.port)
      message.port.on('close', () => headPorts.delete(message.port))
      message.port.postMessage({ head: journal.head() })
      break
    case 'close':
      close()
      answer('close', message.id, null)
      main.close()
      break
  }
})
say({ say: 'ready', head: journal.head(), failing })
