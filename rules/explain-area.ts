import { AREA_DIGITS } from '../domain/area.ts'
import type { Instant } from '../domain/time.ts'
import type { AssetTrace, KeyTrace } from './explain.ts'
import { ruleOf } from './gather.ts'
import type { Gathering, Member } from './gathering.ts'
import { IDLE } from './hold.ts'
import type { CompiledRule } from './rule.ts'
import type { EngineState } from './state.ts'

/** Why an area does or does not have an alert: who counts in it at `at`; undefined when nothing is ever counted there. */
export function explainArea(state: EngineState, query: { asset: string; at: Instant; rule?: string }): AssetTrace | undefined {
  const keys = [...state.rules].flatMap(([id, lanes]) => {
    if (query.rule !== undefined && query.rule !== id) return []
    return [id, `${id}@shadow`].flatMap((name) => {
      const gathering = state.gatherings.get(`${name}|${query.asset}`)
      const rule = ruleOf(gathering ?? { rule: name, area: query.asset }, lanes)
      return rule?.gather && (gathering || counts(rule, query.asset)) ? [traceOf(rule, query.asset, gathering, query.at)] : []
    })
  })
  return keys.length > 0 ? { asset: query.asset, at: Math.min(query.at, state.clock), values: {}, keys, notSelected: [] } : undefined
}

/** An area in which nobody has been true yet. */
function counts({ gather }: CompiledRule, area: string): boolean {
  return gather !== undefined && /^\d+$/.test(area) && area.length === AREA_DIGITS[gather.by]
}

function traceOf(rule: CompiledRule, area: string, gathering: Gathering | undefined, at: Instant): KeyTrace {
  const alert = gathering?.raised.find(({ openedAt, resolvedAt }) => openedAt <= at && (resolvedAt === null || at < resolvedAt))
  const { id, version, state, sinceAt, file } = rule
  return {
    ...{ rule: id, version, state, sinceAt, title: file.title, key: area, forMs: 0, clearMs: 0, informed: false, schedule: null, clauses: [], stale: [], observation: null },
    hold: alert ? { phase: 'firing', since: alert.openedAt, clearSince: 0 } : IDLE,
    gathers: { area, count: rule.gather?.count ?? 0, members: gathering ? membersAt(gathering, at) : [] },
    unknownBefore: gathering && at < gathering.base ? gathering.base : null,
    alert: alert?.id ?? null,
  }
}

/** Each asset by the stretch for which it counts, the first that began first. */
function membersAt({ members, quorum }: Gathering, at: Instant): NonNullable<NonNullable<KeyTrace['gathers']>['members']> {
  const counting = ({ from, to }: Member): boolean => from <= at && (to === null || at < to + quorum.withinMs)
  return [...members.values()]
    .flatMap((stretches) => stretches.findLast(counting) ?? [])
    .sort((a, b) => a.from - b.from || (a.asset < b.asset ? -1 : 1))
    .map(({ asset, from, to, severity }) => ({ asset, from, to, severity }))
}
