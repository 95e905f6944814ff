import { formatInstant } from '../../domain/time.ts'

const INSTANTS = new Set(['at', 'since'])

/** The same with its instants as the contract writes them, in lists within it too. */
export function timed(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      if (INSTANTS.has(name) && typeof each === 'number') return [name, formatInstant(each)]
      return [name, (name === 'inForce' || name === 'moves') && Array.isArray(each) ? each.map(timed) : each]
    }),
  )
}
