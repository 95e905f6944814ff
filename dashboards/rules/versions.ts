import type { Param } from '../../domain/rule.ts'
import type { RuleRow, RuleVersion } from '../api/client.ts'

/** One thing to know about how a rule stands, as a tag. */
export type Standing =
  | { state: 'live'; version: number }
  | { state: 'trial'; version: number; areas: readonly string[] }
  | { state: 'shadow'; version: number }
  | { state: 'quarantined'; version: number; why: string }
  | { state: 'draft'; version: number }
  | { state: 'off' }

/** Live first, then what is tried beside it, then a draft that is newer than all that. */
export function standingsOf(rule: Pick<RuleRow, 'inForce' | 'newest' | 'state' | 'version'>): Standing[] {
  const standings = rule.inForce.flatMap(({ state, version, areas, why }): Standing[] => {
    if (state === 'live') return [areas ? { state: 'trial', version, areas } : { state, version }]
    if (state === 'quarantined') return [{ state, version, why }]
    return state === 'shadow' ? [{ state, version }] : []
  })
  const ORDER = ['quarantined', 'live', 'trial', 'shadow', 'draft', 'off']
  const newest = Math.max(0, ...rule.inForce.map(({ version }) => version))
  const running = standings.some(({ state }) => state === 'live' || state === 'trial')
  return [...standings, ...(rule.newest > newest ? [{ state: 'draft', version: rule.newest } as const] : []), ...(running ? [] : [{ state: 'off' } as const])].sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state),
  )
}

/** The version that an author goes on with: a draft that came after all that is in force and never was itself, else the live one. */
export function versionToEdit(versions: readonly RuleVersion[]): RuleVersion | undefined {
  const live = versions.find(({ state, areas }) => state === 'live' && areas === null)
  const newest = versions[0]
  const fresh = newest?.state === 'draft' && newest.moves.every(({ state }) => state === 'draft')
  return fresh ? newest : (live ?? versions.find(({ state }) => state !== 'draft') ?? newest)
}

/** The value that a param had when it came into the rule; undefined for one that no version has yet. */
export function defaultOf(versions: readonly RuleVersion[], param: string): Param['value'] | undefined {
  const first = versions.findLast(({ file }) => Object.hasOwn(file.params, param))
  return first?.file.params[param]?.value
}

/** What an edit is tried beside: the live version, or the one that is live in some areas first. */
export const baseOf = (versions: readonly RuleVersion[]): RuleVersion | undefined => liveOf(versions) ?? versions.find(({ state }) => state === 'live')

export const liveOf = (versions: readonly RuleVersion[]): RuleVersion | undefined => versions.find(({ state, areas }) => state === 'live' && areas === null)
