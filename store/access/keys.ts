import { CodedError } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import type { Audit } from '../../domain/ports/access.ts'
import { type Principal, ROLES, type Role } from '../../domain/role.ts'
import { formatInstant, HOUR, type Instant } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'
import { type Cost, digest, hashPassword, newSecret, RANDOM_COST } from './secret.ts'

export interface Key extends Principal {
  at: Instant
}

/**
 * Gives out keys and takes them back: what the command line does, in a process of its own beside a running platform.
 * A name that is taken throws `name.taken`, one that is not there `not_found`, bad input `request.invalid`.
 */
export interface Keys {
  addUser(name: string, role: Role, area: string, password: string): Promise<void>
  /** Ends the user's sessions too. */
  removeUser(name: string): void
  users(): Key[]
  /** The API token; it is shown this once. */
  addToken(name: string, role: Role, area: string): string
  removeToken(name: string): void
  tokens(): Key[]
  /** The gateway's password; it is shown this once. */
  addGateway(id: string): Promise<string>
  removeGateway(id: string): void
  gateways(): { id: string; at: Instant }[]
  /**
   * A code for `GET login?code=…` that works once and for `forMs` (default 1 h). A user of this name is made if there is none,
   * without a password; if there is one, its own role and area hold.
   */
  makeLoginCode(principal: Principal, forMs?: number): string
}

const MIN_PASSWORD = 8

type Note = (what: string, target: string, detail?: string) => void
interface KeysOptions {
  now: () => Instant
  cost: Cost
}

export function createKeys(db: Database, audit: Audit, options: KeysOptions): Keys {
  const note: Note = (what, target, detail = '') => audit.append({ at: formatInstant(options.now()), by: 'command-line', what, target, detail })
  return { ...createPrincipals(db, note, options), ...createGateways(db, note, options) }
}

type GatewayKeys = Pick<Keys, 'addGateway' | 'removeGateway' | 'gateways'>

function createPrincipals(db: Database, note: Note, { now, cost }: KeysOptions): Omit<Keys, keyof GatewayKeys> {
  const insert = db.prepare('INSERT INTO principal (name, kind, role, area, secret, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const remove = db.prepare('DELETE FROM principal WHERE name = ? AND kind = ?')
  const select = db.prepare<[string], Key>('SELECT name, role, area, at FROM principal WHERE kind = ? ORDER BY name')
  const insertCode = db.prepare('INSERT INTO code (digest, name, until) VALUES (?, ?, ?)')
  const add = (kind: 'user' | 'token', { name, role, area }: Principal, secret: string): void => {
    if (insert.run(name, kind, role, area, secret, now()).changes === 0) throw new CodedError('name.taken', `The name ${name} is taken.`)
    note(`${kind}.add`, name, area === '' ? role : `${role} in ${area}`)
  }
  return {
    async addUser(name, role, area, password) {
      checkPrincipal({ name, role, area }, password.length < MIN_PASSWORD ? [{ where: 'password', why: `must have at least ${MIN_PASSWORD} characters` }] : [])
      add('user', { name, role, area }, await hashPassword(password, cost))
    },
    removeUser: (name) => removed(remove.run(name, 'user').changes, 'user', name, note),
    users: () => select.all('user'),
    addToken(name, role, area) {
      checkPrincipal({ name, role, area })
      const token = newSecret()
      add('token', { name, role, area }, digest(token))
      return token
    },
    removeToken: (name) => removed(remove.run(name, 'token').changes, 'token', name, note),
    tokens: () => select.all('token'),
    makeLoginCode(principal, forMs = HOUR) {
      checkPrincipal(principal)
      insert.run(principal.name, 'user', principal.role, principal.area, null, now())
      const code = newSecret()
      insertCode.run(digest(code), principal.name, now() + forMs)
      return code
    },
  }
}

function createGateways(db: Database, note: Note, { now }: KeysOptions): GatewayKeys {
  const insert = db.prepare('INSERT INTO gateway (id, secret, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const remove = db.prepare('DELETE FROM gateway WHERE id = ?')
  const select = db.prepare<[], { id: string; at: Instant }>('SELECT id, at FROM gateway ORDER BY id')
  return {
    async addGateway(id) {
      if (!isId(id)) throw new CodedError('request.invalid', undefined, { details: [{ where: 'id', why: 'must match [A-Za-z0-9][A-Za-z0-9_.-]{0,63} without ".."' }] })
      const password = newSecret()
      if (insert.run(id, await hashPassword(password, RANDOM_COST), now()).changes === 0) throw new CodedError('name.taken', `The gateway ${id} is there already.`)
      note('gateway.add', id)
      return password
    },
    removeGateway: (id) => removed(remove.run(id).changes, 'gateway', id, note),
    gateways: () => select.all(),
  }
}

function removed(changes: number, what: string, name: string, note: Note): void {
  if (changes === 0) throw new CodedError('not_found', `There is no ${what} ${name}.`)
  note(`${what}.remove`, name)
}

// The journal writes `platform` where nobody in particular acted, the audit log `command-line`: no principal may look like them.
const RESERVED = new Set(['platform', 'command-line'])

function checkPrincipal({ name, role, area }: Principal, details: { where: string; why: string }[] = []): void {
  if (!/^[^\s\p{C}](?:[^\p{C}]{0,62}[^\s\p{C}])?$/u.test(name) || RESERVED.has(name))
    details.push({ where: 'name', why: 'must have 1 to 64 printable characters, no space at either end, and not be reserved' })
  if (!ROLES.includes(role)) details.push({ where: 'role', why: `must be one of ${ROLES.join(', ')}` })
  if (!/^\d{0,15}$/.test(area)) details.push({ where: 'area', why: 'must be the code of an area (6, 9, 12 or 15 digits), or empty for the whole city' })
  if (details.length > 0) throw new CodedError('request.invalid', undefined, { details })
}
