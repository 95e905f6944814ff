import type { Principal } from '../role.ts'
import type { Page, PageQuery } from './alerts.ts'

/** Who may come in. Passwords and tokens are kept as salted slow hashes; a check takes the same time for unknown names. */
export interface Access {
  /** Throws `auth.wrong` or `auth.throttled`; returns a session token for the cookie. */
  login(name: string, password: string, address: string): Promise<{ session: string; principal: Principal }>
  /** One-time link of `start --demo`: the code works once. */
  redeem(code: string): Promise<{ session: string; principal: Principal }>
  session(session: string): Promise<Principal | undefined>
  logout(session: string): Promise<void>
  /** An API token. */
  token(token: string): Promise<Principal | undefined>
  /** A gateway's password; the id doubles as user name. */
  gateway(id: string, password: string): Promise<boolean>
}

export interface AuditEntry {
  at: string
  by: string
  what: string
  target: string
  detail: string
}

/** Who did what and when. Entries are appended, never changed. */
export interface Audit {
  append(entry: AuditEntry): void
  /** Newest first. */
  list(query: PageQuery): Promise<Page<AuditEntry>>
}
