import type { Scalar } from '../../domain/alert.ts'
import type { Position } from '../../domain/geo.ts'
import type { Box } from '../../domain/observation.ts'
import type { Instant } from '../../domain/time.ts'

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
  readonly box: Box
  readonly track: string
  readonly zone: string
}

/** Memory of one `still(…)` in one rule for one key: where the thing has stood since when. */
export interface Anchor {
  readonly place: Position | Box
  readonly since: Instant
}

/** What a condition may look at. `undefined` anywhere means unknown (S4). */
export interface Context {
  /** Event time of the evaluation. */
  at: Instant
  values: Readonly<Record<string, Stamped>>
  params: Readonly<Record<string, Scalar>>
  /** Newest observation of the rule's kind, or the registration. */
  lastSeen: Instant
  object: SeenObject | undefined
  inside(zone: string): boolean | undefined
  openCase(type: string): boolean
  /** Anchors by slot of the rule; `still` reads and replaces them. */
  anchors: (Anchor | undefined)[]
  /** Set by `still` when the thing has moved and its hold must begin anew. */
  restarted: boolean
}

export type Result = Scalar | readonly (Scalar | undefined)[] | undefined
export type Evaluate = (context: Context) => Result
