import { type OutEvent, RULE_EVENT } from '../domain/event.ts'
import type { Change } from '../domain/projection.ts'
import type { Tables } from '../store/book/book.ts'
import { NO_DESK, reminderIn } from './reminders.ts'

/** Which events a desk wants. */
export interface Route {
  desk: string
  /** Event types; one that ends in `*` stands for all that begin so. */
  events: readonly string[]
  /** `dispatched`: only what belongs to cases that were sent to this desk. `everything`: a consumer of all alerts and cases. */
  receives: 'dispatched' | 'everything'
}

/** A desk follows its cases, and hears when an alert of theirs is judged anew (S11). */
export const CASE_EVENTS = ['city.wanglou.case.*', 'city.wanglou.alert.verdict.v1']

/** The desks that an event goes to; `dispatchedTo` is the desk of the case that it belongs to. */
export function desksFor(event: Pick<OutEvent, 'type'>, dispatchedTo: string | null, routes: readonly Route[]): string[] {
  return routes
    .filter((route) => route.receives === 'everything' || route.desk === dispatchedTo)
    .filter((route) => route.events.some((pattern) => matches(pattern, event.type)))
    .map((route) => route.desk)
}

function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type
}

/**
 * Queues the changes of a transaction for the desks, within it. All that belongs to one case goes in one lane, in order. A
 * reminder goes to the desk that its rule names, and to `NO_DESK` if there is none: somebody must say that it was not sent.
 */
export function routeTo(routes: readonly Route[]): (tables: Tables, changes: readonly Change[]) => Promise<void> {
  return async (tables, changes) => {
    for (const { event } of changes) {
      // Alerts and cases are a desk's business, the city's rules are not.
      if (event.type === RULE_EVENT) continue
      const reminder = reminderIn(event)
      const named = reminder && (routes.find(({ desk }) => desk === reminder.to)?.desk ?? NO_DESK)
      if (named !== undefined) await tables.deliveries.add(named, event, event.subject)
      if (routes.length === 0) continue
      const id = caseIdIn(event)
      const its = id === null ? undefined : await tables.cases.find(id)
      for (const desk of desksFor(event, its?.desk ?? null, routes)) if (desk !== named) await tables.deliveries.add(desk, event, id ?? event.subject)
    }
  }
}

function caseIdIn(event: OutEvent): string | null {
  if (event.type.startsWith('city.wanglou.case.')) return event.subject
  const data = event.data
  return typeof data === 'object' && data !== null && 'case' in data && typeof data.case === 'string' ? data.case : null
}
