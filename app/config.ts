import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { LatSchema, LonSchema, TextsSchema } from '../domain/asset.ts'
import { CodedError, type Detail } from '../domain/errors.ts'
import { DAY } from '../domain/time.ts'

const PortSchema = z.number().int().min(0).max(65_535)

/** An address other than loopback without TLS must be asked for by name: a city's data goes over it in the clear. */
const ListenSchema = (port: number): z.ZodType<{ host: string; port: number; insecure: boolean }> =>
  z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('address to bind'),
      port: PortSchema.default(port).describe('0 takes any free port'),
      insecure: z.boolean().default(false).describe('allow an address other than loopback without TLS'),
    })
    .refine(({ host, insecure }) => insecure || isLoopback(host), 'binding another address than loopback without TLS needs insecure: true')
    .prefault({})

const DeskSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  url: z.url({ protocol: /^https?$/ }),
  secretEnv: z.string().optional().describe('environment variable that holds the whsec_… secret'),
  secretFile: z.string().optional().describe('file that holds it'),
  allow: z.array(z.string()).default([]).describe('CIDRs or hosts that the desk may be reached at; nothing is allowed by default'),
  events: z.array(z.string()).optional().describe('event types, * at the end for any ending'),
  receives: z.enum(['dispatched', 'everything']).optional(),
})

