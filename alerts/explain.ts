import type { Explanation, RuleExplanation } from '../domain/authoring.ts'
import { CodedError } from '../domain/errors.ts'
import type { Explainer } from '../domain/ports/authoring.ts'
import type { Register } from '../domain/ports/register.ts'
import { formatDuration, formatInstant, type Instant } from '../domain/time.ts'
import type { AssetTrace, KeyTrace } from '../rules/explain.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import type { ExplainQuery } from './engine/messages.ts'

export interface ExplainDeps {
  book: Pick<Book, 'alerts'>
  register: Pick<Register, 'asset'>
  trace(query: ExplainQuery): Promise<AssetTrace | undefined>
  now(): Instant
}

/** Joins what the engine saw with what people decided (domain/ports/authoring.ts). */
export function createExplainer({ book, register, trace, now }: ExplainDeps): Explainer {
  return {
    async explain(asked, who) {
      await register.asset(asked.asset, who)
      // Nothing is known of the future, and the engine's thread would live through all of it.
      const query = { ...asked, at: Math.min(asked.at, now()) }
      const traced = await trace(query)
      if (!traced) throw new CodedError('not_found', 'Nothing has been heard of this asset and nobody has registered it with the engine.')
      const rules: RuleExplanation[] = []
      for (const key of traced.keys) {
        const alert = key.alert === null ? undefined : await book.alerts.find(key.alert, who.area)
        rules.push(explained(key, query.at, [...inTheWay(key, query.at), ...(alert ? [...verdictOf(alert), ...quietOf(alert)] : [])]))
      }
      return { asset: traced.asset, at: formatInstant(query.at), values: traced.values, rules: [...rules, ...traced.notSelected.map(notSelected)] } satisfies Explanation
    },
  }
}

const OUTCOMES = { idle: 'idle', pending: 'pending', firing: 'firing', recovering: 'recovering', cooling: 'idle', waiting: 'quiet', reminded: 'quiet' } as const

