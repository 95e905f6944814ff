import { z } from 'zod'
import { TextsSchema } from './asset.ts'
import { SEVERITIES } from './rule.ts'

const ValueSchema = z.union([z.number(), z.string(), z.boolean()])
const ValuesSchema = z.record(z.string(), ValueSchema)

/** How a rule fares in the area of whoever asks. */
export const RuleStatsSchema = z.object({
  firing: z.number().int(),
  /** Alerts raised on each of the last 14 days, oldest first. */
  perDay: z.array(z.number().int()),
  judged: z.number().int(),
  /** Of those judged in the last 30 days; null when none was. */
  falseAlarmShare: z.number().nullable(),
  /** Assets at which at least two alerts of the last 7 days were judged false alarms, most first: there the rule may want another threshold. */
  rejections: z.array(z.object({ asset: z.string(), rejected: z.number().int() })),
  /** What the version in shadow would have raised since it went into shadow, and how much of it the live one raised too. */
  shadow: z.object({ version: z.number().int(), raised: z.number().int(), same: z.number().int() }).nullable(),
  /** Left after they were reminded, and stayed, in the whole city; null: nobody was reminded, or the caller may not see all of it. */
  reminders: z.object({ sent: z.number().int(), left: z.number().int(), stayed: z.number().int() }).nullable(),
})
export type RuleStats = z.infer<typeof RuleStatsSchema>

/** What a rule over scenes asks of the objects in a picture, as its condition is written. */
export const RuleAsksSchema = z.object({
  /** An object counts that has the label of one of these and stands in a zone of its id or type; null: anywhere. */
  asks: z.array(
    z.object({
      label: z.string(),
      zone: z.string().nullable(),
      /** So much of the picture it must cover, or the param that says how much; null: however little. */
      share: z.union([z.number(), z.string()]).nullable(),
    }),
  ),
  /** What is compared with `params.score`: the object's score at each look, the best or the mean of its track; null: none is. */
  score: z.enum(['look', 'best', 'mean']).nullable(),
})
export type RuleAsks = z.infer<typeof RuleAsksSchema>

/** One thing wrong with a rule's text, where an editor can mark it; lines and columns from 1. */
export const RuleFaultSchema = z.object({
  line: z.number().int(),
  column: z.number().int(),
  /** On the same line, the column after the last; absent: to the end of the word. */
  endColumn: z.number().int().optional(),
  why: z.string(),
})
export type RuleFault = z.infer<typeof RuleFaultSchema>

/** What changed between two versions of a rule. */
export const RuleDiffSchema = z.object({
  rule: z.string(),
  from: z.number().int(),
  to: z.number().int(),
  /** Value by value; null where there is none. */
  changes: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** Unified diff of the texts; empty when they are the same. */
  text: z.string(),
  /** The changes in words: "tiltDeg 15 → 20 deg". */
  sentence: TextsSchema,
})
export type RuleDiff = z.infer<typeof RuleDiffSchema>

/**
 * An edit to try: other params, a whole other source, or a version as it was written, with what it extended then. `from`
 * and `to` are event times.
 */
export interface BacktestRequest {
  rule: string
  set?: Record<string, number | string | boolean>
  source?: string
  version?: number
  from: number
  to: number
}

const BacktestAlertSchema = z.object({
  key: z.string(),
  asset: z.string(),
  openedAt: z.string(),
  resolvedAt: z.string().nullable(),
  severity: z.enum(SEVERITIES),
  values: ValuesSchema,
  /** The alert in the book that it is, with what operators said of it; null when there is none. */
  alert: z.string().nullable(),
  verdict: z.string().nullable(),
})
export type BacktestAlert = z.infer<typeof BacktestAlertSchema>

