import { checkGuards, GUARD, type GuardDeps } from '../alerts/guard.ts'
import { messageOf } from '../domain/errors.ts'
import type { Audit } from '../domain/ports/access.ts'
import { formatInstant, SECOND } from '../domain/time.ts'
import { type DueLoop, whenDue } from '../store/book/due.ts'
import type { Log } from './log.ts'

const EVERY_MS = 2 * SECOND

/** Watches versions on trial and puts back those that fail; what it does stands in the audit log as everybody's acts do. */
export function watchGuards({ audit, log, now, ...deps }: GuardDeps & { audit: Pick<Audit, 'append'>; log: Log; now: () => number }): DueLoop {
  return whenDue(
    async (at) => {
      for (const { rule, version, now: present, why } of await checkGuards(deps, at)) {
        audit.append({ at: formatInstant(at), by: GUARD, what: 'rule.put-back', target: rule, detail: JSON.stringify({ version, now: present, why }) })
        log.warn({ rule, version, now: present, why }, 'a version on trial was put back')
      }
      return at + EVERY_MS
    },
    now,
    (error) => log.error({ why: messageOf(error) }, 'the guards of rules could not be checked; they are tried again'),
  )
}
