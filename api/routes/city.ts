import { z } from 'zod'
import { AREA_LEVELS, type Area, areaContains } from '../../domain/area.ts'
import { ASSET_KINDS, AssetSchema, IdSchema } from '../../domain/asset.ts'
import { CodedError } from '../../domain/errors.ts'
import type { AssetId } from '../../domain/ids.ts'
import type { AssetView } from '../../domain/ports/register.ts'
import { formatInstant } from '../../domain/time.ts'
import { BboxText, PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ id: IdSchema })
const Point = z.tuple([z.number(), z.number()])

const AssetViewSchema = AssetSchema.extend({
  values: z.record(z.string(), z.unknown()).describe('newest values that its devices reported'),
  at: z.string().nullable().describe('when the newest of them was observed'),
})
const AreaSchema = z.object({ code: z.string(), level: z.enum(AREA_LEVELS), name: z.string(), polygon: z.array(z.array(Point)) })

function shown(asset: AssetView): Record<string, unknown> {
  return { ...asset, at: asset.at === null ? null : formatInstant(asset.at) }
}

/** Areas are few and change seldom: their code is the cursor. */
function stretch(areas: readonly Area[], limit: number, cursor: string | undefined): { items: Area[]; next: string | null } {
  const rest = areas.filter((area) => cursor === undefined || area.code > cursor).sort((a, b) => (a.code < b.code ? -1 : 1))
  const items = rest.slice(0, limit)
  return { items, next: rest.length > limit ? (items.at(-1)?.code ?? null) : null }
}

export const CITY: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/assets',
    summary: 'Assets of your area with their newest values.',
    query: z.object({
      kind: z.enum(ASSET_KINDS).optional(),
      bbox: BboxText.optional(),
      q: z.string().max(100).optional().describe('part of an id or a name'),
      ...PAGE,
    }),
    answer: { status: 200, what: 'assets', schema: pageOf(AssetViewSchema) },
    async handle({ query, who, deps }) {
      const { items, next } = await deps.register.assets(query, who)
      return json({ items: items.map(shown), next })
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/assets/{id}',
    summary: 'One asset with its newest values.',
    params,
    answer: { status: 200, what: 'the asset', schema: AssetViewSchema },
    handle: async ({ params, who, deps }) => json(shown(await deps.register.asset(params.id, who))),
  }),
  route('author', {
    method: 'PUT',
    path: '/api/v1/assets/{id}',
    summary: 'Register an asset, or replace it as a whole: it decides which rules watch what, so it takes an author.',
    params,
    // `values` and `at` may come back as they were read; they are what devices say, not what a person writes.
    body: AssetSchema.omit({ origin: true })
      .extend({ id: IdSchema.optional(), origin: z.unknown().optional(), values: z.unknown().optional(), at: z.unknown().optional() })
      .strict(),
    answer: { status: 200, what: 'the asset', schema: AssetViewSchema },
    audit: { what: 'asset.put' },
    async handle({ params, body, who, deps }) {
      if (body.id !== undefined && body.id !== params.id) throw new CodedError('request.invalid', undefined, { details: [{ where: 'body.id', why: 'must be the id in the path' }] })
      if (body.area !== null && !areaContains(who.area, body.area)) throw new CodedError('not_found')
      const { values: _values, at: _at, origin: _origin, ...asset } = body
      return json(shown(await deps.register.putAsset({ ...asset, id: params.id as AssetId, origin: 'registered' }, who)))
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/areas',
    summary: 'Areas with their outlines, by code.',
    query: z.object({ level: z.enum(AREA_LEVELS).optional(), ...PAGE }),
    answer: { status: 200, what: 'areas', schema: pageOf(AreaSchema) },
    handle: async ({ query, deps }) => json(stretch(await deps.register.areas(query.level), query.limit, query.cursor)),
  }),
]
