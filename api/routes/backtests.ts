import { z } from 'zod'
import { type Backtest, BacktestSchema, ExplanationSchema } from '../../domain/authoring.ts'
import { CodedError } from '../../domain/errors.ts'
import { DAY, SECOND } from '../../domain/time.ts'
import { DurationText, InstantText } from '../query.ts'
import { accepted, json, type Reply } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const params = z.object({ id: Id })
/** An author who moves a slider sees a small backtest at once; a proxy gives up on an answer long after this. */
const PATIENCE_MS = 10 * SECOND

const Trial = z
  .strictObject({
    set: z
      .record(z.string(), z.union([z.number(), z.string().max(1000), z.boolean()]))
      .optional()
      .describe('other values for params of the live version'),
    source: z.string().min(1).max(65_536).optional().describe('a whole other text'),
    version: z.number().int().positive().optional().describe('the text of this version'),
    from: InstantText.optional().describe('event time; 24 hours before `to`'),
    to: InstantText.optional().describe('event time; now'),
  })
  .refine(({ source, version }) => source === undefined || version === undefined, { path: ['source'], message: 'send either source or version' })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, { path: ['to'], message: 'must be later than from' })

function ready<T>(part: T | undefined): T {
  if (part === undefined) throw new CodedError('not_ready')
  return part
}

const over = ({ state }: Backtest): boolean => state !== 'waiting' && state !== 'running'

function standing(backtest: Backtest): Reply {
  return over(backtest) ? json(backtest) : accepted(backtest, `/api/v1/backtests/${backtest.id}`)
}

export const BACKTESTS: readonly Route[] = [
  route('author', {
    method: 'POST',
    path: '/api/v1/rules/{id}/backtest',
    summary: 'Run an edit over the stored observations beside the live version. What takes longer than 10 s goes on and is asked for by its Location.',
    params,
    query: z.object({ wait: DurationText.optional().describe('answer after so long at the latest; at most 10 s, which it is if absent') }),
    body: Trial,
    answer: { status: 200, what: 'the backtest, over', schema: BacktestSchema, later: 'the backtest, still running' },
    async handle({ params: { id }, query: { wait = PATIENCE_MS }, body, who, deps }) {
      await deps.register.rule(id)
      const { set, source, version } = body
      if (version !== undefined && !(await deps.register.ruleVersions(id)).some((each) => each.version === version))
        throw new CodedError('not_found', `Rule ${id} has no version ${version}.`)
      const to = body.to ?? deps.now()
      const from = body.from ?? to - DAY
      if (from >= to) throw new CodedError('request.invalid', undefined, { details: [{ where: 'body.from', why: 'must be earlier than to' }] })
      const backtester = ready(deps.backtester)
      const started = await backtester.start({ rule: id, from, to, ...(set && { set }), ...(source !== undefined && { source }), ...(version !== undefined && { version }) }, who)
      return standing(over(started) ? started : await backtester.wait(started.id, Math.min(wait, PATIENCE_MS), who))
    },
  }),
  route('author', {
    method: 'GET',
    path: '/api/v1/backtests/{id}',
    summary: 'How a backtest stands; with `wait`, once it is over or so much time has passed.',
    params,
    query: z.object({ wait: DurationText.optional() }),
    answer: { status: 200, what: 'the backtest', schema: BacktestSchema },
    async handle({ params: { id }, query: { wait }, who, deps }) {
      const backtester = ready(deps.backtester)
      return json(wait === undefined ? await backtester.get(id, who) : await backtester.wait(id, Math.min(wait, PATIENCE_MS), who))
    },
  }),
  route('author', {
    method: 'DELETE',
    path: '/api/v1/backtests/{id}',
    summary: 'Stop a backtest.',
    params,
    answer: { status: 200, what: 'the backtest', schema: BacktestSchema },
    handle: async ({ params, who, deps }) => json(await ready(deps.backtester).cancel(params.id, who)),
  }),
  route('viewer', {
    method: 'POST',
    path: '/api/v1/rules/{id}/explain',
    summary: 'Why a rule did or did not raise an alert about an asset, or about an area by its code, now or at a time.',
    params,
    body: z.strictObject({ asset: Id, at: InstantText.optional() }),
    answer: { status: 200, what: 'the explanation', schema: ExplanationSchema },
    async handle({ params: { id }, body: { asset, at }, who, deps }) {
      await deps.register.rule(id)
      return json(await ready(deps.explainer).explain({ asset, at: at ?? deps.now(), rule: id }, who))
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/assets/{id}/explain',
    summary: 'What every rule says of an asset, or of an area by its code, now or at a time.',
    params,
    query: z.object({ at: InstantText.optional() }),
    answer: { status: 200, what: 'the explanation', schema: ExplanationSchema },
    async handle({ params: { id }, query: { at }, who, deps }) {
      return json(await ready(deps.explainer).explain({ asset: id, at: at ?? deps.now() }, who))
    },
  }),
]
