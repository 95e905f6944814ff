import type { Amendment, Condition, Scalar } from '../domain/alert.ts'
import type { Asset } from '../domain/asset.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { CameraConfig } from '../domain/camera.ts'
import type { Kind } from '../domain/fields.ts'
import type { Bbox, Polygon, Position } from '../domain/geo.ts'
import type { AlertId, AssetId, DeviceId, GatewayId, Offset, RuleId } from '../domain/ids.ts'
import type { Box, Observation } from '../domain/observation.ts'
import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import type { FixState } from './fix.ts'
import { Fleet } from './fleet.ts'
import type { Gathering } from './gathering.ts'
import type { Hold } from './hold.ts'
import type { Stamped } from './language/values.ts'
import type { CompiledRule } from './rule.ts'
import type { Skew } from './skew.ts'
import type { Wake } from './wake.ts'
import type { DeviceClock } from './watermark.ts'
import { Zones } from './zones.ts'

/** What a hold saw when it began; goes onto the alert. Immutable. */
export interface Onset {
  readonly values: Readonly<Record<string, Scalar>>
  readonly observations: readonly Offset[]
  readonly lon: number | null
  readonly lat: number | null
  readonly model: string | null
  readonly late: boolean
}

/** One rule on one key. Immutable: a change makes a new one, so checkpoints share what did not change. */
export interface KeyState {
  readonly hold: Hold
  /** What the rule's conditions remember, by slot; plain JSON values. */
  readonly memory: readonly unknown[]
  readonly onset: Onset | null
  readonly severity: Severity
}

/** What a camera has seen of one track. */
export interface TrackState {
  readonly lastSeen: Instant
  readonly bestScore: number
  readonly looks: number
  readonly scoreSum: number
  readonly box: Box
  /** Looks in each zone with an inertia, since the last that showed it outside. */
  readonly inside?: Readonly<Record<string, number>>
}

/** A vehicle, whatever tracks it was seen under; kept only for rules with `identity: vehicle`. Immutable. */
export interface VehicleState extends TrackState {
  readonly label: string
  readonly plate: string | null
  /** As it was read last; absent: nobody has. */
  readonly colour?: string
  /** The one that it bears now. */
  readonly track: string
  /** The first look since it was seen that showed its place, and not it; null: none did. */
  readonly missedAt: Instant | null
}

/**
 * The part of an asset's state that is a function of its observations in order of event time. A backfill copies an
 * older one, runs the merged observations over it and compares (S6).
 */
export interface Course {
  values: Readonly<Record<string, Stamped>>
  fix: FixState
  seen: Partial<Record<Kind, Instant>>
  tracks: Map<string, TrackState>
  vehicles: Map<string, VehicleState>
  /** By the rule's name, or name | zone/object for rules over objects (objects.ts). */
  keys: Map<string, KeyState>
  /** Latest event time that changed anything: of an observation or of a timer. */
  frontier: Instant
  /** Newest record that went into it. */
  offset: Offset
}

export interface Checkpoint {
  at: Instant
  /** Newest record of the journal when it was taken; `course.offset` is the newest one that went into it. */
  offset: Offset
  course: Course
}

/** The versions of a rule that are in force. */
export interface Lanes {
  /** Everywhere, but for the areas of `trial`. */
  live: CompiledRule | undefined
  /** Live in some areas first. */
  trial: CompiledRule | undefined
  /** Judged and counted; raises nothing. */
  shadow: CompiledRule | undefined
}

/** Rules that apply to one asset, by kind and by the name that their keys bear. */
export interface Selected {
  byKind: ReadonlyMap<Kind, readonly CompiledRule[]>
  byName: ReadonlyMap<string, CompiledRule>
}

/** An alert of this key within the reach of a backfill. Immutable. */
export interface RaisedAlert {
  readonly id: AlertId
  readonly key: string
  readonly ruleVersion: number
  readonly condition: Exclude<Condition, 'pending'>
  readonly openedAt: Instant
  readonly raisedAt: Instant
  readonly resolvedAt: Instant | null
  readonly severity: Severity
  /** A maintenance order is open: severity shows as info and nobody is sent (S12). */
  readonly informed: boolean
  readonly late: boolean
  readonly amended: Amendment | null
  readonly onset: Onset
  /** Of an area's alert: devices of its members. */
  readonly devices?: readonly DeviceId[]
  /** Event time at which it was raised, where that is not the end of the hold. */
  readonly firedAt?: Instant
}

