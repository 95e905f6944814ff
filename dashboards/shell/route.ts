/** The places of the page; each has an address, so that an alert can be sent to a colleague as a link. */
export type Route = { page: 'map'; alert: string | null } | { page: 'cases'; case: string | null } | { page: 'rules' } | { page: 'devices' } | { page: 'health' }

export function readRoute(path: string): Route {
  const [first = '', second = ''] = path.split('/').filter(Boolean)
  const id = second === '' ? null : decode(second)
  switch (first) {
    case 'alerts':
      return { page: 'map', alert: id }
    case 'cases':
      return { page: 'cases', case: id }
    case 'rules':
    case 'devices':
    case 'health':
      return { page: first }
    default:
      return { page: 'map', alert: null }
  }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

export function pathOf(route: Route): string {
  if (route.page === 'map') return route.alert === null ? '/' : `/alerts/${encodeURIComponent(route.alert)}`
  if (route.page === 'cases') return route.case === null ? '/cases' : `/cases/${encodeURIComponent(route.case)}`
  return `/${route.page}`
}
