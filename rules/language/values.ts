import type { Scalar } from '../../domain/alert.ts'
import type { Position } from '../../domain/geo.ts'
import type { Box, Observation } from '../../domain/observation.ts'
import type { Severity } from '../../domain/rule.ts'
import type { Instant } from '../../domain/time.ts'
import type { Run } from '../course.ts'

/** A value and when it was true. Immutable, so that checkpoints may share it. */
export interface Stamped {
  readonly value: Scalar | readonly string[]
  readonly at: Instant
}

/** One object in a scene together with what its track has shown so far. */
export interface SeenObject {
  readonly label: string
  readonly score: number
  readonly bestScore: number
  /** Over all looks at its track, and how many these were. */
  readonly meanScore: number
  readonly looks: number
  readonly box: Box
  /** Where it was at the look before; null at the first. */
  readonly before: Box | null
  /** Share of the picture that it covers. */
  readonly areaShare: number
  readonly track: string
  readonly zone: string
  readonly plate: string | undefined
  readonly colour: string | undefined
  /** Under which name a rule with `identity: vehicle` knows it; undefined when no such rule applies. */
  readonly vehicle: string | undefined
  /** Where it stands on the map, and how far it may be from there; of cameras that are calibrated. */
  readonly place: Position | undefined
  readonly errorM: number | undefined
  /** It has been in the zone for as many looks as the zone's inertia asks for. */
  readonly settled: boolean
}

/** What a condition may look at. `undefined` anywhere means unknown (S4). */
export interface Context {
  /** The pass over the asset's observations that it belongs to: its course, the asset, the city around it. */
  run: Run
  /** Event time of the evaluation. */
  at: Instant
  /** The asset's newest value of each field, and what they were before this observation. */
  values: Readonly<Record<string, Stamped>>
  before: Readonly<Record<string, Stamped>>
  /** What is judged; undefined: time alone made it necessary. */
  observation: Observation | undefined
  params: Readonly<Record<string, Scalar>>
  /** Zones of the picture that the camera binds the rule to; undefined: all. */
  zones: readonly string[] | undefined
  /** Newest observation of the rule's kind, or the registration. */
  lastSeen: Instant
  /** When the present hold began, and how severe it is so far; undefined: nothing holds. */
  heldSince: Instant | undefined
  severityNow: Severity | undefined
  /** The object that is judged, for rules over objects. */
  object: SeenObject | undefined
  /** What the calls of this rule remember for this key, by slot; written by `remember` only. Values are plain, immutable JSON: they go into snapshots. */
  memory: readonly unknown[]
  /** The memory is a copy of its own by now. */
  remembers: boolean
  /** Set by `still` when the thing has moved and its hold must begin anew. */
  restarted: boolean
}

export type Result = Scalar | readonly (Scalar | undefined)[] | undefined
export type Evaluate = (context: Context) => Result
