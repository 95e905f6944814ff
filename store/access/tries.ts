import { CodedError } from '../../domain/errors.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { Bounded } from './bounded.ts'
import { Throttle } from './throttle.ts'

const REMEMBERED = 10_000

export interface Tries {
  /** Takes one attempt, or throws `auth.throttled` with `retryAfterS`. */
  take(name: string, address: string, now: Instant): { succeeded(): void }
}

/**
 * Throttling of logins per account and per address. Whoever tries a stranger's password from elsewhere uses up the account's
 * allowance, but must not lock its owner out: an address from which the account was opened before has an allowance of its own.
 */
export function createTries(): Tries {
  const accounts = new Throttle({ burst: 10, everyMs: 30 * SECOND, maxKeys: REMEMBERED })
  const addresses = new Throttle({ burst: 50, everyMs: 5 * SECOND, maxKeys: REMEMBERED })
  const known = new Bounded<string>(REMEMBERED)
  return {
    take(name, address, now) {
      const from = networkOf(address)
      const pair = JSON.stringify([name, from])
      const account = known.has(pair) ? pair : name
      const wait = addresses.take(from, now) || accounts.take(account, now)
      if (wait > 0) throw new CodedError('auth.throttled', undefined, { extra: { retryAfterS: Math.ceil(wait / SECOND) } })
      return {
        succeeded() {
          accounts.giveBack(account)
          addresses.giveBack(from)
          known.add(pair)
        },
      }
    },
  }
}

/** One household or office has a whole IPv6 /64: counting single addresses would count nothing. */
export function networkOf(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  if (!plain.includes(':')) return plain
  const [head = '', tail] = (plain.split('%')[0] ?? '').split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail?.split(':').filter(Boolean) ?? []
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}
