import { parse } from 'yaml'
import { z } from 'zod'
import { AssetSchema } from '../domain/asset.ts'
import { CalendarSchema } from '../domain/calendar.ts'
import { PictureZoneSchema } from '../domain/camera.ts'
import type { Kind } from '../domain/fields.ts'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Payload } from '../domain/observation.ts'
import type { ReminderDue } from '../domain/projection.ts'
import type { Control, JournalRecord } from '../domain/record.ts'
import { DurationSchema } from '../domain/rule.ts'
import { formatDuration, type Instant, parseDuration } from '../domain/time.ts'
import { Engine } from './engine.ts'
import { parseRuleFile } from './file.ts'
import { MemoryHistory } from './memory-history.ts'
import { freeze, thaw } from './snapshot.ts'

/**
 * Scenarios: what a rule must say of given observations, on a virtual clock that begins at 0 (the model is promtool).
 * A file `X.scenario.yaml` beside the rule `X.yaml` is a list of them.
 */
const TimeSchema = DurationSchema
const PointSchema = z.tuple([z.number(), z.number()])
const ScenarioSchema = z.strictObject({
  name: z.string(),
  asset: z.looseObject({ id: z.string() }).optional(),
  /** More assets, of which observations may name the devices. */
  assets: z.array(z.looseObject({ id: z.string() })).default([]),
  zones: z.array(z.strictObject({ id: z.string(), type: z.string(), polygon: z.array(PointSchema).optional(), line: z.array(PointSchema).optional() })).default([]),
  picture: z.array(PictureZoneSchema).default([]),
  calendars: z.record(z.string(), CalendarSchema).default({}),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** `at` is event time, `received` the clock (default: `at`, or the one before if that is later). */
  observations: z.array(z.looseObject({ at: TimeSchema, received: TimeSchema.optional(), device: z.string().optional() })).default([]),
  /** `{ every: 10s, from: 0s, tiltDeg: "2x3 20x5 _ 2" }`: values in turn, NxM repeats N M times, _ is no observation. */
  series: z.looseObject({ every: TimeSchema, from: TimeSchema.default('0') }).optional(),
  controls: z
    .array(
      z.union([
        z.strictObject({ at: TimeSchema, case: z.string(), open: z.boolean() }),
        /** What became of the reminders that were asked for by then: sent now, or not at all. */
        z.strictObject({ at: TimeSchema, reminded: z.boolean() }),
        z.strictObject({ at: TimeSchema, gateway: z.enum(['online', 'draining', 'offline', 'stopped']) }),
      ]),
    )
    .default([]),
  /** The engine is stopped here and restored from its snapshot. */
  restart: z.array(TimeSchema).default([]),
  until: TimeSchema,
  expect: z.array(z.looseObject({ at: TimeSchema, what: z.string() })),
})
type Scenario = z.infer<typeof ScenarioSchema>

export interface ScenarioResult {
  name: string
  /** Empty when it passed. */
  differences: string[]
}

/** 2026-01-05T08:00:00Z, a working Monday. */
const BASE: Instant = Date.UTC(2026, 0, 5, 8)

/** Runs the scenarios of one rule; `base`: the source of the rule that it extends. Throws when the rule or the scenario file is not valid. */
export function runScenarios(rule: string, scenarios: string, base?: string): ScenarioResult[] {
  const parsed = parseRuleFile(rule, base)
  if ('errors' in parsed) throw new Error(parsed.errors.map((error) => `${error.line}:${error.column} ${error.why}`).join('\n'))
  return z
    .array(ScenarioSchema)
    .min(1)
    .parse(parse(scenarios))
    .map((scenario) => ({ name: scenario.name, differences: runOne({ rule, base }, parsed.file.rule, parsed.file.on, scenario) }))
}

interface Sources {
  rule: string
  base: string | undefined
}

function runOne(rule: Sources, id: string, kind: Kind, scenario: Scenario): string[] {
  const history = new MemoryHistory()
  let engine = new Engine(history)
  const out: Record<string, unknown>[] = []
  const asked: ReminderDue[] = []
  let offset = 0
  const feed = (record: Record<string, unknown>, receivedAt: Instant): void => {
    const full = { ...record, offset: ++offset, receivedAt } as unknown as JournalRecord
    for (const each of engine.step([full])) {
      if (each.type === 'transition') out.push(each as unknown as Record<string, unknown>)
      if (each.type === 'remind') asked.push(each)
    }
    if (full.type === 'observation') history.add(full)
  }
  const tickUntil = (to: Instant): void => {
    for (let wake = engine.nextWake; wake < to; wake = engine.nextWake) feed({ type: 'tick' }, wake)
  }
  for (const control of setUp(rule, id, kind, scenario)) feed(control, BASE)
  for (const { clock, record, reminded } of schedule(kind, scenario)) {
    tickUntil(clock)
    if (reminded !== undefined)
      for (const each of asked.splice(0)) feed({ type: 'reminder', by: 'desk', id: each.id, rule: each.rule, key: each.key, sentAt: reminded ? clock : null }, clock)
    else if (record) feed(record, clock)
    else engine = new Engine(history, thaw(freeze(engine.state)))
  }
  tickUntil(BASE + ms(scenario.until) + 1)
  return compare(scenario, out)
}

