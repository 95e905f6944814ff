import { z } from 'zod'
import type { Instant } from './time.ts'

/**
 * Why an alert is not shown by itself, the strongest reason first: somebody silenced it, work is planned there, another
 * alert explains it, another alert tells of the same thing, its key will not rest, it is one of many.
 */
export const REASONS = ['silence', 'maintenance', 'inhibited', 'fused', 'flapping', 'grouped'] as const
export type Reason = (typeof REASONS)[number]

/**
 * Whether operators are shown an alert and told of it. Reduction decides it and nothing else: it never touches condition
 * or review, and what is not shown is still raised, kept, published and counted (S11).
 *
 * `by` with `shown` means that it is shown as something special: as the one of a flapping key, or as information during
 * maintenance (S12). `ref` is the silence, the case, the alert or the group that `by` speaks of; `until` when that ends
 * by itself, null if nobody knows.
 */
export interface Attention {
  shown: boolean
  by: Reason | null
  ref: string | null
  until: Instant | null
}

export const SHOWN: Attention = { shown: true, by: null, ref: null, until: null }

export const AttentionSchema = z.object({
  shown: z.boolean().describe('false: kept quiet, operators see it only when they ask'),
  by: z.enum(REASONS).nullable(),
  ref: z.string().nullable().describe('the silence, case, alert or group that `by` speaks of'),
  until: z.string().nullable(),
})

export const GROUPINGS = ['grouped', 'flapping'] as const satisfies readonly Reason[]
export type Grouping = (typeof GROUPINGS)[number]

/** Alerts of which one is shown for all: of one rule, place and time, or of one key that will not rest. */
export const GroupSchema = z.object({
  id: z.string(),
  by: z.enum(GROUPINGS),
  members: z.number().int(),
  changes: z.number().int().nullable().describe('flapping: how often the key was raised and resolved'),
  since: z.string(),
  until: z.string().nullable().describe('grouped: takes new members until then; flapping: calm then if nothing changes, null once it is'),
})
