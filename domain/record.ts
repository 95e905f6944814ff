import { z } from 'zod'
import { VERDICTS } from './alert.ts'
import { AssetSchema } from './asset.ts'
import { CalendarSchema } from './calendar.ts'
import { CASE_STATES } from './case.ts'
import type { Offset } from './ids.ts'
import type { Observation } from './observation.ts'
import { GuardSchema, RULE_STATES } from './rule.ts'
import { MatchersSchema, SILENCE_KINDS } from './silence.ts'
import type { Instant } from './time.ts'

/**
 * Control records: everything besides observations that can change an alert, and everything that people decide (S1).
 * `by` says who (a user, a token, a gateway, or `platform`).
 */
export const ControlSchemas = {
  /** A rule version becomes known, or changes its state. */
  rule: z.object({
    type: z.literal('rule'),
    by: z.string(),
    id: z.string(),
    version: z.number().int().positive(),
    state: z.enum([...RULE_STATES, 'removed']),
    source: z.string(),
    /** The source of the rule that it extends, as it was when the version was written: a version stands by itself. */
    base: z.string().optional(),
    note: z.string(),
    /** `live` in these areas only; everywhere else the version that was live stays. */
    areas: z.array(z.string()).optional(),
    /** When to put the version before back by itself. */
    guard: GuardSchema.optional(),
    /** `quarantined`: the rule is out from this record on (S18). */
    from: z.number().int().optional(),
  }),
  /** Managed hours, holidays and working days by name; replaced as a whole. */
  calendar: z.object({ type: z.literal('calendar'), by: z.string(), id: z.string(), calendar: CalendarSchema }),
  /** A reminder was sent, or could not be: from then on the time to leave runs. */
  reminder: z.object({ type: z.literal('reminder'), by: z.string(), id: z.string(), rule: z.string(), key: z.string(), sentAt: z.number().nullable() }),
  /** An asset is registered or replaced as a whole; kind zone included when it is a place on the map without devices. */
  asset: z.object({ type: z.literal('asset'), by: z.string(), asset: AssetSchema }),
  zone: z.object({ type: z.literal('zone'), by: z.string(), asset: AssetSchema }),
  /** Zones, labels and thresholds of a camera's picture; see camera.ts. */
  camera: z.object({ type: z.literal('camera'), by: z.string(), id: z.string(), version: z.number().int().positive(), config: z.unknown() }),
  verdict: z.object({ type: z.literal('verdict'), by: z.string(), alert: z.string(), rule: z.string(), key: z.string(), verdict: z.enum(VERDICTS), reason: z.string() }),
  acknowledge: z.object({ type: z.literal('acknowledge'), by: z.string(), alert: z.string() }),
  /** Alerts are kept quiet between two times; `removed`: somebody (`by`) ends it before. */
  silence: z.object({
    type: z.literal('silence'),
    by: z.string(),
    id: z.string(),
    kind: z.enum(SILENCE_KINDS),
    from: z.number(),
    to: z.number(),
    matchers: MatchersSchema,
    reason: z.string(),
    removed: z.boolean(),
  }),
  /** A case is made or moves. The engine reads `type`, `asset`, `open`, `from`, `to` (S12); the rest is for the book. */
  case: z.object({
    type: z.literal('case'),
    by: z.string(),
    id: z.string(),
    case: z.string().describe('sort of case: incident, maintenance …'),
    asset: z.string().nullable(),
    alert: z.string().nullable(),
    /** Other alerts of its group that it is for. */
    members: z.array(z.string()).optional(),
    state: z.enum(CASE_STATES),
    open: z.boolean(),
    from: z.number().nullable(),
    to: z.number().nullable(),
    desk: z.string().nullable(),
    note: z.string(),
    photos: z.array(z.string()),
  }),
  /** A gateway's own word: while it drains its outbox, silence of its devices means nothing (S3). */
  gateway: z.object({
    type: z.literal('gateway'),
    by: z.string(),
    gateway: z.string(),
    state: z.enum(['online', 'draining', 'offline', 'stopped']),
    at: z.number(),
    oldest: z.number().nullable(),
  }),
  /** Time passed and a timer is due (S2). */
  tick: z.object({ type: z.literal('tick') }),
} as const

export type Control = { [K in keyof typeof ControlSchemas]: z.infer<(typeof ControlSchemas)[K]> }[keyof typeof ControlSchemas]
export type ControlRecord = Control & { offset: Offset; receivedAt: Instant }

/** Everything that stands in the journal. */
export type JournalRecord = Observation | ControlRecord
