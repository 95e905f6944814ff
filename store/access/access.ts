import { createHmac, randomBytes } from 'node:crypto'
import { CodedError, isDiskRefusal } from '../../domain/errors.ts'
import type { Access, Audit } from '../../domain/ports/access.ts'
import type { Principal } from '../../domain/role.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'
import { createAudit } from './audit.ts'
import { Bounded } from './bounded.ts'
import { createKeys, type Keys } from './keys.ts'
import { createOwners, type Owners } from './owners.ts'
import { type Cost, digest, hashPassword, newSecret, PASSWORD_COST, passwordMatches, RANDOM_COST } from './secret.ts'
import { Slots } from './slots.ts'
import { openTables } from './tables.ts'
import { createTries } from './tries.ts'

export interface AccessOptions {
  now: () => Instant
  /** Work of one password check; lower only where time is short and nothing is at stake. */
  cost?: Cost
  /** A session ends when it was not used for `idleMs`, and `wholeMs` after the login whatever happens. */
  sessions?: { idleMs: number; wholeMs: number }
}

/** access.db, open: who may come in, the keys that the command line gives out, and the audit log. */
export interface AccessStore {
  access: Access
  keys: Keys
  owners: Owners
  audit: Audit
  /** Changes when another process changed the file: then connections that outlive a request must be checked again. */
  version(): number
  close(): void
}

const SESSIONS = { idleMs: 12 * HOUR, wholeMs: 7 * DAY }
/** A session's last use is written down no more often than this: a page asks many times a second. */
const TOUCH_MS = 5 * MINUTE
const REMEMBERED = 10_000

/** Opens access.db at `path`. Everything is read from the file each time, so what another process changes holds at once. */
export function openAccess(path: string, { now, cost = PASSWORD_COST, sessions = SESSIONS }: AccessOptions): AccessStore {
  const db = openTables(path)
  const audit = createAudit(db)
  const { begin, ...present } = createSessions(db, { now, sessions })
  return {
    access: { ...createLogins(db, begin, { now, cost }), ...present, ...createMachines(db) },
    keys: createKeys(db, audit, { now, cost }),
    owners: createOwners(db, now),
    audit,
    version: () => db.pragma('data_version', { simple: true }) as number,
    close: () => void db.close(),
  }
}

interface User extends Principal {
  secret: string | null
}
type Begin = (user: Principal) => { session: string; principal: Principal }

/** People come in: by password, or by a link that works once. Many at once wait for one another (slots.ts). */
function createLogins(db: Database, begin: Begin, { now, cost }: { now: () => Instant; cost: Cost }): Pick<Access, 'login' | 'redeem'> {
  const selectUser = db.prepare<[string], User>("SELECT name, role, area, secret FROM principal WHERE name = ? AND kind = 'user'")
  const takeCode = db.prepare<[string, Instant], { name: string }>('DELETE FROM code WHERE digest = ? AND until > ? RETURNING name')
  const tries = createTries()
  const slots = new Slots(2, 50)
  // A name that nobody bears costs as much time as one that somebody does.
  const nobody = hashPassword(newSecret(), cost)

  return {
    async login(name, password, address) {
      const attempt = tries.take(name, address, now())
      const secret = selectUser.get(name)?.secret ?? undefined
      const right = await slots.run(async () => passwordMatches(password, secret ?? (await nobody)))
      // Read again: the user may have been removed while the hash was being made.
      const user = selectUser.get(name)
      if (!right || secret === undefined || user?.secret !== secret) throw new CodedError('auth.wrong')
      attempt.succeeded()
      return begin(user)
    },
    async redeem(code) {
      const found = takeCode.get(digest(code), now())
      const user = found && selectUser.get(found.name)
      if (!user) throw new CodedError('auth.wrong', 'The link has been used, or its time is over.')
      return begin(user)
    },
  }
}

/** What a cookie stands for. Role and area are those of the user now, not those at the login. */
function createSessions(db: Database, { now, sessions }: Pick<Required<AccessOptions>, 'now' | 'sessions'>): Pick<Access, 'session' | 'logout'> & { begin: Begin } {
  const insert = db.prepare('INSERT INTO session (digest, name, at, seenAt) VALUES (?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM session WHERE digest = ?')
  const removeEnded = db.prepare('DELETE FROM session WHERE seenAt <= ? OR at <= ?')
  const touch = db.prepare('UPDATE session SET seenAt = ? WHERE digest = ?')
  const select = db.prepare<[string, Instant, Instant], Principal & { seenAt: Instant }>(
    'SELECT p.name, p.role, p.area, s.seenAt FROM session s JOIN principal p ON p.name = s.name WHERE s.digest = ? AND s.seenAt > ? AND s.at > ?',
  )
  /** A full disk must not lock out who is to make room on it. */
  const used = (key: string, at: Instant): void => {
    try {
      touch.run(at, key)
    } catch (error) {
      if (!isDiskRefusal(error)) throw error
    }
  }
  return {
    begin({ name, role, area }) {
      const at = now()
      removeEnded.run(at - sessions.idleMs, at - sessions.wholeMs)
      const session = newSecret()
      insert.run(digest(session), name, at, at)
      return { session, principal: { name, role, area } }
    },
    async session(session) {
      const key = digest(session)
      const at = now()
      const found = select.get(key, at - sessions.idleMs, at - sessions.wholeMs)
      if (!found) return undefined
      if (at - found.seenAt >= TOUCH_MS) used(key, at)
      return { name: found.name, role: found.role, area: found.area }
    },
    logout: async (session) => void remove.run(digest(session)),
  }
}

/** Programs: API tokens and gateways. */
function createMachines(db: Database): Pick<Access, 'token' | 'gateway'> {
  const selectToken = db.prepare<[string], Principal>("SELECT name, role, area FROM principal WHERE secret = ? AND kind = 'token'")
  const selectGateway = db.prepare<[string], { secret: string }>('SELECT secret FROM gateway WHERE id = ?')
  const slots = new Slots(2, 5000)
  const nobody = hashPassword(newSecret(), RANDOM_COST)
  const verified = new Bounded<string>(REMEMBERED)
  const key = randomBytes(32)

  return {
    token: async (token) => selectToken.get(digest(token)),
    async gateway(id, password) {
      const secret = selectGateway.get(id)?.secret
      if (secret === undefined) return slots.run(async () => passwordMatches(password, await nobody)).then(() => false)
      // The stored hash is part of what is remembered, so a new password or a removed gateway forgets the old one by itself.
      const remembered = createHmac('sha256', key)
        .update(JSON.stringify([secret, password]))
        .digest('base64')
      if (verified.has(remembered)) return true
      const right = await slots.run(() => passwordMatches(password, secret))
      if (right) verified.add(remembered)
      return right
    },
  }
}
