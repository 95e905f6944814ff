import { z } from 'zod'
import { DispatchSchema, SEVERITIES } from './rule.ts'

/** How sure an alert is: one source says so; another one of another kind says the same; cameras see what it denies. */
export const CERTAINTIES = ['single', 'confirmed', 'doubted'] as const
export type Certainty = (typeof CERTAINTIES)[number]

export const FusedSchema = z
  .object({ id: z.string(), rule: z.string(), asset: z.string() })
  .describe('an alert that told of the same thing at the same time; its evidence is among that of this one')
/** The other alert of two that are shown as one. */
export type Fused = z.infer<typeof FusedSchema>

export const DoubtfulSchema = z.object({
  camera: z.string(),
  label: z.string().describe('what it saw'),
  looks: z.number().int().describe('so many of its newest looks'),
  of: z.number().int(),
  at: z.string().describe('the newest of them'),
})
/** What a camera saw that an alert denies. */
export type Doubtful = z.infer<typeof DoubtfulSchema>

/** As the book keeps it: with what the rule itself says, for when the doubt is withdrawn. */
export const DoubtRecordSchema = DoubtfulSchema.extend({ severity: z.enum(SEVERITIES), dispatch: DispatchSchema.nullable() })
export type DoubtRecord = z.infer<typeof DoubtRecordSchema>