export interface AssetState {
  id: AssetId
  /** Undefined: nobody registered it, a device reported. */
  asset: Asset | undefined
  knownSince: Instant
  devices: DeviceId[]
  /** Where in the journal these devices became its own: what they said before is not merged into its past. */
  since: Offset
  course: Course
  checkpoints: Checkpoint[]
  sinceCheckpoint: number
  /** By the name of a rule: the record since which it judges this asset as it does now; without, since the asset is known. */
  edited: Map<string, Offset>
  /** By the same keys as course.keys. */
  raised: Map<string, RaisedAlert[]>
  /** By key and beginning of the hold. */
  reminders: Map<string, ReminderState>
  /** Observations older than the reach of a backfill: history only. */
  tooLate: Offset[]
  /** Late observations that wait to be judged in one backfill: how many, and the event times of the oldest and the newest. */
  late: { at: Instant; to: Instant; n: number } | null
  /** The clock of its last backfill. */
  backfilledAt: Instant
  /** Several devices watch it: by how much their clocks were corrected since when; in order of the journal. */
  skews: readonly Skew[]
  /** Several devices watch it: observations that wait for the slower ones (S7). */
  waiting: Observation[]
  // Derived, not part of a snapshot:
  /** Rules that apply to it; undefined after a change of rules or of the asset. */
  rules: Selected | undefined
  /** Of these, the ones whose conditions can turn without an observation. */
  timed: readonly CompiledRule[] | undefined
  /** Event time of the next timer that the clock may fire. */
  nextDue: Instant
  /** Its place in the queue of wake-ups. */
  wake: Wake
}

/** A reminder that was asked for. Immutable. */
export interface ReminderState {
  readonly id: AlertId
  /** Event time at which the hold was satisfied. */
  readonly at: Instant
  readonly answered: boolean
  /** Clock at which it was sent; null: it was not, or nobody has said yet. */
  readonly sentAt: Instant | null
}

export interface ZoneShape {
  id: string
  type: string
  polygon: Polygon
  /** A route. */
  line?: readonly Position[]
  /** It is a zone only while this calendar is on. */
  calendar?: string
  /** Around all of it. */
  box: Bbox
}

export interface OpenCase {
  id: string
  type: string
  asset: string
  from: Instant | null
  to: Instant | null
}

/** What the engine needs of a camera. */
export type CameraState = Pick<CameraConfig, 'zones' | 'algorithms'> & { hasSource: boolean }

/** A version that is not in force because of what it is. */
export interface FaultyVersion {
  version: number
  why: string
}

/** A version that must not be judged from the record `from` on (S18). */
export interface Quarantine {
  rule: string
  version: number
  from: Offset
  why: string
}

/** Everything that the engine knows: a function of the journal and of nothing else (S1, S14). */
export interface EngineState {
  offset: Offset
  clock: Instant
  /** The first record that it was given; 0 before it. */
  began: Offset
  rules: Map<string, Lanes>
  assets: Map<AssetId, AssetState>
  assetOf: Map<DeviceId, AssetId>
  devices: Map<DeviceId, DeviceClock>
  draining: Map<GatewayId, Instant>
  zones: Zones
  /** Derived from the assets, not part of a snapshot. */
  fleet: Fleet
  cameras: Map<string, CameraState>
  /** What became of reminders, by rule: sent; gone before the wait was over; still there then. */
  reminders: Map<RuleId, { sent: number; left: number; stayed: number }>
  /** Rules that gather, by name | area. */
  gatherings: Map<string, Gathering>
  calendars: Map<string, Calendar>
  /** Open cases by asset and id. */
  cases: Map<string, Map<string, OpenCase>>
  /** Newest version of a rule that this program could not compile, until one that it can comes into force. */
  broken: Map<string, FaultyVersion>
  /** By rule and version: those that are out because they threw or took too long (S18). */
  quarantined: Map<string, Quarantine>
  /** Rules that threw while a record was judged: out from the next one on. */
  faults: Quarantine[]
  counts: {
    tooLateForRules: number
    suspectFixes: number
    backfills: number
    brokenRules: number
    /** Assets of which an edit judged the newest values only, because looking back on all of them would take too long. */
    notRejudged: number
  }
}

export function emptyState(): EngineState {
  return {
    offset: 0,
    clock: 0,
    began: 0,
    rules: new Map(),
    assets: new Map(),
    assetOf: new Map(),
    devices: new Map(),
    draining: new Map(),
    zones: new Zones(),
    fleet: new Fleet(),
    cameras: new Map(),
    reminders: new Map(),
    gatherings: new Map(),
    calendars: new Map(),
    cases: new Map(),
    broken: new Map(),
    quarantined: new Map(),
    faults: [],
    counts: { tooLateForRules: 0, suspectFixes: 0, backfills: 0, brokenRules: 0, notRejudged: 0 },
  }
}

/** Takes note of an open case. */
export function putCase(state: EngineState, order: OpenCase): void {
  const cases = state.cases.get(order.asset)
  if (cases) cases.set(order.id, order)
  else state.cases.set(order.asset, new Map([[order.id, order]]))
}

export function dropCase(state: EngineState, asset: string, id: string): void {
  const cases = state.cases.get(asset)
  if (cases?.delete(id) && cases.size === 0) state.cases.delete(asset)
}

export function copyCourse(course: Course): Course {
  return { ...course, seen: { ...course.seen }, tracks: new Map(course.tracks), vehicles: new Map(course.vehicles), keys: new Map(course.keys) }
}
