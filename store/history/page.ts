import { CodedError } from '../../domain/errors.ts'
import type { Kind } from '../../domain/fields.ts'
import { effectiveAt, type Observation } from '../../domain/observation.ts'
import type { Page } from '../../domain/ports/alerts.ts'
import type { Instant } from '../../domain/time.ts'
import { byTime } from './chunks.ts'

interface PageQuery {
  kind?: Kind
  from: Instant
  to: Instant
  every?: number
  limit: number
  cursor?: string
}

/** One page in order of event time; the cursor is the place (at, offset) of its last observation. */
export function pageOfObservations<View>(found: Iterable<Observation>, query: PageQuery, view: (observation: Observation) => View): Page<View> {
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor)
  const inside: Observation[] = []
  for (const each of found) {
    const at = effectiveAt(each)
    if (at < query.from || at > query.to || (query.kind !== undefined && each.kind !== query.kind)) continue
    if (after && (at < after.at || (at === after.at && each.offset <= after.offset))) continue
    inside.push(each)
  }
  inside.sort(byTime)
  const thinned = query.every === undefined ? inside : thin(inside, query.every)
  const items = thinned.slice(0, query.limit)
  const last = items.at(-1)
  return { items: items.map(view), next: last && thinned.length > items.length ? `${effectiveAt(last)}-${last.offset}` : null }
}

/** The first observation of each device in each stretch of `every` ms. */
function thin(observations: readonly Observation[], every: number): Observation[] {
  const taken = new Map<string, number>()
  return observations.filter((each) => {
    const stretch = Math.floor(effectiveAt(each) / every)
    if (taken.get(each.device) === stretch) return false
    taken.set(each.device, stretch)
    return true
  })
}

function readCursor(text: string): { at: Instant; offset: number } {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text)
  if (!match) throw new CodedError('cursor.invalid')
  return { at: Number(match[1]), offset: Number(match[2]) }
}
