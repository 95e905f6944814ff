import type { MessagePort } from 'node:worker_threads'
import type { AssetChange } from '../../domain/feed.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Digest } from '../../domain/projection.ts'
import type { Instant } from '../../domain/time.ts'
import type { AssetTrace } from '../../rules/explain.ts'

/** Where the engine's thread finds its files. */
export interface EnginePaths {
  journal: string
  history: string
  snapshots: string
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
}

/** What is to be explained, at which event time. */
export interface ExplainQuery {
  asset: string
  at: Instant
  rule?: string
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
  | { type: 'explained'; id: number; trace: AssetTrace | undefined }
  /** Something went wrong that the engine goes on without. */
  | { type: 'failed'; why: string }
