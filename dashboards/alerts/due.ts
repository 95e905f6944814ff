import type { Alert } from '../../domain/alert.ts'
import type { Case } from '../../domain/case.ts'
import { parseDuration } from '../../domain/time.ts'
import type { RuleRow } from '../api/client.ts'
import { msOf } from '../i18n/times.ts'

const ENDED: readonly Case['state'][] = ['closed', 'evaluated', 'rejected', 'void']

/**
 * When somebody must have done with it (ms), or null: the case's own clock once there is a case, before that the rule's
 * `dispatch.within` from the event's time. A judged alert without a case, and an ended case, wait for nobody.
 */
export function dueOf(alert: Alert, found: Case | undefined, rule: RuleRow | undefined): number | null {
  if (alert.case !== null) return found && found.dueAt !== null && !ENDED.includes(found.state) ? msOf(found.dueAt) : null
  if (alert.review === 'judged') return null
  const within = rule?.file.dispatch?.within
  const length = within === undefined ? undefined : parseDuration(within)
  return length === undefined ? null : msOf(alert.openedAt) + length
}

/** How pressing the rest is: the last fifth, or the last five minutes, is `soon`. */
export function pressure(due: number, since: number, now: number): 'over' | 'soon' | 'calm' {
  if (now >= due) return 'over'
  return due - now < Math.max(300_000, (due - since) / 5) ? 'soon' : 'calm'
}
