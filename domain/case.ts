import { z } from 'zod'
import { MatterSchema } from './rule.ts'

export const CASE_STATES = ['reported', 'verifying', 'accepted', 'registered', 'dispatched', 'handling', 'feedback', 'checking', 'closed', 'evaluated', 'rejected', 'void'] as const
export type CaseState = (typeof CASE_STATES)[number]

/** The work is done: what hangs on the case (its topic, its alerts' topics) ends. */
export const CASE_CLOSED: readonly CaseState[] = ['closed', 'evaluated']
/** The work is over, done or not; a maintenance order in such a state no longer informs rules (S12). */
export const CASE_OVER: readonly CaseState[] = ['closed', 'evaluated', 'rejected', 'void']

export const CASE_LEVELS = ['grid', 'street', 'district'] as const

/** A case as the contract shows it. Times are RFC 3339. */
export const CaseSchema = z.object({
  id: z.string(),
  type: z.string(),
  alerts: z.array(z.string()),
  state: z.enum(CASE_STATES),
  matter: MatterSchema.nullable(),
  asset: z.string().nullable(),
  department: z.string().nullable(),
  level: z.enum(CASE_LEVELS),
  dueAt: z.string().nullable(),
  history: z.array(
    z.object({ at: z.string(), by: z.string(), from: z.enum(CASE_STATES).nullable(), to: z.enum(CASE_STATES), note: z.string(), photos: z.array(z.string()).optional() }),
  ),
})
/** The city's piece of work for one or more alerts. */
export type Case = z.infer<typeof CaseSchema>
