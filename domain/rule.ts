import { z } from 'zod'
import { TextsSchema } from './asset.ts'
import { KINDS } from './fields.ts'
import { parseDuration } from './time.ts'

export const SEVERITIES = ['critical', 'major', 'minor', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export const DurationSchema = z.string().refine((text) => parseDuration(text) !== undefined, 'must be a duration such as 2s, 15m or 1h30m')

/** A hold: a duration, or a param that is one, so that authors can edit it. */
export const HoldSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined || /^params\.[a-z][A-Za-z0-9]*$/.test(text), 'must be a duration such as 2s or 15m, or params.NAME')

export const ParamSchema = z.strictObject({
  value: z.union([z.number(), z.string(), z.boolean()]),
  unit: z.string().optional(),
  /** Of a duration, in seconds. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** What a slider moves by, and by how much a mutation of the book changes it. */
  step: z.number().positive().optional(),
  /** One text, or one in each language. */
  help: z.union([z.string(), TextsSchema]).optional(),
})
/** What an author edits. A text with unit `duration` is a duration. */
export type Param = z.infer<typeof ParamSchema>

/** What a param is for, in the languages that its author wrote. */
export function paramHelp({ help = '' }: Pick<Param, 'help'>): { zh?: string; en: string } {
  return typeof help === 'string' ? { en: help } : help
}

export const MatterSchema = z.strictObject({ system: z.string(), kind: z.enum(['component', 'matter']), code: z.string() })
/** A code of the city's catalogue of components and matters. */
export type Matter = z.infer<typeof MatterSchema>

export const DispatchSchema = z.strictObject({ to: z.string(), within: DurationSchema.optional() })
/** Whom the alert should go to and how soon. */
export type Dispatch = z.infer<typeof DispatchSchema>

const ParamValueSchema = z.union([z.number(), z.string(), z.boolean()])

/**
 * Other params for some assets: one asset by id, an area by its code, or all with these labels. Where several apply, the
 * asset's own counts before labels, labels before the area, and a smaller area before a larger one.
 */
export const OverrideSchema = z.strictObject({
  asset: z.string().optional(),
  area: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  params: z.record(z.string(), ParamValueSchema),
  note: z.string().optional(),
})
export type Override = z.infer<typeof OverrideSchema>

/** One alert for an area: when `count` different assets in it were true within `within` (event time). */
const GatherSchema = z.strictObject({
  by: z.enum(['grid', 'community', 'street', 'district']),
  count: z.union([z.number().int().min(2), z.string().regex(/^params\.[a-z][A-Za-z0-9]*$/)]),
  within: HoldSchema,
})

/** Before the alert somebody is reminded; it is raised when the thing is still there `wait` after the reminder was sent. */
const RemindSchema = z.strictObject({ to: z.string(), wait: HoldSchema })

export const SHARED = ['asset', 'grid', 'area', 'gateway'] as const
/** What two alerts may have in common. */
export type Shared = (typeof SHARED)[number]

/** Alerts of this rule that agree in `by` and are raised within `within` of the first are shown as one. */
export const GroupingSchema = z.strictObject({
  by: z
    .array(z.enum([...SHARED, 'severity']))
    .min(1)
    .default(['grid']),
  within: DurationSchema,
})

/** While an alert of this rule goes on, alerts of those rules that share `on` with it are kept quiet: it explains them. */
export const InhibitsSchema = z.strictObject({ rules: z.array(z.string()).min(1), on: z.enum(SHARED).default('asset') })

/** A key that is raised and resolved more than `changes` times within `within` flaps: it is shown once, until it rests for `quietFor`. */
export const FlapSchema = z.strictObject({ changes: z.number().int().min(2), within: DurationSchema, quietFor: DurationSchema })

/**
 * Alerts of those rules so near to one of this rule tell of the same thing: while both go on they are shown as one, this one,
 * with the evidence of both and a higher certainty. An alert of those rules stands by itself again when this one ends.
 */
export const FuseSchema = z.strictObject({ with: z.array(z.string()).min(1), withinM: z.number().min(1).max(200) })

/**
 * Cameras that see so near to an alert of this rule what it denies: `seen` in so many of their newest looks since it began,
 * and `unless` in none. Then it is doubted: it is shown with this severity and goes to somebody else.
 */
