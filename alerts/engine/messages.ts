import type { MessagePort } from 'node:worker_threads'
import type { AssetChange } from '../../domain/feed.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Digest } from '../../domain/projection.ts'
import type { Instant } from '../../domain/time.ts'
import type { AssetTrace } from '../../rules/explain.ts'
import type { OrderRecord } from '../../rules/explain-past.ts'
import type { Quarantine } from '../../rules/state.ts'
import type { HistoryFault } from './history-keeper.ts'

/** Where the engine's thread finds its files. */
export interface EnginePaths {
  journal: string
  history: string
  snapshots: string
  /** What it remembers when no snapshot does; absent: nothing. */
  book?: string
}

/** What the engine's thread is given when it starts. */
export interface EngineStart {
  paths: EnginePaths
  bookOffset: Offset
  historyDays: number
  /** Shared memory of a Watch. */
  watch: SharedArrayBuffer
  /** Those that this process has found, whether their records are in the journal yet or not. */
  quarantines: Quarantine[]
  /** Snapshots from here on may come from a thread that went wrong. */
  distrustFrom: Offset
}

export interface EngineStats {
  offset: Offset
  clock: Instant
  assets: number
  rules: number
  tooLateForRules: number
  suspectFixes: number
  backfills: number
  brokenRules: number
  /** CPU time of its thread since it began, in µs. */
  cpu: { user: number; system: number }
  /** What became of reminders, by rule. */
  reminders: Record<string, { sent: number; left: number; stayed: number }>
  notRejudged: number
  /** Versions that this program could not compile; what was in force before them still is. */
  broken: { rule: string; version: number; why: string }[]
  /** Versions that are out because they threw or took too long (S18). */
  quarantined: Quarantine[]
  /** First record that it knows; above 1 when it lost its past. */
  began: Offset
  /** Absent while the history can be written. */
  historyFault?: HistoryFault
}

/** What is to be explained, at which event time. */
export interface ExplainQuery {
  asset: string
  at: Instant
  rule?: string
  /** All records of its cases, in journal order: those of the time count. */
  orders?: readonly OrderRecord[]
}

export type ToEngine =
  | { type: 'heads'; port: MessagePort }
  /** The book has projected up to here. */
  | { type: 'applied'; through: Offset }
  | { type: 'explain'; id: number; query: ExplainQuery }
  | { type: 'stop' }

export type FromEngine =
  | { type: 'ready'; offset: Offset }
  | { type: 'digest'; digest: Digest }
  | { type: 'latest'; changes: AssetChange[] }
  /** A timer is due and nothing has arrived: a tick must be journalled (S2). */
  | { type: 'tick' }
  | { type: 'stats'; stats: EngineStats }
  /** `why`: it could not be explained. */
  | { type: 'explained'; id: number; trace: AssetTrace | undefined; why?: string }
  /** A version threw: its quarantine is to be journalled. */
  | { type: 'quarantine'; quarantine: Quarantine }
  /** Something went wrong that the engine goes on without. */
  | { type: 'failed'; why: string }
