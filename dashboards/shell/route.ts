/** The places of the page; each has an address, so that an alert can be sent to a colleague as a link. */
export type Route =
  | { page: 'map'; alert: string | null }
  | { page: 'cases'; case: string | null }
  | { page: 'rules'; rule: string | null }
  | { page: 'calendars'; calendar: string | null }
  | { page: 'cameras'; camera: string | null }
  | { page: 'coverage' }
  | { page: 'devices' }
  | { page: 'health' }

export function readRoute(path: string): Route {
  const [first = '', second = ''] = path.split('/').filter(Boolean)
  const id = second === '' ? null : decode(second)
  switch (first) {
    case 'alerts':
      return { page: 'map', alert: id }
    case 'cases':
      return { page: 'cases', case: id }
    case 'rules':
      return { page: 'rules', rule: id }
    case 'calendars':
      return { page: 'calendars', calendar: id }
    case 'cameras':
      return { page: 'cameras', camera: id }
    case 'coverage':
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
  switch (route.page) {
    case 'map':
      return route.alert === null ? '/' : `/alerts${under(route.alert)}`
    case 'cases':
      return `/cases${under(route.case)}`
    case 'rules':
      return `/rules${under(route.rule)}`
    case 'calendars':
      return `/calendars${under(route.calendar)}`
    case 'cameras':
      return `/cameras${under(route.camera)}`
    case 'coverage':
    case 'devices':
    case 'health':
      return `/${route.page}`
  }
}

const under = (id: string | null): string => (id === null ? '' : `/${encodeURIComponent(id)}`)
