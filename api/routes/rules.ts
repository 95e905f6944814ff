import { z } from 'zod'
import { RuleAsksSchema, RuleDiffSchema, RuleStatsSchema } from '../../domain/authoring.ts'
import { CodedError } from '../../domain/errors.ts'
import type { RuleTarget } from '../../domain/ports/authoring.ts'
import type { RuleHead } from '../../domain/ports/register.ts'
import type { Principal } from '../../domain/role.ts'
import { GuardSchema, OverrideSchema, RULE_STATES, RuleFileSchema } from '../../domain/rule.ts'
import { asksOf } from '../../rules/asks.ts'
import type { ApiDeps } from '../deps.ts'
import { PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id, Note } from './fields.ts'
import { timed } from './timed.ts'

const params = z.object({ id: Id })
const VersionNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be the number of a version')
  .transform(Number)
const versionParams = z.object({ id: Id, n: VersionNumber })
const AreaCode = z.string().regex(/^[\w.:~-]{1,32}$/, 'must be the code of an area or the id of a grid')
const Areas = z.array(AreaCode).min(1).max(1000).describe('live in these areas first; elsewhere the version that was live stays')

const Brief = z.object({
  version: z.number().int(),
  state: z.enum(RULE_STATES),
  areas: z.array(z.string()).nullable().describe('live in these areas only; null: everywhere'),
  guard: GuardSchema.nullable(),
  author: z.string(),
  at: z.string(),
  note: z.string(),
  since: z.string().describe('since when it is in this state'),
  movedBy: z.string(),
  why: z.string().describe('why it is in this state, for example what a guard counted or what a quarantined rule did'),
})
const View = Brief.extend({
  id: z.string(),
  file: RuleFileSchema,
  source: z.string().describe('as its author wrote it'),
  base: z.string().nullable().describe('source of the rule that it extends, as it was when this was written'),
  baseOutdated: z.boolean().describe('that rule is live with another source by now'),
})
const Head = View.extend({
  newest: z.number().int().describe('number of the newest version: what PUT must carry as `version`'),
  inForce: z.array(Brief).describe('all versions that are live, in shadow or quarantined, newest first'),
  stats: RuleStatsSchema,
  sees: RuleAsksSchema.describe('of a rule over scenes: which objects count'),
})
const Move = z.object({ at: z.string(), by: z.string(), state: z.enum([...RULE_STATES, 'removed']), areas: z.array(z.string()).nullable(), note: z.string() })

const Param = z.union([z.number(), z.string().max(1000), z.boolean()])
const Edit = z
  .strictObject({
    version: z.number().int().min(0).describe('the newest version that you know; 0 for a new rule'),
    note: Note.describe('why'),
    source: z.string().min(1).max(65_536).optional().describe('the whole text'),
    set: z.record(z.string(), Param).optional().describe('other values for these params, the rest of the text untouched'),
    overrides: z.array(OverrideSchema).max(1000).optional().describe('replace those of the text'),
    from: z.number().int().positive().optional().describe('for set and overrides: the version whose text to edit, if not `version`'),
    state: z.enum(['draft', 'shadow', 'live']).default('draft').describe('where the new version goes at once'),
    areas: Areas.optional(),
    guard: GuardSchema.optional(),
  })
  .refine(({ source, set, overrides }) => (source === undefined) !== (set === undefined && overrides === undefined), {
    path: ['source'],
    message: 'send either source, or set and overrides',
  })
  .refine(({ areas, state }) => areas === undefined || state === 'live', { path: ['areas'], message: 'only a live version has areas' })

/** The audit log needs no copy of the text: every version keeps its own. */
const editDetail = ({ source, ...edit }: z.output<typeof Edit>): string => JSON.stringify({ ...edit, ...(source === undefined ? {} : { source: `${source.length} characters` }) })

async function withStats(heads: readonly RuleHead[], who: Principal, { authoring, now }: ApiDeps): Promise<unknown[]> {
  const stats = await authoring.stats(
    heads.map(({ id }) => id),
    now(),
    who,
  )
  return heads.map((head) => timed({ ...head, stats: stats.get(head.id), sees: asksOf(head.file) }))
}

const targetOf = ({ state, areas, guard }: { state: RuleTarget['state']; areas?: string[] | undefined; guard?: RuleTarget['guard'] | undefined }): RuleTarget => ({
  state,
  ...(areas && { areas }),
  ...(guard && { guard }),
})

