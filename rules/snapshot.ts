import { createHash } from 'node:crypto'
import { freezeGathering, type GatheringJson, thawGathering } from './gathering.ts'
import { type CompiledRule, compileRule, type RuleVersion } from './rule.ts'
import { type AssetState, type Course, type EngineState, emptyState, type OpenCase, putCase, type ZoneShape } from './state.ts'
import { newWake } from './wake.ts'
import type { DeviceClock } from './watermark.ts'

/** The engine's whole state as text, and the hash by which a replay proves that it arrived at the same (S14). */
export interface Snapshot {
  offset: number
  hash: string
  /** One after another; a single text of a large city would be longer than a string can be. */
  pieces: readonly string[]
}

/** Format of the pieces; a snapshot of another format is not read, the journal is. */
const FORMAT = 8
const ASSETS_PER_PIECE = 256

type CourseJson = Omit<Course, 'tracks' | 'vehicles' | 'keys'> & { tracks: unknown[]; vehicles: unknown[]; keys: unknown[] }

export function freeze(state: EngineState): Snapshot {
  const { offset, pieces, hash } = freezing(state)
  const all = [...pieces]
  return { offset, pieces: all, hash: hash() }
}

/** The same piece by piece, so that the whole text never stands in memory; the hash is known after the last one. */
export function freezing(state: EngineState): { offset: number; pieces: Iterable<string>; hash(): string } {
  const hash = createHash('sha256')
  function* hashed(): Generator<string> {
    for (const piece of piecesOf(state)) {
      hash.update(piece)
      yield piece
    }
  }
  return { offset: state.offset, pieces: hashed(), hash: () => hash.digest('hex') }
}

/** The hash alone. */
export function hashOf(state: EngineState): string {
  const hash = createHash('sha256')
  for (const piece of piecesOf(state)) hash.update(piece)
  return hash.digest('hex')
}

/** Maps become lists in their order of insertion, which the journal determines: equal states give equal pieces. */
function* piecesOf(state: EngineState): Generator<string> {
  yield JSON.stringify({
    format: FORMAT,
    offset: state.offset,
    clock: state.clock,
    began: state.began,
    rules: [...state.rules].map(([id, { live, trial, shadow }]) => [id, [live, trial, shadow].map((rule) => (rule ? versionOf(rule) : null))]),
    assetOf: [...state.assetOf],
    devices: [...state.devices.values()].map((device) => ({
      ...device,
      lagBefore: Number.isFinite(device.lagBefore) ? device.lagBefore : null,
      lag: Number.isFinite(device.lag) ? device.lag : null,
    })),
    draining: [...state.draining],
    zones: [...state.zones.values()],
    cameras: [...state.cameras],
    reminders: [...state.reminders],
    gatherings: [...state.gatherings.values()].map(freezeGathering),
    calendars: [...state.calendars],
    cases: [...state.cases.values()].flatMap((cases) => [...cases.values()]),
    broken: [...state.broken],
    quarantined: [...state.quarantined],
    faults: state.faults,
    counts: state.counts,
  })
  let some: unknown[] = []
  for (const asset of state.assets.values()) {
    if (some.push(freezeAsset(asset)) < ASSETS_PER_PIECE) continue
    yield JSON.stringify(some)
    some = []
  }
  if (some.length > 0) yield JSON.stringify(some)
}

function versionOf({ id, version, state, source, base, areas, since, sinceAt }: CompiledRule): RuleVersion {
  return { id, version, state, source, base, areas, since, sinceAt }
}

function freezeAsset(asset: AssetState): unknown {
  const { rules: _rules, timed: _timed, nextDue: _nextDue, wake: _wake, course, checkpoints, raised, reminders, edited, ...rest } = asset
  return {
    ...rest,
    course: freezeCourse(course),
    checkpoints: checkpoints.map((each) => ({ ...each, course: freezeCourse(each.course) })),
    raised: [...raised],
    reminders: [...reminders],
    edited: [...edited],
  }
}

