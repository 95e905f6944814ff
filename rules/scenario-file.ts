import { z } from 'zod'
import { CalendarSchema } from '../domain/calendar.ts'
import { AlgorithmSchema, PictureZoneSchema } from '../domain/camera.ts'
import { CodedError } from '../domain/errors.ts'
import { KINDS } from '../domain/fields.ts'
import { SceneObjectSchema } from '../domain/observation.ts'
import { DurationSchema } from '../domain/rule.ts'
import { type FileError, SourceText } from './places.ts'

/**
 * The file `X.scenario.yaml` beside the rule `X.yaml`: what the rule must say of given observations, on a virtual clock
 * that begins at 0 (the model is promtool). Everything that a scenario does not say is as in an empty city.
 */
const TimeSchema = DurationSchema
const PointSchema = z.tuple([z.number(), z.number()])

const DeviceSchema = { device: z.string().optional(), gateway: z.string().optional(), kind: z.enum(KINDS).optional() }

/**
 * `at` is event time, `received` the clock (default: `at`, or the one before if that is later). `repeat`: the same message once
 * more, so many times; what comes twice is journalled once (S10). `see`: the things that a look shows, `car+bus`, `car=0.3` with another score, `-` nothing.
 */
const ObservationSchema = z.looseObject({
  at: TimeSchema,
  received: TimeSchema.optional(),
  repeat: z.number().int().positive().default(0),
  see: z.string().optional(),
  ...DeviceSchema,
})
export type ScenarioObservation = z.infer<typeof ObservationSchema>

/**
 * `{ every: 10s, from: 0s, tiltDeg: "2x3 20x5 _ 2" }`: values in turn, NxM repeats N M times, _ is no observation.
 * `delay`: each is received so much later.
 */
const SeriesSchema = z.looseObject({ every: TimeSchema, from: TimeSchema.default('0'), delay: TimeSchema.default('0'), ...DeviceSchema })
export type Series = z.infer<typeof SeriesSchema>

/** A permit of the asset; times are of the scenario's clock. */
const PermitSchema = z.strictObject({
  type: z.string(),
  from: TimeSchema.nullable().default(null),
  to: TimeSchema.nullable().default(null),
  zone: z.string().nullable().default(null),
  calendar: z.string().optional(),
})
const ScenarioAssetSchema = z.looseObject({ id: z.string(), permits: z.array(PermitSchema).default([]) })
export type ScenarioAsset = z.infer<typeof ScenarioAssetSchema>

const ControlSchema = z.union([
  z.strictObject({ at: TimeSchema, case: z.string(), open: z.boolean(), asset: z.string().optional() }),
  z.strictObject({ at: TimeSchema, gateway: z.enum(['online', 'draining', 'offline', 'stopped']), of: z.string().default('gw') }),
  /** The reminder number `reminder` (counted from 1) was sent now; `failed`: could not be. */
  z.strictObject({ at: TimeSchema, reminder: z.number().int().positive(), failed: z.boolean().default(false) }),
  z.strictObject({ at: TimeSchema, register: ScenarioAssetSchema }),
])
export type ScenarioControl = z.infer<typeof ControlSchema>

const ScenarioSchema = z.strictObject({
  name: z.string(),
  /** RFC 3339; the default is 2026-01-05T08:00:00Z, a working Monday, 16:00 in Shanghai. */
  begins: z.iso.datetime({ offset: true }).default('2026-01-05T08:00:00Z'),
  /** The one that is meant where no device is named; `others` are registered besides. */
  asset: ScenarioAssetSchema.optional(),
  others: z.array(ScenarioAssetSchema).default([]),
  zones: z
    .array(z.strictObject({ id: z.string(), type: z.string(), polygon: z.array(PointSchema).optional(), line: z.array(PointSchema).optional(), calendar: z.string().optional() }))
    .default([]),
  picture: z.array(PictureZoneSchema).default([]),
  algorithms: z.array(AlgorithmSchema).optional(),
  calendars: z.record(z.string(), CalendarSchema).default({}),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** What can be seen, by a short name, which is its track too. */
  things: z.record(z.string(), SceneObjectSchema.extend({ score: z.number().default(0.8) })).default({}),
  observations: z.array(ObservationSchema).default([]),
  series: z.union([SeriesSchema.transform((one) => [one]), z.array(SeriesSchema)]).default([]),
  controls: z.array(ControlSchema).default([]),
  /** The engine is stopped here and restored from its snapshot. */
  restart: z.array(TimeSchema).default([]),
  until: TimeSchema,
  /** What its alerts have beside them: another rule's alert so many metres away, and whether the two are one (`fuse`). */
  beside: z.array(z.strictObject({ rule: z.string(), m: z.number().min(0), fused: z.boolean() })).default([]),
  /** Looks of a camera since the alert began, at things so many metres from it, and whether they deny it (`doubt`). */
  witnessed: z.array(z.strictObject({ see: z.string(), m: z.number().min(0).default(0), denied: z.boolean() })).default([]),
  /** What became of the reminders by then. */
  reminders: z.strictObject({ sent: z.number(), left: z.number(), stayed: z.number() }).optional(),
  /** Transitions, and requests to remind somebody (`what: remind`), in order; only what is named is compared. */
  expect: z.array(z.looseObject({ at: TimeSchema.optional(), what: z.string() })),
})
export type Scenario = z.infer<typeof ScenarioSchema> & {
  /** Where it stands in its file. */
  line: number
}

/** A change of the rule that no scenario can tell, as `rules mutate` names it, and why that is so. */
const EquivalentSchema = z.strictObject({ equivalent: z.string(), why: z.string().min(1) })
export type Equivalent = z.infer<typeof EquivalentSchema>

export interface ScenarioFile {
  scenarios: Scenario[]
  equivalent: Equivalent[]
}

/** Reads a scenario file; throws `scenarios.invalid` with everything that is wrong, by line and column. */
export function parseScenarios(text: string): ScenarioFile {
  const source = new SourceText(text)
  if (source.errors.length > 0) throw invalid(source.errors)
  const entries = z.array(z.unknown()).safeParse(source.value).data ?? []
  const errors: FileError[] = []
  const file: ScenarioFile = { scenarios: [], equivalent: [] }
  for (const [index, entry] of entries.entries()) {
    const isEquivalent = typeof entry === 'object' && entry !== null && 'equivalent' in entry
    const read = isEquivalent ? EquivalentSchema.safeParse(entry) : ScenarioSchema.safeParse(entry)
    const why = (path: readonly PropertyKey[], message: string): string => [path.join('.'), message].filter(Boolean).join(': ')
    if (!read.success) errors.push(...read.error.issues.map(({ path, message }) => ({ ...source.placeOf([index, ...path]), why: why(path, message) })))
    else if ('equivalent' in read.data) file.equivalent.push(read.data)
    else file.scenarios.push({ ...read.data, line: source.placeOf([index]).line })
  }
  if (errors.length === 0 && file.scenarios.length === 0) errors.push({ line: 1, column: 1, endColumn: 2, why: 'there is no scenario' })
  if (errors.length > 0) throw invalid(errors)
  return file
}

function invalid(errors: readonly FileError[]): CodedError {
  return new CodedError('scenarios.invalid', undefined, { details: errors.map(({ line, column, why }) => ({ where: `${line}:${column}`, why })) })
}