const Live = z.strictObject({ note: Note, areas: Areas.optional(), guard: GuardSchema.optional() })
const NotLive = z.strictObject({ note: Note })
const MOVES = {
  draft: { summary: 'Take a version out of force; nothing takes its place.', body: NotLive },
  shadow: { summary: 'Let a version run beside the live one: it raises nothing and is counted. It replaces the one that was in shadow.', body: NotLive },
  live: { summary: 'Put a version in force, an old one too; the one that was live goes out with the same record. With `areas` it stays in force elsewhere.', body: Live },
} as const

function move(state: keyof typeof MOVES): Route {
  const { summary, body } = MOVES[state]
  return route('author', {
    method: 'POST',
    path: `/api/v1/rules/{id}/versions/{n}/${state}`,
    summary,
    params: versionParams,
    body: body as typeof Live,
    answer: { status: 200, what: 'the version', schema: View },
    audit: { what: `rule.${state}`, detail: (given, { n }) => JSON.stringify({ version: n, ...given }) },
    handle: async ({ params, body: { note, ...to }, who, deps }) => json(timed(await deps.authoring.move(params.id, params.n, { ...targetOf({ state, ...to }), note }, who))),
  })
}

export const RULES: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules',
    summary: 'The rules of the city, each as it is now and how it fares in your area.',
    query: z.object(PAGE),
    answer: { status: 200, what: 'rules', schema: pageOf(Head) },
    async handle({ query, who, deps }) {
      const { items, next } = await deps.register.rules(query)
      return json({ items: await withStats(items, who, deps), next })
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules/{id}',
    summary: 'One rule as it is now: the version that is live, else quarantined, else in shadow, else the newest draft.',
    params,
    answer: { status: 200, what: 'the rule', schema: Head },
    handle: async ({ params, who, deps }) => json((await withStats([await deps.register.rule(params.id)], who, deps))[0]),
  }),
  route('author', {
    method: 'PUT',
    path: '/api/v1/rules/{id}',
    summary: 'Save a new version: a whole text, or other values for params and overrides. Whoever does not know the newest version gets 409 with who wrote it and when.',
    params,
    body: Edit,
    answer: { status: 200, what: 'the new version', schema: View },
    audit: { what: 'rule.save', detail: editDetail },
    async handle({ params, body, who, deps }) {
      const { version, note, source, set, overrides, from, ...to } = body
      const edit = { version, note, ...(source !== undefined && { source }), ...(set && { set }), ...(overrides && { overrides }), ...(from !== undefined && { from }) }
      return json(timed(await deps.authoring.save(params.id, { ...edit, ...(to.state !== 'draft' && { to: targetOf(to) }) }, who)))
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules/{id}/versions',
    summary: 'All versions of a rule, newest first, with every move that they made.',
    params,
    query: z.object(PAGE),
    answer: { status: 200, what: 'versions', schema: pageOf(View.extend({ moves: z.array(Move).describe('oldest first') })) },
    async handle({ params, query: { limit, cursor }, deps }) {
      const before = cursor === undefined ? Infinity : Number(cursor)
      if (Number.isNaN(before)) throw new CodedError('cursor.invalid')
      const rest = (await deps.register.ruleVersions(params.id)).filter(({ version }) => version < before)
      return json({ items: rest.slice(0, limit).map(timed), next: rest.length > limit ? String(rest[limit - 1]?.version) : null })
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules/{id}/versions/{n}/diff',
    summary: 'What changed from this version to the version `to`; without `to`, what this version changed in the one before it.',
    params: versionParams,
    query: z.object({ to: z.number().int().min(0).optional() }),
    answer: { status: 200, what: 'the difference', schema: RuleDiffSchema },
    async handle({ params: { id, n }, query: { to }, deps }) {
      if (to !== undefined) return json(await deps.authoring.diff(id, n, to))
      const versions = (await deps.register.ruleVersions(id)).map(({ version }) => version)
      if (!versions.includes(n)) throw new CodedError('not_found')
      return json(await deps.authoring.diff(id, Math.max(0, ...versions.filter((version) => version < n)), n))
    },
  }),
  move('draft'),
  move('shadow'),
  move('live'),
]
