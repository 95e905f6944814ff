import { areaContains } from '../../domain/area.ts'
import type { Explanation, RuleExplanation } from '../../domain/authoring.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Explainer } from '../../domain/ports/authoring.ts'
import { seesOriginals } from '../../domain/privacy.ts'
import type { Principal } from '../../domain/role.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { AssetTrace, KeyTrace } from '../../rules/explain.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { Book } from '../../store/book/book.ts'
import type { ExplainQuery } from '../engine/messages.ts'
import { becauseOf } from './because.ts'
import { quietWay, verdictWay, type Way, waysOf } from './ways.ts'

export interface ExplainDeps {
  book: Pick<Book, 'alerts' | 'assets' | 'controls' | 'ruleAlerts' | 'silences'>
  trace(query: ExplainQuery): Promise<AssetTrace | undefined>
  now(): Instant
}

/** Joins what the engine saw with what people had decided by then (domain/ports/authoring.ts). */
export function createExplainer({ book, trace, now }: ExplainDeps): Explainer {
  return {
    async explain(asked, who) {
      await refuseHidden(book, asked.asset, who)
      // Nothing is known of the future, and the engine's thread would live through all of it.
      const at = Math.min(asked.at, now())
      const traced = await trace({ ...asked, at, orders: await book.controls.casesOf(asked.asset) })
      if (!traced) throw new CodedError('not_found', 'Nothing has been heard of this asset and nobody has registered it with the engine.')
      const alertOf = alertsThen(book, at, who)
      const rules: RuleExplanation[] = []
      for (const key of seesOriginals(who) ? traced.keys : traced.keys.filter((each) => !namesThing(each, asked.asset)).map(withoutPlate)) {
        const alert = await alertOf(key)
        rules.push(explained(key, at, [...waysOf(key, at), ...(alert ? await decided(book, alert, at) : [])], alert))
      }
      return { asset: traced.asset, at: formatInstant(at), values: traced.values, rules: [...rules, ...traced.notSelected.map(notSelected)] } satisfies Explanation
    },
  }
}

/** Things in a picture are keys of their own, named by their plates where these were read; those that no alert names are not everybody's to know. */
function namesThing({ key, alert }: KeyTrace, asset: string): boolean {
  return alert === null && key.startsWith(`${asset}/`)
}

function withoutPlate(key: KeyTrace): KeyTrace {
  return { ...key, clauses: key.clauses.map((clause) => ({ ...clause, operands: clause.operands.filter(({ text }) => !/\bplate\b/.test(text)) })) }
}

/** An area's alert is about its code, which is no asset: whoever sees the area may ask. */
async function refuseHidden({ assets }: ExplainDeps['book'], asset: string, { area }: Principal): Promise<void> {
  if (await assets.find(asset, area)) return
  if ((await assets.find(asset)) || !areaContains(area, asset)) throw new CodedError('not_found')
}

/** The alert of a key that stood then. The engine remembers those of a day; the book all. */
function alertsThen({ alerts, ruleAlerts }: ExplainDeps['book'], at: Instant, { area }: Principal): (key: KeyTrace) => Promise<AlertRecord | undefined> {
  const known = new Map<string, ReturnType<typeof ruleAlerts.between>>()
  return async (key) => {
    if (key.state === 'shadow') return undefined
    const standing = known.get(key.rule) ?? ruleAlerts.between(key.rule, at, at)
    known.set(key.rule, standing)
    const id = key.alert ?? (await standing).find((each) => each.key === key.key && (each.resolvedAt === null || at < each.resolvedAt))?.id
    return id === undefined ? undefined : alerts.find(id, area)
  }
}

/** What people had decided of an alert by then; of one that was raised later than that, when it was. */
async function decided({ alerts, silences }: ExplainDeps['book'], alert: AlertRecord, at: Instant): Promise<Way[]> {
  const [timeline, moment] = [await alerts.timeline(alert.id), Math.max(at, alert.raisedAt)]
  return [...verdictWay(timeline, moment), ...quietWay(timeline, moment, await silences.at(moment))]
}

const OUTCOMES = { idle: 'idle', pending: 'pending', firing: 'firing', recovering: 'recovering', cooling: 'idle', waiting: 'quiet', reminded: 'quiet' } as const

function explained(key: KeyTrace, at: Instant, ways: Way[], alert: AlertRecord | undefined): RuleExplanation {
  const { gathers } = key
  const quiet = key.hold.phase === 'firing' && ((gathers && !gathers.members) || ways.some(({ what }) => what === 'silence'))
  return {
    rule: key.rule,
    version: key.version,
    state: key.state,
    key: key.key,
    outcome: quiet ? 'quiet' : OUTCOMES[key.hold.phase],
    because: becauseOf(key, at),
    clauses: key.clauses,
    hold: holdOf(key, at),
    inTheWay: ways,
    observation: key.observation && { ...key.observation, at: formatInstant(key.observation.at) },
    alert: key.alert ?? alert?.id ?? null,
    ...(gathers?.members && {
      members: gathers.members.map(({ asset, from, to, severity }) => ({ asset, since: formatInstant(from), until: to === null ? null : formatInstant(to), severity })),
    }),
  }
}

function holdOf({ hold, forMs, clearMs }: KeyTrace, at: Instant): RuleExplanation['hold'] {
  switch (hold.phase) {
    case 'idle':
    case 'cooling':
    case 'waiting':
      return null
    case 'recovering':
      return { since: formatInstant(hold.clearSince), forMs: clearMs, leftMs: Math.max(0, hold.clearSince + clearMs - at) }
    case 'pending':
      return { since: formatInstant(hold.since), forMs, leftMs: Math.max(0, hold.since + forMs - at) }
    default:
      return { since: formatInstant(hold.since), forMs, leftMs: 0 }
  }
}

function notSelected(rule: string): RuleExplanation {
  return {
    rule,
    version: 0,
    state: 'live',
    key: '',
    outcome: 'not_selected',
    because: { zh: '该规则不适用于此资产', en: 'The rule does not apply to this asset: its kind, area, labels or bindings.' },
    clauses: [],
    hold: null,
    inTheWay: [],
    observation: null,
    alert: null,
  }
}
