import { z } from 'zod'

/** What speaks for or against a candidate; people read them in their own language. */
export const REASONS_WHY = [
  'passed',
  'near',
  'plate',
  'plate_elsewhere',
  'direction',
  'loaded',
  'empty',
  'lid_open',
  'bed_raised',
  'gap',
  'clock_uncertain',
  'no_terminal',
] as const
export type ReasonWhy = (typeof REASONS_WHY)[number]

export const CandidateSchema = z.object({
  rank: z.number().int().min(1),
  vehicle: z.string().nullable().describe('asset id; null: unknown, a vehicle without a working terminal'),
  plate: z.string().nullable(),
  probability: z.number().min(0).max(1).describe('of all candidates together 1, unknown included'),
  distanceM: z.number().nullable().describe('from the place to where it most probably passed, by its terminal'),
  when: z.string().nullable().describe('when it most probably passed'),
  why: z.array(z.enum(REASONS_WHY)),
})
/** A vehicle that may have done it. */
export type Candidate = z.infer<typeof CandidateSchema>

export const CulpritSchema = z.object({ asset: z.string(), plate: z.string().nullable(), probability: z.number().min(0).max(1) })
/** The one candidate of whom the platform is sure enough to put its plate on the alert. */
export type Culprit = z.infer<typeof CulpritSchema>
