import { createHash } from 'node:crypto'
import { freezeGathering, type GatheringJson, thawGathering } from './gathering.ts'
import { type CompiledRule, compileRule, type RuleVersion } from './rule.ts'
import { type AssetState, type Course, type EngineState, emptyState, putCase } from './state.ts'
import { newWake } from './wake.ts'

/** The engine's whole state as text, and the hash by which a replay proves that it arrived at the same (S14). */
export interface Snapshot {
  offset: number
  hash: string
  body: string
}

/** Format of `body`; a snapshot of another format is not read, the journal is. */
const FORMAT = 6

type CourseJson = Omit<Course, 'tracks' | 'vehicles' | 'keys'> & { tracks: unknown[]; vehicles: unknown[]; keys: unknown[] }

/** Maps become lists in their order of insertion, which the journal determines: equal states give equal text. */
export function freeze(state: EngineState): Snapshot {
  const body = JSON.stringify({
    format: FORMAT,
    offset: state.offset,
    clock: state.clock,
    rules: [...state.rules].map(([id, { live, trial, shadow }]) => [id, [live, trial, shadow].map((rule) => (rule ? versionOf(rule) : null))]),
    assets: [...state.assets.values()].map(freezeAsset),
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
    counts: state.counts,
  })
  return { offset: state.offset, hash: createHash('sha256').update(body).digest('hex'), body }
}

function versionOf({ id, version, state, source, base, areas, since, sinceAt }: CompiledRule): RuleVersion {
  return { id, version, state, source, base, areas, since, sinceAt }
}

function freezeAsset(asset: AssetState): unknown {
  const { rules: _rules, timed: _timed, nextDue: _nextDue, wake: _wake, course, checkpoints, raised, reminders, ...rest } = asset
  return {
    ...rest,
    course: freezeCourse(course),
    checkpoints: checkpoints.map((each) => ({ ...each, course: freezeCourse(each.course) })),
    raised: [...raised],
    reminders: [...reminders],
  }
}

function freezeCourse(course: Course): CourseJson {
  return { ...course, tracks: [...course.tracks], vehicles: [...course.vehicles], keys: [...course.keys] }
}

/** The state again; undefined when the text is of another format, does not bear its hash, or holds a rule that this program cannot compile. */
export function thaw(snapshot: Snapshot): EngineState | undefined {
  if (createHash('sha256').update(snapshot.body).digest('hex') !== snapshot.hash) return undefined
  const json = JSON.parse(snapshot.body)
  if (json.format !== FORMAT) return undefined
  const state = emptyState()
  Object.assign(state, {
    offset: json.offset,
    clock: json.clock,
    counts: json.counts,
    assetOf: new Map(json.assetOf),
    draining: new Map(json.draining),
    reminders: new Map(json.reminders),
    cameras: new Map(json.cameras),
    calendars: new Map(json.calendars),
  })
  try {
    for (const [id, versions] of json.rules as [string, (RuleVersion | null)[]][]) {
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
  for (const each of (json.gatherings as GatheringJson[]).map(thawGathering)) state.gatherings.set(each.id, each)
  for (const each of json.cases) putCase(state, each)
  for (const each of json.assets) state.assets.set(each.id, thawAsset(each))
  return state
}

function thawAsset(
  json: Record<string, unknown> & { course: CourseJson; checkpoints: { at: number; offset: number; course: CourseJson }[]; raised: []; reminders: [] },
): AssetState {
  return {
    ...(json as unknown as AssetState),
    course: thawCourse(json.course),
    checkpoints: json.checkpoints.map((each) => ({ ...each, course: thawCourse(each.course) })),
    raised: new Map(json.raised),
    reminders: new Map(json.reminders),
    rules: undefined,
    timed: undefined,
    nextDue: Infinity,
    wake: newWake(json.id as string),
  }
}

function thawCourse(json: CourseJson): Course {
  return { ...json, tracks: new Map(json.tracks as []), vehicles: new Map(json.vehicles as []), keys: new Map(json.keys as []) }
}
