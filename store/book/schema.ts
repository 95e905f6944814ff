import type { Generated } from 'kysely'
import type { EVIDENCE_KINDS, Moment } from '../../domain/alert.ts'

/**
 * The tables of the book, column by column. A column bears the word of the field that it holds; instants are ms UTC,
 * flags 0 or 1, and what is never searched is JSON text.
 */
export interface Schema {
  projection: { id: 1; offset: number }
  transitions: { offset: number; n: number; alert: string; shadow: number; json: string }
  alerts: AlertRow
  timeline: { id: Generated<number>; alert: string; at: number; by: string; what: string; note: string }
  evidence: EvidenceRow
  evidenceWanted: { alert: string; stills: number; attempts: number; nextAt: number; error: string | null; turn: number }
  questions: { alert: string; about: string; answer: string | null; attempts: number; nextAt: number | null; turn: number }
  fusions: { source: string; target: string }
  cases: CaseRow
  caseHistory: { id: Generated<number>; case: string; offset: number; at: number; by: string; from: string | null; to: string; note: string; photos: string }
  events: { seq: Generated<number>; id: string; type: string; time: string; subject: string; area: string | null; data: string }
  deliveries: DeliveryRow
  desks: { name: string; disabledAt: number | null; why: string }
  assets: AssetRow
  areas: { code: string; level: string; name: string; polygon: string }
  cameras: { id: string; version: number; config: string; by: string; at: number }
  rules: RuleRow
  silences: SilenceRow
  groups: GroupRow
  inhibitions: { source: string; rule: string; on: string; value: string }
  ruleMoves: { rule: string; version: number; offset: number; at: number; by: string; state: RuleRow['state']; areas: string | null; guard: string | null; note: string }
  calendars: { id: string; version: number; by: string; at: number; json: string }
  controls: { offset: number; type: string; about: string; json: string }
  controlsKept: { id: 1; since: number }
  coverage: CoverageRow
  cameraHealth: { camera: string; memory: string }
}

export interface AlertRow {
  id: string
  rule: string
  ruleVersion: number
  key: string
  asset: string
  devices: string
  severity: string
  title: string
  condition: string
  review: string
  verdict: string | null
  openedAt: number
  raisedAt: number
  resolvedAt: number | null
  late: number
  amended: string | null
  lon: number | null
  lat: number | null
  area: string | null
  grid: string | null
  /** The finest code known, by which people's areas are checked; see scope.ts. */
  place: string | null
  values: string
  params: string
  observations: string
  model: string | null
  dispatch: string | null
  matter: string | null
  case: string | null
  /** Record that raised it. */
  offset: number
  /** The gateway of its device, asked for only where rules speak of gateways. */
  gateway: string | null
  /** Whose it was, if that is sure: JSON text. */
  vehicle: string | null
  attributedAt: number | null
  /** What a camera sees that it denies: JSON text. */
  doubt: string | null
  group: string | null
  /** The order that makes it information only (S12): `{ref, until}`. */
  maintenance: string | null
  // Its attention:
  shown: number
  by: string | null
  ref: string | null
  until: number | null
}

export interface EvidenceRow {
  alert: string
  id: string
  kind: (typeof EVIDENCE_KINDS)[number]
  sha256: string
  at: number
  shows: Moment | null
  bytes: number | null
  deletedAt: number | null
}

export interface SilenceRow {
  id: string
  kind: string
  matchers: string
  from: number
  to: number
  by: string
  at: number
  reason: string
  state: string
  removedBy: string | null
  endedAt: number | null
  /** Area that it is confined to; null: the whole city. */
  place: string | null
  /** When its state changes by itself. */
  dueAt: number | null
  offset: number
}

export interface GroupRow {
  id: string
  by: string
  key: string
  members: number
  changes: number | null
  since: number
  until: number | null
  head: string | null
}

export interface CaseRow {
  id: string
  type: string
  alert: string | null
  state: string
  open: number
  matter: string | null
  asset: string | null
  department: string | null
  level: string
  dueAt: number | null
  from: number | null
  to: number | null
  desk: string | null
  place: string | null
  offset: number
}

export interface DeliveryRow {
  desk: string
  seq: number
  /** Deliveries of one lane leave in order of `seq`. */
  lane: string
  attempts: number
  nextAt: number
  state: 'pending' | 'delivered' | 'dead'
  lastError: string | null
  reference: string | null
}

export interface AssetRow {
  id: string
  kind: string
  name: string
  place: string | null
  west: number | null
  south: number | null
  east: number | null
  north: number | null
  json: string
}

export interface RuleRow {
  id: string
  version: number
  state: 'draft' | 'shadow' | 'live' | 'quarantined' | 'removed'
  source: string
  /** The parsed file; null if this program cannot read what an older one wrote. */
  file: string | null
  author: string
  note: string
  at: number
  base: string | null
  /** Codes of the areas that it is live in; null: everywhere. */
  areas: string | null
  guard: string | null
  /** When and by whom it came into its state, why, and at which record. */
  since: number
  movedBy: string
  why: string
  offset: number
}

export interface CoverageRow {
  /** When the hour begins, and up to when it is accounted for. */
  hour: number
  camera: string
  algorithm: string
  through: number
  frames: number
  inferred: number
  /** Without the time off duty. */
  blindMs: number
  /** `{gated, dropped, blindMs}`, each by reason. */
  counts: string
}
