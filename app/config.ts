import { CodedError, type Detail } from '../domain/errors.ts'
import { DAY } from '../domain/time.ts'
import type { Fault } from '../rules/file-checks.ts'
import { didYouMean } from '../rules/language/nearest.ts'
import type { SourceText } from '../rules/places.ts'
import { schemaFaults } from '../rules/schema-faults.ts'
import { readYamlFile, whereOf } from './located.ts'
import { type Config, configSchema, type JsonSchema, settingsJsonSchema } from './settings.ts'

export type { Config } from './settings.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Settings = Record<string, unknown>

/**
 * The configuration: defaults, then the file, then `WANGLOU_…` variables (`WANGLOU_HTTP_PORT` is `http.port`), then the
 * command line. `env` is also where secrets stand that the settings point at. Throws `config.invalid` with every error at
 * once, each with the line and column, the variable or the command line that it comes from.
 */
export function loadConfig(options: { file?: string; env: Environment; overrides?: Settings }): Config {
  const source = options.file === undefined ? undefined : readYamlFile(options.file, 'config.invalid')
  const overrides = options.overrides ?? {}
  const variables = readVariables(options.env)
  const whole = source?.value ?? {}
  if (!isMap(whole)) throw new CodedError('config.invalid', undefined, { details: [{ where: `${options.file}:1:1`, why: 'the file must be a map of settings' }] })
  const raw = merge(whole, variables.settings, overrides)
  const schema = configSchema(options.env)
  const parsed = schema.safeParse(raw)
  if (parsed.success && variables.faults.length === 0) return parsed.data
  const faults = parsed.success ? [] : schemaFaults(parsed.error, raw, schema)
  const originOf = ({ path }: Fault): string | undefined => (has(overrides, path) ? 'the command line' : variables.nameOf(path))
  const outside = faults.flatMap((fault): Detail[] => {
    const where = originOf(fault)
    return where === undefined ? [] : [{ where, why: fault.why }]
  })
  const inside = faults.filter((fault) => originOf(fault) === undefined)
  throw new CodedError('config.invalid', undefined, { details: [...placed(inside, options.file, source), ...outside, ...variables.faults] })
}

/** In the order of the file; without one, by the names of settings. */
function placed(faults: readonly Fault[], file: string | undefined, source: SourceText | undefined): Detail[] {
  if (file === undefined || !source) return faults.map(({ path, why }) => ({ where: path.join('.'), why }))
  return faults
    .map(({ why, ...fault }) => ({ why, ...source.placeOfFault(fault) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ why, ...place }) => ({ where: whereOf(file, place), why }))
}

interface Variables {
  settings: Settings
  /** The variable that says what stands at this path, or around it. */
  nameOf(path: readonly PropertyKey[]): string | undefined
  faults: Detail[]
}

/** Read by the edge programs and by nobody else (gateways/password.ts); they may stand in one environment with the platform's. */
const OTHERS = /^WANGLOU_PASSWORDS?(_|$)/

/** `WANGLOU_RETAIN_JOURNALDAYS=14` → { retain: { journalDays: 14 } }; names are compared without case. */
function readVariables(env: Environment): Variables {
  const paths = new Map(settingPaths().map((path) => [variableOf(path), path]))
  const settings: Settings = {}
  const faults: Detail[] = []
  const given: { name: string; path: string[] }[] = []
  for (const [name, value] of Object.entries(env)) {
    const canonical = name.toUpperCase()
    const path = paths.get(canonical)
    if (path && value !== undefined) given.push({ name, path })
    else if (canonical.startsWith('WANGLOU_') && !OTHERS.test(canonical)) faults.push({ where: name, why: `there is no such setting${didYouMean(canonical, [...paths.keys()])}` })
  }
  // A whole group first, then what stands in it.
  for (const { name, path } of given.sort((a, b) => a.path.length - b.path.length)) put(settings, path, literal(env[name] ?? ''))
  const nameOf: Variables['nameOf'] = (path) => given.findLast((each) => each.path.every((key, index) => key === path[index]))?.name
  return { settings, faults, nameOf }
}

/** The variable that overrides a setting. */
export function variableOf(path: readonly string[]): string {
  return `WANGLOU_${path.join('_').toUpperCase()}`
}

/** Numbers, booleans and JSON as such, everything else as text. */
function literal(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Every setting's path, from the schema itself; a group that may be null is a setting too. */
export function settingPaths(): string[][] {
  const walk = ({ properties, anyOf }: JsonSchema, path: string[]): string[][] => {
    const group = anyOf?.find((one) => one.properties)
    if (group) return [path, ...walk(group, path)]
    if (!properties) return [path]
    return Object.entries(properties).flatMap(([name, child]) => walk(child, [...path, name]))
  }
  return walk(settingsJsonSchema(), [])
}

function put(target: Settings, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path
  if (head === undefined) return
  if (rest.length === 0) target[head] = value
  else {
    if (!isMap(target[head])) target[head] = {}
    put(target[head] as Settings, rest, value)
  }
}

/** Whether a value, and not a group of them, stands at this path. */
function has(settings: Settings, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>((within, key) => (isMap(within) ? within[String(key)] : undefined), settings)
  return value !== undefined && !isMap(value)
}

function merge(...layers: Settings[]): Settings {
  const out: Settings = {}
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (value === undefined) continue
      const below = out[name]
      out[name] = isMap(below) && isMap(value) ? merge(below, value) : value
    }
  }
  return out
}

function isMap(value: unknown): value is Settings {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** What the journal's files need of the configuration. */
export function journalOptions({ retain }: Config): { segmentBytes: number; keepMs: number } {
  return { segmentBytes: retain.segmentMb * 1024 * 1024, keepMs: retain.journalDays * DAY }
}
