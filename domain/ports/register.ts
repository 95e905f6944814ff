import type { Area, AreaLevel } from '../area.ts'
import type { Asset } from '../asset.ts'
import type { Calendar } from '../calendar.ts'
import type { CameraConfig } from '../camera.ts'
import type { Bbox } from '../geo.ts'
import type { Principal } from '../role.ts'
import type { Guard, RuleFile, RuleState } from '../rule.ts'
import type { Instant } from '../time.ts'
import type { Page, PageQuery } from './alerts.ts'

export interface AssetQuery extends PageQuery {
  kind?: string
  bbox?: Bbox
  q?: string
}
/** An asset with the newest values that its devices reported. */
export type AssetView = Asset & { values: Record<string, unknown>; at: Instant | null }

/** A version of a rule without its text: who wrote it, and how it came into its present state. */
export interface RuleBrief {
  version: number
  state: RuleState
  /** `live` in these areas only; null: everywhere. */
  areas: string[] | null
  guard: Guard | null
  author: string
  at: Instant
  note: string
  /** Since when it is in this state, who moved it there and why: a guard's numbers, what a quarantined rule did. */
  since: Instant
  movedBy: string
  why: string
}

export interface RuleView extends RuleBrief {
  id: string
  /** Parsed, and as written. */
  file: RuleFile
  source: string
  /** Source of the rule that it extends, as it was when this was written. */
  base: string | null
  /** The rule that it extends is live with another source by now. */
  baseOutdated: boolean
}

/** A rule as it is now: the version that counts, beside what else is in force. */
export interface RuleHead extends RuleView {
  /** Number of the newest version, which an edit must know. */
  newest: number
  /** All that are live, in shadow or quarantined, newest first. */
  inForce: RuleBrief[]
}

/** A version came into a state, by whom and why. */
export interface RuleMove {
  at: Instant
  by: string
  state: RuleState | 'removed'
  areas: string[] | null
  note: string
}

export interface CalendarView extends Calendar {
  id: string
  version: number
  by: string
  at: Instant
}

/** What stands in the city and which rules watch it. Writes go through the journal. */
export interface Register {
  assets(query: AssetQuery, who: Principal): Promise<Page<AssetView>>
  asset(id: string, who: Principal): Promise<AssetView>
  putAsset(asset: Asset, who: Principal): Promise<AssetView>
  areas(level?: AreaLevel): Promise<Area[]>
  camera(id: string, who: Principal): Promise<{ version: number; config: CameraConfig }>
  /** Throws `version.stale` when `version` is not the present one, `request.invalid` with all that its algorithms name and is not there. */
  putCamera(id: string, version: number, config: CameraConfig, who: Principal): Promise<{ version: number; config: CameraConfig }>
  rules(query: PageQuery): Promise<Page<RuleHead>>
  rule(id: string): Promise<RuleHead>
  /** Newest first; `moves` oldest first. */
  ruleVersions(id: string): Promise<(RuleView & { moves: RuleMove[] })[]>
  calendars(query: PageQuery): Promise<Page<CalendarView>>
  calendar(id: string): Promise<CalendarView>
  /** Version 0 makes one. Throws `version.stale` when `version` is not the present one. */
  putCalendar(id: string, version: number, calendar: Calendar, who: Principal): Promise<CalendarView>
}
