import { type Principal, type Role, roleAtLeast } from '../domain/role.ts'
import type { Route } from './route.ts'

export type Admission = 'in' | 'auth.required' | 'auth.forbidden'

/** May this caller use a route of this role? */
export function admission(role: Route['role'], who: Principal | undefined, local: boolean): Admission {
  if (role === 'open' || (role === 'local' && local)) return 'in'
  if (!who) return 'auth.required'
  const needed: Role = role === 'local' ? 'viewer' : role
  return roleAtLeast(who.role, needed) ? 'in' : 'auth.forbidden'
}
