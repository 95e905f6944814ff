import { CodedError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'

/** A device that an admin gave to a gateway. */
export interface Owned {
  device: string
  gateway: string
  at: Instant
}

/**
 * Whose devices are, where an admin has said so. It stands beside the gateways' passwords and not in the ledger, which
 * is rebuilt from who reported first: an admin's word must outlive that.
 */
export interface Owners {
  /** Throws `request.invalid` for what is no id, `not_found` for a gateway that is not there. */
  move(device: string, gateway: string): void
  all(): Owned[]
}

export function createOwners(db: Database, now: () => Instant): Owners {
  const gateway = db.prepare<[string], { id: string }>('SELECT id FROM gateway WHERE id = ?')
  const put = db.prepare('INSERT INTO owner (device, gateway, at) VALUES (?, ?, ?) ON CONFLICT (device) DO UPDATE SET gateway = excluded.gateway, at = excluded.at')
  const select = db.prepare<[], Owned>('SELECT device, gateway, at FROM owner ORDER BY device')
  return {
    move(device, to) {
      if (!isId(device)) throw new CodedError('request.invalid', undefined, { details: [{ where: 'device', why: 'must match [A-Za-z0-9][A-Za-z0-9_.-]{0,63} without ".."' }] })
      if (!gateway.get(to)) throw new CodedError('not_found', `There is no gateway ${to}.`)
      put.run(device, to, now())
    },
    all: () => select.all(),
  }
}