const SettingsSchema = z.strictObject({
  site: z
    .strictObject({
      id: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
        .default('demo')
        .describe('stands in the source of outgoing events: /wanglou/{id}'),
      name: TextsSchema.default({ zh: '望楼', en: 'Wanglou' }),
      center: z.tuple([LonSchema, LatSchema]).default([121.3914, 37.5393]).describe('of the map, WGS-84'),
      zoom: z.number().min(1).max(20).default(12),
      tileUrl: z.string().nullable().default(null).describe('raster tiles {z}/{x}/{y}; without it the map draws its own base'),
    })
    .prefault({}),
  data: z.string().default('./data').describe('folder of journal, book, history, evidence'),
  http: ListenSchema(8080),
  mqtt: ListenSchema(1883),
  limits: z
    .strictObject({
      packetBytes: z.number().int().min(1024).max(16_777_216).default(1_048_576),
      connections: z.number().int().min(1).default(5000),
      connectionsPerUser: z.number().int().min(1).default(5).describe('gateway or token'),
      messagesPerSecond: z.number().min(1).default(20_000).describe('per gateway; beyond it the gateway is slowed, nothing is lost'),
      newDevicesPerHour: z.number().int().min(1).default(2000).describe('per gateway'),
      judgeSeconds: z.number().min(0.2).max(600).default(5).describe('a rule for which a batch of records takes longer is quarantined'),
      tooOldDays: z.number().positive().default(7).describe('what happened longer before its receipt is refused; above 7 for recorded traces'),
    })
    .prefault({}),
  retain: z
    .strictObject({
      journalDays: z.number().min(8).default(30).describe('not below the 7 days of deduplication'),
      historyDays: z.number().min(1).default(365),
      segmentMb: z.number().min(1).default(256),
      evidenceDays: z.number().min(1).default(30).describe('after the end of an alert without a case'),
      linkedEvidenceDays: z.number().min(1).default(365).describe('after the end of its case'),
      stillsGb: z.number().min(0.01).default(16).describe('recent pictures of all cameras together'),
      clipSeconds: z.number().min(60).max(3600).default(120).describe('video of streams, from which clips are cut'),
      coverageDays: z.number().int().min(1).max(366).default(7).describe('hours of coverage'),
    })
    .prefault({}),
  desks: z.array(DeskSchema).default([]),
  influx: z
    .strictObject({ url: z.url({ protocol: /^https?$/ }), org: z.string(), bucket: z.string(), tokenEnv: z.string().optional(), tokenFile: z.string().optional() })
    .nullable()
    .default(null)
    .describe('telemetry also goes here as line protocol'),
  inference: z
    .strictObject({
      models: z.string().nullable().default(null).describe('folder of model manifests besides the built-in ones'),
      threads: z.number().int().min(1).max(64).default(1).describe('of the runtime inside one inference'),
      workers: z
        .number()
        .int()
        .min(1)
        .max(64)
        .nullable()
        .default(null)
        .describe('threads per model; without it one core is left to the platform; threads × workers never exceed the cores'),
      batch: z.number().int().min(1).max(64).default(4).describe('frames that wait are run together, at most so many, by models that take many'),
      device: z.enum(['cpu', 'cuda']).default('cpu').describe('cuda falls back to the CPU where there is none, and says so'),
      everyS: z.number().min(0.1).max(86_400).default(30).describe('longest time between two looks of a camera × algorithm that names none'),
      budget: z
        .strictObject({
          looksPerSecond: z.number().positive().nullable().default(null).describe('null: as many as the models can'),
          cores: z.number().positive().nullable().default(null).describe("cores' worth of time in the models' threads; null: no limit"),
        })
        .prefault({}),
      rotation: z
        .strictObject({
          fromS: z.number().min(1).default(60).describe('from this interval on a camera that is not pinned is looked at by single pictures'),
          concurrency: z.number().int().min(1).max(512).default(16).describe('pictures asked for at once'),
          pictureS: z.number().min(1).max(120).default(10).describe('how long one picture may take'),
        })
        .prefault({}),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
})

export const ConfigSchema = SettingsSchema.refine(({ limits, retain }) => retain.historyDays > limits.tooOldDays, {
  path: ['retain', 'historyDays'],
  message: 'must be above limits.tooOldDays: late data is judged together with the day before it',
})
export type Config = z.infer<typeof ConfigSchema>

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * The configuration: defaults, then the file, then `WANGLOU_…` variables (`WANGLOU_HTTP_PORT` is `http.port`), then the
 * command line. Throws `config.invalid` with every error at once; a file is named with line and column.
 */
export function loadConfig(options: { file?: string; env: Readonly<Record<string, string | undefined>>; overrides?: Record<string, unknown> }): Config {
  const doc = options.file === undefined ? undefined : readDocument(options.file)
  const raw = merge((doc?.value as Record<string, unknown>) ?? {}, fromEnvironment(options.env), options.overrides ?? {})
  const parsed = ConfigSchema.safeParse(raw)
  if (parsed.success) return parsed.data
  const details = parsed.error.issues.flatMap((issue): Detail[] => {
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
    return paths.map((path) => ({
      where: doc?.locate(path) ?? path.join('.'),
      why: issue.code === 'unrecognized_keys' ? `${path.join('.')}: unknown setting` : `${path.join('.')}: ${issue.message}`,
    }))
  })
  throw new CodedError('config.invalid', undefined, { details })
}

interface LocatedDocument {
  value: unknown
  locate(path: readonly PropertyKey[]): string
}

function readDocument(file: string): LocatedDocument {
  const lines = new LineCounter()
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CodedError('config.invalid', undefined, { details: [{ where: file, why: 'the file cannot be read' }], cause })
  }
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  if (doc.errors.length > 0) throw new CodedError('config.invalid', undefined, { details: doc.errors.map((error) => ({ where: at(error.pos[0]), why: error.message })) })
  return {
    value: doc.toJS(),
    locate: (path) => {
      for (let depth = path.length; depth > 0; depth--) {
        const node = doc.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined
        if (node?.range) return at(node.range[0])
      }
      return file
    },
  }
}

/** `WANGLOU_RETAIN_JOURNALDAYS=14` → { retain: { journalDays: 14 } }; names are compared without case. */
function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  const paths = new Map(settingPaths().map((path) => [`WANGLOU_${path.join('_').toUpperCase()}`, path]))
  for (const [name, value] of Object.entries(env)) {
    const path = paths.get(name)
    if (!path || value === undefined) continue
    put(out, path, literal(value))
  }
  return out
}

/** Numbers, booleans and JSON as such, everything else as text. */
function literal(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Every setting's path, from the schema itself. */
export function settingPaths(): string[][] {
  const walk = (schema: unknown, path: string[]): string[][] => {
    const properties = (schema as { properties?: Record<string, unknown> }).properties
    if (!properties) return [path]
    return Object.entries(properties).flatMap(([name, child]) => walk(child, [...path, name]))
  }
  return walk(z.toJSONSchema(ConfigSchema, { io: 'input' }), [])
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path
  if (head === undefined) return
  if (rest.length === 0) target[head] = value
  else {
    target[head] ??= {}
    put(target[head] as Record<string, unknown>, rest, value)
  }
}

function merge(...layers: Record<string, unknown>[]): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (value === undefined) continue
      const below = out[name]
      out[name] = isObject(below) && isObject(value) ? merge(below, value) : value
    }
  }
  return out
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** What the journal's files need of the configuration. */
export function journalOptions({ retain }: Config): { segmentBytes: number; keepMs: number } {
  return { segmentBytes: retain.segmentMb * 1024 * 1024, keepMs: retain.journalDays * DAY }
}
