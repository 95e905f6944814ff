import { z } from 'zod'
import { BLIND_CAUSES } from '../../domain/coverage.ts'
import { CodedError } from '../../domain/errors.ts'
import { DAY } from '../../domain/time.ts'
import { InstantText, PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const Counts = z.record(z.string(), z.number().int())
const Stretch = z.object({
  frames: z.number().int().describe('= inferred + gated + dropped'),
  inferred: z.number().int(),
  gated: Counts.describe('by reason: still, off_schedule'),
  dropped: Counts.describe('by reason: superseded, unheard, unreadable, crashed, failed, not_recorded, stopped, model'),
  blindMinutes: z.number().describe('for so long the last look was older than its interval; without the time off duty'),
  causes: z.partialRecord(z.enum(BLIND_CAUSES), z.number()).describe('minutes by cause, those off duty too'),
})
const CoverageSchema = Stretch.extend({
  camera: z.string(),
  algorithm: z.string(),
  cause: z.enum(BLIND_CAUSES).nullable().describe('of most blind minutes'),
  hours: z.array(Stretch.extend({ at: z.string().describe('when the hour begins') })),
})

export const COVERAGE: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/coverage',
    summary: 'Which camera × algorithm was really looked at, hour by hour, and why not; most blind minutes first. The last 24 hours if no time is given.',
    query: z.object({ camera: Id.optional(), algorithm: Id.optional(), from: InstantText.optional(), to: InstantText.optional(), ...PAGE }),
    answer: { status: 200, what: 'coverage', schema: pageOf(CoverageSchema) },
    async handle({ query: { from, to, camera, algorithm, ...page }, who, deps }) {
      const end = to ?? deps.now()
      const start = from ?? end - DAY
      if (start >= end) throw new CodedError('request.invalid', undefined, { details: [{ where: 'query.from', why: 'must be before `to`' }] })
      return json(await deps.coverage.list({ ...page, ...(camera !== undefined && { camera }), ...(algorithm !== undefined && { algorithm }), from: start, to: end }, who))
    },
  }),
]
