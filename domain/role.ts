/** Roles in rising order: each may do what those before it may (contract.md, HTTP). */
export const ROLES = ['viewer', 'operator', 'dispatcher', 'author', 'admin'] as const
export type Role = (typeof ROLES)[number]

export function roleAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

/** Who asks: a person or a token, and the area that they may see (empty: the whole city). */
export interface Principal {
  name: string
  role: Role
  area: string
}
