import type { Alert } from '../../domain/alert.ts'
import type { RuleRow } from '../api/client.ts'
import { createStore, type Store } from './store.ts'

export type Rules = ReadonlyMap<string, RuleRow>

/** What the page knows of the rules: titles and conditions of the versions in force. */
export interface RuleBook {
  rules: Store<Rules>
  /** The rules as somebody has just read them. */
  take: (items: readonly RuleRow[]) => void
  reload: () => void
  /** An alert of a version that the page has not read says that the rules have changed. */
  hear: (alert: Pick<Alert, 'rule' | 'ruleVersion'>) => void
  close: () => void
}

/** Holds the rules that were read first, and reads them again when there is a reason to. A read that fails changes nothing: the next reason is soon. */
export function openRuleBook(first: readonly RuleRow[], read: (signal: AbortSignal) => Promise<readonly RuleRow[]>): RuleBook {
  const rules = createStore<Rules>(byId(first))
  const asked = new Set<string>()
  const closed = new AbortController()
  let reading = false
  let again = false

  const take = (items: readonly RuleRow[]): void => {
    // A version that is put back later is news again.
    for (const { id, inForce } of items) for (const { version } of inForce) asked.delete(`${id} ${version}`)
    rules.update((now) => (isSame(now, items) ? now : byId(items)))
  }
  const reload = (): void => {
    again = reading
    if (reading || closed.signal.aborted) return
    reading = true
    void read(closed.signal)
      .then(take, () => undefined)
      .finally(() => {
        reading = false
        if (again) reload()
      })
  }
  return {
    rules,
    take,
    reload,
    hear: ({ rule, ruleVersion }) => {
      // Old alerts of versions long replaced go on changing: each such version is a reason once.
      const version = `${rule} ${ruleVersion}`
      if (asked.has(version) || isInForce(rules.get().get(rule), ruleVersion)) return
      asked.add(version)
      reload()
    },
    close: () => closed.abort(),
  }
}

const byId = (items: readonly RuleRow[]): Rules => new Map(items.map((rule) => [rule.id, rule]))

function isInForce(rule: RuleRow | undefined, version: number): boolean {
  return rule?.inForce.some((brief) => brief.version === version) ?? false
}

/** Counts of alerts change all the time; what the page shows of a rule changes with its versions only. */
function isSame(known: Rules, items: readonly RuleRow[]): boolean {
  return items.length === known.size && items.every((item) => standing(known.get(item.id)) === standing(item))
}

function standing(rule: RuleRow | undefined): string {
  return rule ? JSON.stringify([rule.version, rule.newest, rule.inForce.map(({ version, state, areas, since }) => [version, state, areas, since])]) : ''
}
