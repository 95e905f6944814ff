import { z } from 'zod'

/** What a gateway says of itself, retained, and as its will. */
export const GatewayStatusSchema = z.object({
  state: z.enum(['online', 'draining', 'offline', 'stopped']),
  at: z.union([z.string(), z.number()]),
  oldest: z.union([z.string(), z.number()]).optional(),
})
export type GatewayStatus = z.infer<typeof GatewayStatusSchema>

/** What a gateway hears about a message that was refused. */
export const RejectNoticeSchema = z.object({ topic: z.string(), code: z.string(), why: z.string(), at: z.string() })
export type RejectNotice = z.infer<typeof RejectNoticeSchema>
