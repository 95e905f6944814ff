import { z } from 'zod'
import { asyncapi } from './asyncapi.ts'
import { openapi } from './openapi.ts'
import { pack } from './packed.ts'
import { type Route, route } from './route.ts'
import { ALERTS } from './routes/alerts.ts'
import { BACKTESTS } from './routes/backtests.ts'
import { CALENDARS } from './routes/calendars.ts'
import { CAMERAS } from './routes/cameras.ts'
import { CASES } from './routes/cases.ts'
import { CITY } from './routes/city.ts'
import { COVERAGE } from './routes/coverage.ts'
import { DESKS } from './routes/desks.ts'
import { EVIDENCE } from './routes/evidence.ts'
import { LIVE } from './routes/live.ts'
import { PLATFORM } from './routes/platform.ts'
import { RULE_LANGUAGE } from './routes/rule-language.ts'
import { RULES } from './routes/rules.ts'
import { SESSION } from './routes/session.ts'
import { SILENCES } from './routes/silences.ts'
import { TELEMETRY } from './routes/telemetry.ts'

let documents: { openapi: object; asyncapi: object } | undefined

function written(): { openapi: object; asyncapi: object } {
  documents ??= { openapi: openapi(ROUTES), asyncapi: asyncapi() }
  return documents
}

const document = { status: 200, what: 'the document', schema: z.looseObject({}) } as const

/** Every path of the API. There is no other list: router, role check, OpenAPI and tests read this one. */
export const ROUTES: readonly Route[] = [
  ...SESSION,
  ...ALERTS,
  ...SILENCES,
  ...CASES,
  ...DESKS,
  ...CITY,
  ...CAMERAS,
  ...EVIDENCE,
  ...LIVE,
  ...COVERAGE,
  ...RULES,
  ...RULE_LANGUAGE,
  ...BACKTESTS,
  ...CALENDARS,
  ...TELEMETRY,
  ...PLATFORM,
  route('viewer', {
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This API as OpenAPI 3.1.',
    answer: document,
    handle: async () => ({ packed: await pack(written().openapi) }),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/asyncapi.json',
    summary: 'The MQTT topics as AsyncAPI 3.0.',
    answer: document,
    handle: async () => ({ packed: await pack(written().asyncapi) }),
  }),
]