function explained(key: KeyTrace, at: Instant, ways: RuleExplanation['inTheWay']): RuleExplanation {
  const quiet = key.hold.phase === 'firing' && (key.gathers !== undefined || ways.some(({ what }) => what === 'silence'))
  const outcome = quiet ? 'quiet' : OUTCOMES[key.hold.phase]
  return {
    rule: key.rule,
    version: key.version,
    state: key.state,
    key: key.key,
    outcome,
    because: becauseOf(key, at),
    clauses: key.clauses,
    hold: holdOf(key, at),
    inTheWay: ways,
    observation: key.observation && { ...key.observation, at: formatInstant(key.observation.at) },
    alert: key.alert,
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

/** One sentence that a person can act on. */
function becauseOf(key: KeyTrace, at: Instant): RuleExplanation['because'] {
  const { hold, forMs, clearMs } = key
  switch (hold.phase) {
    case 'pending': {
      const left = formatDuration(Math.max(0, hold.since + forMs - at))
      return { zh: `条件自 ${formatInstant(hold.since)} 起成立,还需持续 ${left}`, en: `The condition has held since ${formatInstant(hold.since)}; it must hold for ${left} more.` }
    }
    case 'firing':
      if (key.gathers) return gatheredBecause(formatInstant(hold.since), key.gathers)
      return { zh: `条件自 ${formatInstant(hold.since)} 起成立,已告警`, en: `The condition has held since ${formatInstant(hold.since)}; the alert stands.` }
    case 'recovering': {
      const left = formatDuration(Math.max(0, hold.clearSince + clearMs - at))
      return { zh: `正在恢复,再持续 ${left} 后解除`, en: `It is recovering; the alert resolves after ${left} more.` }
    }
    case 'reminded': {
      const since = hold.remindedAt === undefined ? '' : formatInstant(hold.remindedAt)
      return since === ''
        ? { zh: '条件成立,提醒尚未发出', en: 'The condition is true; the reminder is still to be sent.' }
        : { zh: `条件成立,已于 ${since} 提醒,仍在等待离开`, en: `The condition is true; somebody was reminded at ${since} and has time to leave.` }
    }
    case 'waiting':
      return {
        zh: `条件成立,但上次告警后的冷却期到 ${formatInstant(hold.since)} 为止`,
        en: `The condition is true, but the cool-down after the last alert lasts until ${formatInstant(hold.since)}.`,
      }
    default:
      return idleBecause(key)
  }
}

function gatheredBecause(since: string, { area, count }: NonNullable<KeyTrace['gathers']>): RuleExplanation['because'] {
  if (area === null)
    return {
      zh: `条件自 ${since} 起成立,但此资产没有区域,不计入任何区域`,
      en: `The condition has held since ${since}, but nobody says in which area the asset lies, so it counts in none.`,
    }
  return {
    zh: `条件自 ${since} 起成立,计入区域 ${area};该区域共 ${count} 个才告警`,
    en: `The condition has held since ${since}; it counts in area ${area}, where ${count} together raise one alert.`,
  }
}

/** Of what keeps a condition from being true: what is not known first, then the clause that is nearest to turning. */
function idleBecause({ clauses, observation }: KeyTrace): RuleExplanation['because'] {
  if (!observation) return { zh: '该时间之前一天内没有相关观测', en: 'There was no observation of this kind in the day before.' }
  const mine = clauses.filter(({ part }) => part === 'when')
  const unknown = mine.find(({ holds }) => holds === null)
  const nearest = mine.filter(({ holds, margin }) => holds === false && margin !== null).sort((a, b) => (a.margin ?? 0) - (b.margin ?? 0))[0]
  if (nearest) return { zh: `条件不成立:${nearest.text},相差 ${round(nearest.margin)}`, en: `The condition is false: ${nearest.text} is ${round(nearest.margin)} away.` }
  if (unknown) return { zh: `条件未知:${unknown.text} 缺少数据`, en: `The condition is unknown: nothing is known for ${unknown.text}.` }
  const failing = mine.find(({ holds }) => holds === false)
  return failing ? { zh: `条件不成立:${failing.text}`, en: `The condition is false: ${failing.text}.` } : { zh: '条件不成立', en: 'The condition is false.' }
}

function round(value: number | null): number {
  return Number((value ?? 0).toPrecision(4))
}

function inTheWay(key: KeyTrace, at: Instant): RuleExplanation['inTheWay'] {
  const ways: RuleExplanation['inTheWay'] = []
  if (key.informed) ways.push({ what: 'maintenance', detail: 'a maintenance order is open: information only', until: null })
  if (key.state === 'shadow') ways.push({ what: 'shadow', detail: `version ${key.version} is in shadow and raises nothing`, until: null })
  if (key.hold.phase === 'cooling' || key.hold.phase === 'waiting')
    ways.push({ what: 'coolDown', detail: 'after an alert has resolved the rule rests', until: formatInstant(key.hold.since) })
  for (const field of key.stale) ways.push({ what: 'stale', detail: `${field} is too old to count`, until: null })
  if (key.sinceAt > at)
    ways.push({ what: 'notBound', detail: `version ${key.version} came into force later, at ${formatInstant(key.sinceAt)}: this is how it would have judged`, until: null })
  return ways
}

/** After a verdict the same key raises nothing new until it has resolved once (S11). */
function verdictOf({ verdict }: AlertRecord): RuleExplanation['inTheWay'] {
  return verdict === null ? [] : [{ what: 'verdict', detail: `judged ${verdict}: nothing new is raised until it has resolved`, until: null }]
}

/** What keeps it from being shown to operators; that it is a group's or a flapping key's is no reason that it should not have been raised. */
function quietOf({ attention }: AlertRecord): RuleExplanation['inTheWay'] {
  const { by } = attention
  if (by !== 'silence' && by !== 'maintenance' && by !== 'inhibited' && by !== 'fused') return []
  const until = attention.until === null ? null : formatInstant(attention.until)
  return [{ what: by === 'fused' ? 'inhibited' : by, detail: `kept quiet by ${attention.ref ?? 'planned work'}`, until }]
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
