import { type AreaLevel, placeOfArea, type Standing } from '../domain/area.ts'
import type { AssetId, DeviceId, Offset } from '../domain/ids.ts'
import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import type { RaisedAlert } from './state.ts'
import { newWake, type Wake } from './wake.ts'

/** A stretch during which the rule was true of one asset. Immutable. */
export interface Member {
  readonly asset: AssetId
  /** Its key in the asset's course. */
  readonly name: string
  /** Event times in that course, by which a backfill knows the stretch again; null: it is true still. */
  readonly begun: Instant
  readonly ended: Instant | null
  /** The same in corrected time (S7), as the devices' skews were known then. */
  readonly from: Instant
  readonly to: Instant | null
  readonly severity: Severity
  readonly devices: readonly DeviceId[]
  readonly observations: readonly Offset[]
  readonly lon: number | null
  readonly lat: number | null
  readonly late: boolean
}

/** A member begins to count, or ends to: its stretch and the window after it are over. */
interface Edge {
  at: Instant
  begins: boolean
  asset: AssetId
}

/** How many assets of an area of which level must be true within how long. */
export interface Quorum {
  by: AreaLevel
  count: number
  withinMs: number
}

/**
 * One rule in one area: who was true when, and what was raised of it. An asset counts from the beginning of a stretch until
 * `withinMs` after its end. Times are corrected times.
 */
export interface Gathering {
  /** `name | area`. */
  id: string
  rule: string
  area: string
  /** Where a grid lies whose id is the city's own, by the first asset that was counted in it; other codes say it themselves. */
  place?: Standing
  quorum: Quorum
  /** What was before this is settled: an edit, or the reach of late data. */
  base: Instant
  /** Everything up to here has been counted. */
  frontier: Instant
  members: Map<AssetId, readonly Member[]>
  raised: RaisedAlert[]
  /** Something before the frontier has changed. */
  dirty: boolean
  /** Clock of its next wake-up; null: none. */
  wakeAt: Instant | null
  // Derived, not part of a snapshot:
  /** Edges behind the frontier, the next one last. */
  queue: Edge[]
  /** How many stretches of each asset count at the frontier. */
  counted: Map<AssetId, number>
  wake: Wake
}

export type GatheringJson = Omit<Gathering, 'members' | 'queue' | 'counted' | 'wake'> & { members: [AssetId, readonly Member[]][] }

export function newGathering(rule: string, area: string, quorum: Quorum, by: Standing): Gathering {
  const id = `${rule}|${area}`
  const own = placeOfArea(quorum.by, area).area === null && { place: { area: by.area, grid: by.grid } }
  return {
    id,
    rule,
    area,
    ...own,
    quorum,
    base: -1,
    frontier: -1,
    members: new Map(),
    raised: [],
    dirty: false,
    wakeAt: null,
    queue: [],
    counted: new Map(),
    wake: newWake(wakeId(id)),
  }
}

/** Ids of assets do not begin so. */
const MARK = '|'
export const wakeId = (id: string): string => MARK + id
/** The gathering that a wake-up is for; undefined: it is an asset's. */
export const gatheringOf = (wake: string): string | undefined => (wake.startsWith(MARK) ? wake.slice(MARK.length) : undefined)

export function freezeGathering({ queue: _queue, counted: _counted, wake: _wake, members, ...rest }: Gathering): GatheringJson {
  return { ...rest, members: [...members] }
}

export function thawGathering(json: GatheringJson): Gathering {
  const gathering: Gathering = { ...json, members: new Map(json.members), queue: [], counted: new Map(), wake: newWake(wakeId(json.id)) }
  rewind(gathering)
  walk(gathering, gathering.frontier, SILENT, false)
  return gathering
}

/** As if it had been counted up to `clock`, with these alerts raised: what was before is settled. */
export function settle(gathering: Gathering, clock: Instant): void {
  gathering.base = clock
  gathering.frontier = clock
  rewind(gathering)
  walk(gathering, clock, SILENT, false)
}

/** What happens on the way. */
export interface Walker {
  /** The number was reached, or is no longer. */
  opened(at: Instant): void
  closed(at: Instant): void
  /** One more while it was. */
  joined(asset: AssetId, at: Instant): void
}

export const SILENT: Walker = { opened: () => undefined, closed: () => undefined, joined: () => undefined }

/** Counts on up to `to`, in order of time; `open`: the number was reached before. Says whether it is at the end. */
export function walk(gathering: Gathering, to: Instant, walker: Walker, open: boolean): boolean {
  const { queue, counted, quorum } = gathering
  for (let edge = queue.at(-1); edge && edge.at <= to; edge = queue.at(-1)) {
    queue.pop()
    const stretches = (counted.get(edge.asset) ?? 0) + (edge.begins ? 1 : -1)
    if (stretches > 0) counted.set(edge.asset, stretches)
    else counted.delete(edge.asset)
    if (edge.begins && stretches === 1) {
      if (open) walker.joined(edge.asset, edge.at)
      else if (counted.size >= quorum.count) {
        open = true
        walker.opened(edge.at)
      }
    } else if (open && counted.size < quorum.count) {
      open = false
      walker.closed(edge.at)
    }
  }
  return open
}

/** Back to before the first edge: everything is to be counted again. */
export function rewind(gathering: Gathering): void {
  const { quorum } = gathering
  gathering.counted.clear()
  gathering.queue = [...gathering.members.values()]
    .flat()
    .flatMap((member) => edgesOf(member, quorum))
    .sort(laterFirst)
}

/** Puts an edge in its place. */
export function enqueue(gathering: Gathering, edge: Edge): void {
  const { queue } = gathering
  let [low, high] = [0, queue.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (laterFirst(queue[middle] as Edge, edge) < 0) low = middle + 1
    else high = middle
  }
  queue.splice(low, 0, edge)
}

function edgesOf({ asset, from, to }: Member, { withinMs }: Quorum): Edge[] {
  const begin: Edge = { at: from, begins: true, asset }
  return to === null ? [begin] : [begin, { at: to + withinMs, begins: false, asset }]
}

/** Who comes at the instant at which another goes keeps the number up. */
function laterFirst(a: Edge, b: Edge): number {
  return b.at - a.at || Number(a.begins) - Number(b.begins) || (a.asset < b.asset ? 1 : a.asset > b.asset ? -1 : 0)
}

/** The stretch by which an asset counts at `at`: the last that has begun. */
export function stretchAt(gathering: Gathering, asset: AssetId, at: Instant): Member | undefined {
  let last: Member | undefined
  for (const member of gathering.members.get(asset) ?? []) if (member.from <= at && (!last || member.from >= last.from)) last = member
  return last
}

/** Forgets stretches that no longer count at the base, and alerts that were over before it. */
export function prune(gathering: Gathering): void {
  const { base, quorum, members } = gathering
  for (const [asset, stretches] of members) {
    const kept = stretches.filter(({ to }) => to === null || to + quorum.withinMs > base)
    if (kept.length === 0) members.delete(asset)
    else if (kept.length < stretches.length) members.set(asset, kept)
  }
  gathering.raised = gathering.raised.filter(({ resolvedAt }) => resolvedAt === null || resolvedAt > base)
}