/** What an edit would have changed. At most 1,000 alerts of each sort are listed; the counts are whole. */
export const BacktestResultSchema = z.object({
  rule: z.string(),
  /** Version that was live, 0 where none was, and what was tried instead. */
  version: z.number().int(),
  set: ValuesSchema,
  from: z.string(),
  to: z.string(),
  observations: z.number().int(),
  /** `then`: the register as it was at the time. `now`: what it held then is not known any more, the present one was taken. */
  register: z.enum(['then', 'now']),
  /** Of a rule that asks for a score: the highest one below which one of its cameras keeps nothing, so that no lower one can be tried there. */
  scoreFloor: z.number().nullable(),
  /** Cameras that have a score of their own, which an edit of the rule's does not change. */
  ownScores: z.number().int(),
  counts: z.object({ live: z.number().int(), edit: z.number().int(), same: z.number().int(), added: z.number().int(), removed: z.number().int(), changed: z.number().int() }),
  /** Verdicts on the removed ones: { confirmed: 2, false_alarm: 41, none: 3 }. */
  verdicts: z.record(z.string(), z.number().int()),
  added: z.array(BacktestAlertSchema),
  removed: z.array(BacktestAlertSchema),
  changed: z.array(z.object({ before: BacktestAlertSchema, after: BacktestAlertSchema })),
  /** One field of the asset that differs most, thinned, with the params that it is compared with. */
  chart: z
    .object({
      asset: z.string(),
      field: z.string(),
      unit: z.string(),
      points: z.array(z.object({ at: z.string(), min: z.number(), max: z.number() })),
      thresholds: z.array(z.object({ param: z.string(), live: z.number(), edit: z.number() })),
    })
    .nullable(),
})
export type BacktestResult = z.infer<typeof BacktestResultSchema>

export const BacktestSchema = z.object({
  id: z.string(),
  rule: z.string(),
  by: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** 0 to 1. */
  progress: z.number(),
  why: z.string().nullable(),
  result: BacktestResultSchema.nullable(),
})
export type Backtest = z.infer<typeof BacktestSchema>

const ClauseSchema = z.object({
  /** The clause as written, and where it stands: `when`, `clear`, `inform`. */
  text: z.string(),
  part: z.string(),
  /** null: unknown. */
  holds: z.boolean().nullable(),
  /** Operands with their values: { tiltDeg: 12, "params.tiltDeg": 15 }; a field also says how old it is. */
  operands: z.array(z.object({ text: z.string(), value: ValueSchema.nullable(), ageMs: z.number().nullable() })),
  /** How far a comparison of numbers is from turning, in the field's unit; null for others. */
  margin: z.number().nullable(),
})
export type Clause = z.infer<typeof ClauseSchema>

export const EXPLAIN_OUTCOMES = ['firing', 'recovering', 'pending', 'idle', 'not_selected', 'quiet'] as const

/** Why a rule did or did not raise an alert about an asset at a time. */
export const RuleExplanationSchema = z.object({
  rule: z.string(),
  version: z.number().int(),
  state: z.string(),
  key: z.string(),
  outcome: z.enum(EXPLAIN_OUTCOMES),
  /** One sentence for people, both languages. */
  because: z.object({ zh: z.string(), en: z.string() }),
  clauses: z.array(ClauseSchema),
  /** The hold: since when, how long it must last, what is left; null when nothing holds. */
  hold: z.object({ since: z.string(), forMs: z.number(), leftMs: z.number() }).nullable(),
  /** Silences, maintenance orders, schedules, cool-downs and verdicts that stood in the way. */
  inTheWay: z.array(
    z.object({
      what: z.enum(['silence', 'inhibited', 'maintenance', 'schedule', 'coolDown', 'verdict', 'stale', 'shadow', 'reminder', 'notBound']),
      detail: z.string(),
      until: z.string().nullable(),
    }),
  ),
  /** The observation that decided last. */
  observation: z.object({ offset: z.number().int(), device: z.string(), at: z.string() }).nullable(),
  /** The alert that stands, if any. */
  alert: z.string().nullable(),
  /** Where the key is an area: the assets that count in it, the first that began first. */
  members: z.array(z.object({ asset: z.string(), since: z.string(), until: z.string().nullable(), severity: z.enum(SEVERITIES) })).optional(),
})
export type RuleExplanation = z.infer<typeof RuleExplanationSchema>

export const ExplanationSchema = z.object({ asset: z.string(), at: z.string(), values: z.record(z.string(), z.unknown()), rules: z.array(RuleExplanationSchema) })
export type Explanation = z.infer<typeof ExplanationSchema>
