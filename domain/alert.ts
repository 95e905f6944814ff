import { z } from 'zod'
import { TextsSchema } from './asset.ts'
import { AttentionSchema, GroupSchema } from './attention.ts'
import { CandidateSchema, CulpritSchema } from './attribution.ts'
import { CASE_CLOSED, type CaseState } from './case.ts'
import { CERTAINTIES, DoubtfulSchema, FusedSchema } from './certainty.ts'
import type { AlertId, AssetId, DeviceId, Offset, RuleId } from './ids.ts'
import type { Dispatch, Severity } from './rule.ts'
import { SEVERITIES } from './rule.ts'
import type { Instant } from './time.ts'

/** The engine's axis (S11). `pending` lives in the engine only: an alert is raised when its hold is satisfied. */
export const CONDITIONS = ['pending', 'firing', 'recovering', 'resolved'] as const
export type Condition = (typeof CONDITIONS)[number]
/** An alert goes on until it is resolved. */
export function goesOn({ condition }: { condition: Condition }): boolean {
  return condition !== 'resolved'
}

/** The people's axis. */
export const REVIEWS = ['open', 'acknowledged', 'judged'] as const
export type Review = (typeof REVIEWS)[number]
export const VERDICTS = ['confirmed', 'false_alarm', 'benign', 'unclear'] as const
export type Verdict = (typeof VERDICTS)[number]
/**
 * What later data did to an alert (S6). `times`: it began or ended at another time. `disproved`: it never was true.
 * `merged`: it was one stretch with an earlier alert of the same key. Nothing raised is ever deleted.
 */
export const AMENDMENTS = ['times', 'disproved', 'merged'] as const
export type Amendment = (typeof AMENDMENTS)[number]

export type Scalar = number | string | boolean

/**
 * Why a transition came about without an observation. `edited`: the rule or its params became others. `not_in_force`: the
 * rule no longer applies to the asset. `not_looking`: the camera lost the zone or its source. `quarantined`: S18.
 */
export type EditReason = 'edited' | 'not_in_force' | 'not_looking' | 'quarantined'

/**
 * What the engine emits whenever the condition side of an alert changes. It carries that whole side,
 * so that the last transition of an alert is its present state and projecting one twice changes nothing.
 */
export interface Transition {
  /** The record that brought it about, and a counter within that record. */
  offset: Offset
  n: number
  what: 'raised' | 'recovering' | 'refired' | 'resolved' | 'severity' | 'amended' | 'edited'
  /** What people did brought it about, not an observation or a timer alone. */
  why?: EditReason
  /** Event time of the change: when the timer was due, or the observation's time (S2). */
  at: Instant
  alert: AlertId
  rule: RuleId
  ruleVersion: number
  /** True for a rule in shadow: counted and compared, never shown. */
  shadow: boolean
  key: string
  asset: AssetId
  devices: DeviceId[]
  condition: Exclude<Condition, 'pending'>
  severity: Severity
  /** null while a maintenance order is open (S12) or the rule sends nobody. */
  dispatch: Dispatch | null
  openedAt: Instant
  raisedAt: Instant
  resolvedAt: Instant | null
  late: boolean
  amended: Amendment | null
  lon: number | null
  lat: number | null
  /** The values that the condition saw when the hold began, and the params it compared with. */
  values: Record<string, Scalar>
  params: Record<string, Scalar>
  /** Offsets of the observations that decided. */
  observations: Offset[]
  /** Model that saw it, for scenes. */
  model: string | null
}

/** `scenes`: what the model saw, look by look, around the pictures. `manifest`: signed, names all the others. */
export const EVIDENCE_KINDS = ['still', 'clip', 'readings', 'scenes', 'manifest'] as const
/**
 * What a picture shows. `first`: the thing is first seen; `confirmed`: it has held as long as the rule asks; `reminder`: when the
 * reminder was sent; `before`, `during`, `after`: around what passes, of rules that look back; `last`: the last look that shows it.
 */
export const MOMENTS = ['first', 'confirmed', 'reminder', 'before', 'during', 'after', 'last'] as const
export type Moment = (typeof MOMENTS)[number]

export const EvidenceSchema = z.object({
  id: z.string(),
  kind: z.enum(EVIDENCE_KINDS),
  url: z.string(),
  sha256: z.string(),
  at: z.string(),
  shows: z.enum(MOMENTS).optional().describe('of stills'),
  bytes: z.number().int().optional(),
  deletedAt: z.string().optional().describe('its time was over: the file is gone, this line and the manifest stay'),
})
/** A file that proves an alert. */
export type Evidence = z.infer<typeof EvidenceSchema>

/** An alert as the contract shows it: over HTTP, in the feed, on MQTT. */
export const AlertSchema = z.object({
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.number().int(),
  key: z.string(),
  asset: z.string(),
  devices: z.array(z.string()),
  severity: z.enum(SEVERITIES),
  title: TextsSchema,
  condition: z.enum(CONDITIONS),
  review: z.enum(REVIEWS),
  verdict: z.enum(VERDICTS).nullable(),
  openedAt: z.string(),
  raisedAt: z.string(),
  resolvedAt: z.string().nullable(),
  late: z.boolean(),
  amended: z.enum(AMENDMENTS).nullable(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  area: z.string().nullable(),
  grid: z.string().nullable(),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  observations: z.array(z.number().int()),
  evidence: z.array(EvidenceSchema),
  case: z.string().nullable(),
  attention: AttentionSchema,
  group: GroupSchema.nullable(),
  certainty: z.enum(CERTAINTIES),
  fused: z.array(FusedSchema),
  doubt: DoubtfulSchema.nullable(),
  vehicle: CulpritSchema.nullable().describe('whose it was, where the platform is sure of it'),
  attributedAt: z.string().nullable().describe('when its candidates last changed; null: nobody asked, or nothing is known yet'),
})
export type Alert = z.infer<typeof AlertSchema>

/** Closed means resolved and judged, or its case closed: then consumers on MQTT see it no more. */
export function isClosed(alert: Pick<Alert, 'condition' | 'review'>, caseState: CaseState | null): boolean {
  return (alert.condition === 'resolved' && alert.review === 'judged') || (caseState !== null && CASE_CLOSED.includes(caseState))
}

export const TimelineEntrySchema = z.object({
  at: z.string(),
  by: z.string(),
  what: z.string(),
  note: z.string(),
})
/** One line of an alert's history: what the engine or a person did, and when. */
export type TimelineEntry = z.infer<typeof TimelineEntrySchema>

/** One alert with all that an operator or a court may ask. */
export const AlertDetailSchema = AlertSchema.extend({
  timeline: z.array(TimelineEntrySchema),
  provenance: z.object({
    rule: z.string(),
    ruleVersion: z.number().int(),
    params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    observations: z.array(z.number().int()),
    model: z.string().nullable(),
    offset: z.number().int(),
  }),
  matter: z.object({ system: z.string(), kind: z.enum(['component', 'matter']), code: z.string() }).nullable(),
  dispatch: z.object({ to: z.string(), within: z.string().optional() }).nullable(),
  candidates: z.array(CandidateSchema),
})
export type AlertDetail = z.infer<typeof AlertDetailSchema>
