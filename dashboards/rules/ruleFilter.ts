import type { RuleRow } from '../api/client.ts'
import { type Standing, standingsOf } from './versions.ts'

export const STATE_FILTERS = ['all', 'live', 'trial', 'shadow', 'draft', 'quarantined'] as const
export type StateFilter = (typeof STATE_FILTERS)[number]

export interface RuleFilter {
  text: string
  state: StateFilter
  kind: string | null
}

/** Rules that match, the loudest first: firing now, then alerts of these days, then by id. */
export function filterRules(rules: readonly RuleRow[], { text, state, kind }: RuleFilter): RuleRow[] {
  const wanted = text.trim().toLowerCase()
  return rules
    .filter(({ file }) => kind === null || file.on === kind)
    .filter((rule) => state === 'all' || standingsOf(rule).some((standing: Standing) => standing.state === state))
    .filter(({ id, file }) => wanted === '' || [id, file.title.zh, file.title.en, file.when].some((part) => part.toLowerCase().includes(wanted)))
    .sort((a, b) => b.stats.firing - a.stats.firing || sum(b.stats.perDay) - sum(a.stats.perDay) || (a.id < b.id ? -1 : 1))
}

export const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

/** The average of the days as people say it: whole from ten on, and rare is not never. */
export function perDayText(counts: readonly number[]): string {
  const mean = sum(counts) / Math.max(1, counts.length)
  if (mean > 0 && mean < 0.1) return '< 0.1'
  return String(Number(mean.toFixed(mean < 10 ? 1 : 0)))
}
