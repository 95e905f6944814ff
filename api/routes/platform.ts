import { z } from 'zod'
import { TextsSchema } from '../../domain/asset.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { pack } from '../packed.ts'
import { json } from '../reply.ts'
import { openRoute, type Route, route } from '../route.ts'

const State = z.enum(['ok', 'failing', 'starting'])

export const PLATFORM: readonly Route[] = [
  openRoute('open', {
    method: 'GET',
    path: '/api/v1/health',
    summary: 'How the platform is. To probes one word, with status 503 when it is not ok; to operators the report with every part.',
    answer: {
      status: 200,
      what: 'how it is',
      schema: z.object({ status: State, parts: z.record(z.string(), z.looseObject({ state: State, why: z.string().optional() })).optional() }),
    },
    async handle({ who, deps }) {
      const report = await deps.health()
      if (who && roleAtLeast(who.role, 'operator')) return json(report)
      return { json: { status: report.status }, status: report.status === 'ok' ? 200 : 503 }
    },
  }),
  openRoute('local', {
    method: 'GET',
    path: '/metrics',
    summary: "Metrics in Prometheus' text format, with a token or from the machine itself.",
    answer: { status: 200, what: 'metrics', media: ['text/plain'] },
    handle: async ({ deps }) => ({ text: await deps.metrics(), type: 'text/plain; version=0.0.4; charset=utf-8' }),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/site',
    summary: 'Name, place and languages of this city.',
    answer: {
      status: 200,
      what: 'the site',
      schema: z.object({ name: TextsSchema, center: z.tuple([z.number(), z.number()]), zoom: z.number(), tileUrl: z.string().nullable(), languages: z.array(z.string()) }),
    },
    handle: async ({ deps }) => json(deps.site()),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/basemap',
    summary: 'The base map as GeoJSON.',
    answer: { status: 200, what: 'a FeatureCollection', schema: z.looseObject({ type: z.literal('FeatureCollection'), features: z.array(z.unknown()) }) },
    handle: async ({ deps }) => ({ packed: await pack(deps.basemap()) }),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/feed',
    summary:
      'Server-Sent Events: `alert` and `case` with the whole object, `rule` when a version was saved or moved, `asset` with newest values, `ready` and `reset`. Last-Event-ID resumes.',
    query: z.object({ lastEventId: z.string().max(32).optional().describe('for clients that cannot set the header') }),
    answer: { status: 200, what: 'events, without end', media: ['text/event-stream'] },
    handle: async ({ query, who, origin, deps }) => ({
      // A browser that comes back sends the header; the query is still what its page began with.
      stream: await deps.feed.open({ who, lastEventId: origin.lastEventId ?? query.lastEventId, stillWho: origin.stillWho }),
    }),
  }),
]
