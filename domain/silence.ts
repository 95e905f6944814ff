import { z } from 'zod'
import { SEVERITIES } from './rule.ts'
import { DAY } from './time.ts'

/** `maintenance`: a planned window of work; the same in effect, another word for people. */
export const SILENCE_KINDS = ['silence', 'maintenance'] as const
export type SilenceKind = (typeof SILENCE_KINDS)[number]

/** No silence is endless: whoever wants a longer one must say so again. */
export const LONGEST_SILENCE_MS = 30 * DAY

/** Which alerts a silence is about: all that is named must agree. */
export const MatchersSchema = z.strictObject({
  rule: z.string().max(128).optional(),
  asset: z.string().max(128).optional(),
  /** Code of an area: everything in it. */
  area: z.string().max(32).optional(),
  /** Only these; an alert that rises to another severity is shown. */
  severity: z.array(z.enum(SEVERITIES)).min(1).optional(),
  key: z.string().max(256).optional(),
})
export type Matchers = z.infer<typeof MatchersSchema>

export const SILENCE_STATES = ['scheduled', 'active', 'expired', 'removed'] as const
export type SilenceState = (typeof SILENCE_STATES)[number]

/** A silence as the contract shows it: by whom, until when, why, and what it does. Times are RFC 3339. */
export const SilenceSchema = z.object({
  id: z.string(),
  kind: z.enum(SILENCE_KINDS),
  matchers: MatchersSchema,
  from: z.string(),
  to: z.string(),
  by: z.string(),
  at: z.string(),
  reason: z.string(),
  state: z.enum(SILENCE_STATES),
  removedBy: z.string().nullable(),
  endedAt: z.string().nullable(),
  quiet: z.number().int().describe('alerts in your area that go on and that it keeps quiet now'),
})
export type SilenceView = z.infer<typeof SilenceSchema>