function freezeCourse(course: Course): CourseJson {
  return { ...course, tracks: [...course.tracks], vehicles: [...course.vehicles], keys: [...course.keys] }
}

/**
 * The state again; undefined when the pieces are of another format, do not bear their hash, or hold a rule that this
 * program cannot compile. `pieces` are gone through twice.
 */
export function thaw({ hash, pieces }: { hash: string; pieces: Iterable<string> }): EngineState | undefined {
  const found = createHash('sha256')
  for (const piece of pieces) found.update(piece)
  if (found.digest('hex') !== hash) return undefined
  let state: EngineState | undefined
  for (const piece of pieces) {
    const json = JSON.parse(piece)
    if (state) for (const each of json as AssetJson[]) putThawed(state, thawAsset(each))
    else state = thawCity(json)
    if (!state) return undefined
  }
  return state
}

interface CityJson extends Pick<EngineState, 'offset' | 'clock' | 'began' | 'counts' | 'faults'> {
  format: number
  rules: [string, (RuleVersion | null)[]][]
  devices: (Omit<DeviceClock, 'lag' | 'lagBefore'> & { lag: number | null; lagBefore: number | null })[]
  zones: ZoneShape[]
  cases: OpenCase[]
  assetOf: []
  draining: []
  cameras: []
  reminders: []
  gatherings: GatheringJson[]
  calendars: []
  broken: []
  quarantined: []
}

/** All but the assets. */
function thawCity(json: CityJson): EngineState | undefined {
  if (json.format !== FORMAT) return undefined
  const { offset, clock, began, counts, faults } = json
  const state: EngineState = {
    ...emptyState(),
    ...{ offset, clock, began, counts, faults },
    assetOf: new Map(json.assetOf),
    draining: new Map(json.draining),
    reminders: new Map(json.reminders),
    cameras: new Map(json.cameras),
    calendars: new Map(json.calendars),
    broken: new Map(json.broken),
    quarantined: new Map(json.quarantined),
  }
  try {
    for (const [id, versions] of json.rules) {
      const [live, trial, shadow] = versions.map((version) =>
        version ? compileRule({ ...version, base: version.base ?? undefined, areas: version.areas ?? undefined }) : undefined,
      )
      state.rules.set(id, { live, trial, shadow })
    }
  } catch {
    return undefined
  }
  for (const each of json.devices) state.devices.set(each.device, { ...each, lag: each.lag ?? Infinity, lagBefore: each.lagBefore ?? Infinity })
  for (const each of json.zones) state.zones.put(each)
  for (const each of json.gatherings.map(thawGathering)) state.gatherings.set(each.id, each)
  for (const each of json.cases) putCase(state, each)
  return state
}

type AssetJson = Omit<AssetState, 'course' | 'checkpoints' | 'raised' | 'reminders' | 'edited'> & {
  course: CourseJson
  checkpoints: { at: number; offset: number; course: CourseJson }[]
  raised: []
  reminders: []
  edited: []
}

function putThawed(state: EngineState, asset: AssetState): void {
  state.assets.set(asset.id, asset)
  if (asset.asset) state.fleet.put(asset.asset)
}

function thawAsset(json: AssetJson): AssetState {
  return {
    ...json,
    // One of before that says how early its late reports were, and not how late.
    late: json.late && { ...json.late, to: json.late.to ?? json.course.frontier },
    course: thawCourse(json.course),
    checkpoints: json.checkpoints.map((each) => ({ ...each, course: thawCourse(each.course) })),
    raised: new Map(json.raised),
    reminders: new Map(json.reminders),
    edited: new Map(json.edited),
    rules: undefined,
    timed: undefined,
    nextDue: Infinity,
    wake: newWake(json.id),
  }
}

function thawCourse(json: CourseJson): Course {
  return { ...json, tracks: new Map(json.tracks as []), vehicles: new Map(json.vehicles as []), keys: new Map(json.keys as []) }
}
