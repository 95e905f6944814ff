import type { MessagePort } from 'node:worker_threads'
import type { Offset } from '../domain/ids.ts'
import type { LedgerView } from '../domain/ports/telemetry.ts'
import type { Control } from '../domain/record.ts'
import type { Instant } from '../domain/time.ts'
import type { JournalOptions } from '../store/journal/writer.ts'
import type { Frame } from './accept.ts'
import type { Credentials, Identity, Outgoing } from './broker.ts'
import type { BrokerCounters, IntakeCounters } from './counters.ts'
import type { Failed, OwnObservation, Settlement } from './intake.ts'
import type { Judgement } from './judge.ts'
import type { Limits } from './limits.ts'

/** What the three threads say to each other. Messages are batches: never one per MQTT message. */

/** Broker → journal: a filled buffer (batch.ts). */
export interface BatchMessage {
  id: number
  buffer: ArrayBuffer
  bytes: number
}
/** Journal → broker: the batch is on disk, or it is not; the buffer comes back. */
export type BatchAnswer = { id: number; buffer: ArrayBuffer } & (Settlement | Failed)

export interface JournalWorkerData {
  dataDir: string
  journal: JournalOptions
  limits: Limits
  batches: MessagePort
}

/** Main → journal; those with an id are answered. */
export type ToJournal =
  | { ask: 'append'; id: number; controls: readonly Control[] }
  | { ask: 'observe'; id: number; messages: readonly OwnObservation[] }
  | { ask: 'register'; id: number; devices: readonly { device: string; gateway: string | null }[] }
  | { ask: 'counters'; id: number }
  | { ask: 'device'; id: number; device: string }
  | { ask: 'save'; id: number }
  | { ask: 'close'; id: number }
  | { ask: 'head'; port: MessagePort }

/** How long commits take: from the first record's judging to the flushed disk, in ms. */
export interface CommitStats {
  commits: number
  p50Ms: number
  p99Ms: number
  /** Of writing and flushing alone. */
  flushP99Ms: number
  maxMs: number
  sumMs: number
  /** How many fell into each bucket of commit-times.ts, and beyond the last. */
  buckets: number[]
}

export interface JournalAnswers {
  append: { first: Offset; receivedAt: Instant } | Failed
  observe: { judgements: Judgement[] } | Failed
  register: null
  counters: { intake: IntakeCounters; commits: CommitStats; devices: number; cpu: ThreadCpu }
  device: LedgerView | null
  save: null
  close: null
}

/** Journal → main. */
export type FromJournal =
  | { say: 'ready'; head: Offset; failing: string | null }
  | { say: 'answer'; id: number; answer: JournalAnswers[keyof JournalAnswers] }
  | { say: 'head'; head: Offset }
  | { say: 'health'; failing: string | null }
  | { say: 'warning'; why: string }

export interface BrokerWorkerData {
  host: string
  port: number
  limits: Limits
  batches: MessagePort
}

/** Main → broker. */
export type ToBroker =
  | { tell: 'identity'; id: number; identity: Identity }
  | { tell: 'unavailable'; id: number }
  | { tell: 'cameras'; cameras: readonly string[] }
  /** So many bytes of the frames that were handed over are in use no more. */
  | { tell: 'taken'; bytes: number }
  | { tell: 'publish'; messages: readonly Outgoing[] }
  | { tell: 'disconnect'; clientId: string }
  | { tell: 'counters'; id: number }
  | { tell: 'close'; id: number }

/** CPU time of a thread since it began, in µs. */
export interface ThreadCpu {
  user: number
  system: number
}

/** Broker → main. */
export type FromBroker =
  | { say: 'ready'; port: number }
  | { say: 'failed'; code: string | undefined; why: string }
  | { say: 'authenticate'; id: number; credentials: Credentials }
  | { say: 'frames'; frames: readonly Frame[] }
  | { say: 'answer'; id: number; answer: { counters: BrokerCounters; cpu: ThreadCpu } | null }
