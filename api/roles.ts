import { ROLES } from '../domain/role.ts'
import { admission } from './admission.ts'
import type { Route } from './route.ts'

/** Who may use which path, as a table for people: ✓ in, · refused. Asked of the same decision that the server asks. */
export function roleTable(routes: readonly Route[]): string {
  const width = Math.max(...routes.map((route) => nameOf(route).length))
  const line = (name: string, cells: readonly string[]): string => [name.padEnd(width), ...cells].join('  ')
  const head = line('', ['stranger', ...ROLES])
  const rows = routes.map((route) => {
    const callers = [undefined, ...ROLES.map((role) => ({ name: 'x', role, area: '' }))]
    return line(
      nameOf(route),
      callers.map((who, column) => (admission(route.role, who, false) === 'in' ? '✓' : '·').padEnd(['stranger', ...ROLES][column]?.length ?? 0)),
    )
  })
  return [head, ...rows].map((row) => row.trimEnd()).join('\n')
}

export function nameOf(route: Pick<Route, 'method' | 'path'>): string {
  return `${route.method} ${route.path.replace('/api/v1/', '')}`
}