function setUp({ rule, base }: Sources, id: string, kind: Kind, scenario: Scenario): Control[] {
  const source = Object.entries(scenario.params).reduce(
    (text, [name, value]) => text.replace(new RegExp(`(\\n\\s+${name}:\\s*\\{\\s*value:\\s*)[^,}]+`), `$1${String(value)}`),
    rule,
  )
  const controls: Control[] = [{ type: 'rule', by: 'scenario', id, version: 1, state: 'live', source, ...(base !== undefined && { base }), note: '' }]
  for (const [name, calendar] of Object.entries(scenario.calendars)) controls.push({ type: 'calendar', by: 'scenario', id: name, calendar })
  for (const zone of scenario.zones) controls.push({ type: 'zone', by: 'scenario', asset: zoneAsset(zone) })
  for (const asset of [...(scenario.asset ? [scenario.asset] : []), ...scenario.assets])
    controls.push({ type: 'asset', by: 'scenario', asset: AssetSchema.parse({ kind: kind === 'scene' ? 'camera' : kind, ...asset }) })
  if (scenario.picture.length > 0) controls.push({ type: 'camera', by: 'scenario', id: assetId(scenario), version: 1, config: { zones: scenario.picture } })
  return controls
}

function zoneAsset({ id, type, polygon, line }: Scenario['zones'][number]): ReturnType<typeof AssetSchema.parse> {
  return AssetSchema.parse({ id, kind: 'zone', zone: { type, ...(polygon && { polygon: [polygon] }), ...(line && { line }) } })
}

interface Planned {
  clock: Instant
  /** Undefined: restart. */
  record: Record<string, unknown> | undefined
  /** It answers every reminder that is open then. */
  reminded?: boolean
}

function schedule(kind: Kind, scenario: Scenario): Planned[] {
  let last = 0
  const planned: Planned[] = [...seriesOf(scenario), ...scenario.observations].map(({ at, received, device = assetId(scenario), ...fields }) => {
    last = Math.max(last, ms(received ?? at))
    const payload = { at: BASE + ms(at), ...fields } as Payload
    return {
      clock: BASE + (received === undefined ? last : ms(received)),
      record: { type: 'observation', kind, device: device as DeviceId, gateway: 'gw' as GatewayId, at: BASE + ms(at), payload },
    }
  })
  for (const { at, ...control } of scenario.controls) {
    const clock = BASE + ms(at)
    planned.push('reminded' in control ? { clock, record: {}, reminded: control.reminded } : { clock, record: controlOf(control, scenario, clock) })
  }
  for (const at of scenario.restart) planned.push({ clock: BASE + ms(at), record: undefined })
  return planned.sort((a, b) => a.clock - b.clock)
}

function controlOf(control: { case: string; open: boolean } | { gateway: string }, scenario: Scenario, at: Instant): Record<string, unknown> {
  if ('gateway' in control) return { type: 'gateway', by: 'gw', gateway: 'gw', state: control.gateway, at, oldest: null }
  return {
    type: 'case',
    by: 'scenario',
    id: `case-${control.case}`,
    case: control.case,
    asset: assetId(scenario),
    alert: null,
    state: control.open ? 'accepted' : 'closed',
    open: control.open,
    from: null,
    to: null,
    desk: null,
    note: '',
    photos: [],
  }
}

function seriesOf(scenario: Scenario): Scenario['observations'] {
  if (!scenario.series) return []
  const { every, from, ...fields } = scenario.series
  const columns = Object.entries(fields).map(([name, text]) => [name, expand(String(text))] as const)
  const length = Math.max(0, ...columns.map(([, values]) => values.length))
  const rows: Scenario['observations'] = []
  for (let i = 0; i < length; i++) {
    const row: Record<string, unknown> = {}
    for (const [name, values] of columns) if (values[i] !== undefined) row[name] = values[i]
    if (Object.keys(row).length > 0) rows.push({ at: formatDuration(ms(from) + i * ms(every)), ...row })
  }
  return rows
}

function expand(text: string): unknown[] {
  return text.split(/\s+/).flatMap((word) => {
    const [, value = word, times = '1'] = /^(.+?)x(\d+)$/.exec(word) ?? []
    return Array.from({ length: Number(times) }, () => (value === '_' ? undefined : parse(value)))
  })
}

function assetId(scenario: Scenario): string {
  return scenario.asset?.id ?? 'a-1'
}

function ms(text: string): number {
  return parseDuration(text) ?? Number.NaN
}

const TIMES = ['at', 'openedAt', 'resolvedAt', 'raisedAt']

function compare(scenario: Scenario, out: readonly Record<string, unknown>[]): string[] {
  const differences: string[] = []
  for (let i = 0; i < Math.max(out.length, scenario.expect.length); i++) {
    const wanted = scenario.expect[i]
    const got = out[i]
    if (!wanted) differences.push(`unexpected ${describe(got)}`)
    else if (!got) differences.push(`missing ${JSON.stringify(wanted)}`)
    else {
      const wrong = Object.entries(wanted).filter(([name, value]) => shown(name, got[name]) !== wantedText(name, value))
      if (wrong.length > 0)
        differences.push(
          `transition ${i + 1}: ${wrong.map(([name, value]) => `${name} is ${shown(name, got[name])}, expected ${JSON.stringify(value)}`).join('; ')} (${describe(got)})`,
        )
    }
  }
  return differences
}

/** `60s` and `1m` are the same time. */
function wantedText(name: string, value: unknown): string {
  return JSON.stringify(TIMES.includes(name) && typeof value === 'string' ? formatDuration(ms(value)) : value)
}

function shown(name: string, value: unknown): string {
  return JSON.stringify(TIMES.includes(name) && typeof value === 'number' ? formatDuration(value - BASE) : (value ?? null))
}

function describe(transition: Record<string, unknown> | undefined): string {
  return transition ? `${String(transition.what)} at ${shown('at', transition.at)}, opened ${shown('openedAt', transition.openedAt)}` : 'nothing'
}