export const DoubtSchema = z.strictObject({
  seen: z.array(z.string()).min(1),
  unless: z.array(z.string()).min(1),
  withinM: z.number().min(1).max(50),
  looks: z.number().int().min(2).max(5).default(3),
  /** Objects below this score say nothing. */
  score: z.number().min(0).max(1).default(0.5),
  severity: z.enum(SEVERITIES),
  dispatch: DispatchSchema.nullable().default(null),
})
export type Doubt = z.infer<typeof DoubtSchema>

/**
 * Whose was it? For each alert the platform asks which vehicles of the register passed there, by their GPS tracks, and names
 * candidates with probabilities (alerts/attribution/).
 */
export const AttributeSchema = z.strictObject({
  to: z.literal('vehicle'),
  /** Labels of objects in the scenes of the alert's camera that may have done it: they say when, which way, and perhaps the plate. */
  objects: z.array(z.string()).min(1).optional(),
  /** Labels of what was left behind: whoever did it passed before the first look that showed it. */
  left: z.array(z.string()).min(1).optional(),
  /** Only vehicles with these labels in the register. */
  labels: z.record(z.string(), z.string()).optional(),
  /** So long before the alert began it may have passed. */
  within: DurationSchema.default('1m'),
  /** Share of such vehicles in traffic that have no working terminal. */
  unknown: z.number().min(0.01).max(0.95).default(0.2),
  /** A single vehicle that is at least so probable is named on the alert. */
  sure: z.number().min(0.5).max(0.999).default(0.9),
})
export type Attribute = z.infer<typeof AttributeSchema>

/** A rule as an author writes it (architecture.md §6). Conditions are CEL texts; rules/ compiles them. */
export const RuleFileSchema = z.strictObject({
  rule: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and hyphens'),
  /** Everything that is not written here is as in that rule; params are merged one by one. */
  extends: z.string().optional(),
  title: TextsSchema,
  help: TextsSchema.optional(),
  on: z.enum(KINDS),
  /** `object`: a scene is judged object by object; the key is asset/zone/track. */
  each: z.literal('object').optional(),
  /**
   * What is the same object from look to look: its track, or the vehicle, which a plate, or the same label at the same
   * place within five minutes, recognises under another track.
   */
  identity: z.enum(['track', 'vehicle']).default('track'),
  /** For `each: object`: only objects with one of these labels, in a zone of this type. */
  objects: z.strictObject({ labels: z.array(z.string()).min(1), zone: z.string() }).optional(),
  /** Which assets: kind, area code and labels must agree. */
  assets: z.strictObject({ kind: z.string().optional(), area: z.string().optional(), labels: z.record(z.string(), z.string()).optional() }).optional(),
  params: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), ParamSchema).default({}),
  when: z.string(),
  for: HoldSchema.default('0'),
  keepFiringFor: HoldSchema.default('0'),
  clear: z.strictObject({ when: z.string(), for: HoldSchema.default('0') }).optional(),
  severity: z.string(),
  /** After an alert of a key has resolved, the same key raises nothing for so long. */
  coolDown: HoldSchema.default('0'),
  gather: GatherSchema.optional(),
  remind: RemindSchema.optional(),
  overrides: z.array(OverrideSchema).default([]),
  group: GroupingSchema.optional(),
  inhibits: InhibitsSchema.optional(),
  flap: FlapSchema.optional(),
  attribute: AttributeSchema.optional(),
  fuse: FuseSchema.optional(),
  doubt: DoubtSchema.optional(),
  matter: MatterSchema.optional(),
  inform: z.string().optional(),
  dispatch: DispatchSchema.optional(),
  /** Fields that go with the alert besides those in the condition. */
  show: z.array(z.string()).default([]),
  source: z.string().optional(),
})
export type RuleFile = z.infer<typeof RuleFileSchema>

/** `quarantined`: it threw or took too long, and the engine goes on without it (S18). */
export const RULE_STATES = ['draft', 'shadow', 'live', 'quarantined'] as const
export type RuleState = (typeof RULE_STATES)[number]

/** A version on trial goes back by itself when it raises more than this, or is judged wrong more often than this. */
export const GuardSchema = z.strictObject({
  alertsPerHour: z.number().positive().optional(),
  falseAlarmShare: z.number().min(0).max(1).optional(),
  /** So many verdicts before their share means anything. */
  judged: z.number().int().positive().default(10),
})
export type Guard = z.infer<typeof GuardSchema>
