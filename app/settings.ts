import { z } from 'zod'
import { desksSchema } from '../cases/desks.ts'
import { LatSchema, LonSchema, TextsSchema } from '../domain/asset.ts'
import { influxSchema } from './influx.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Not `int()`: zod looks no further after one, and all errors are told at once. */
const Whole = z.number().multipleOf(1)
const PortSchema = Whole.min(0).max(65_535)

/** An address other than loopback without TLS must be asked for by name: a city's data goes over it in the clear. */
const ListenSchema = (port: number): z.ZodType<{ host: string; port: number; insecure: boolean }> =>
  z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('address to bind'),
      port: PortSchema.default(port).describe('0 takes any free port'),
      insecure: z.boolean().default(false).describe('allow an address other than loopback without TLS'),
    })
    .refine(({ host, insecure }) => insecure || isLoopback(host), {
      error: 'binding another address than loopback without TLS needs insecure: true',
      when: ({ value }) => typeof (value as { host?: unknown } | null)?.host === 'string',
    })
    .prefault({})

const settings = (env: Environment) =>
  z.strictObject({
    site: z
      .strictObject({
        id: z
          .string()
          .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 small letters, digits and -')
          .default('demo')
          .describe('stands in the source of outgoing events: /wanglou/{id}'),
        name: TextsSchema.default({ zh: '望楼', en: 'Wanglou' }).describe('of the city, as people see it'),
        center: z.tuple([LonSchema, LatSchema]).default([121.3914, 37.5393]).describe('longitude and latitude that the map begins at, WGS-84'),
        zoom: z.number().min(1).max(20).default(12).describe('of the map at first'),
        tileUrl: z.string().nullable().default(null).describe('raster tiles {z}/{x}/{y}; without it the map draws its own base'),
      })
      .prefault({}),
    data: z.string().default('./data').describe('folder of journal, book, history, evidence'),
    http: ListenSchema(8080),
    mqtt: ListenSchema(1883),
    limits: z
      .strictObject({
        packetBytes: Whole.min(1024).max(16_777_216).default(1_048_576).describe('largest MQTT packet'),
        connections: Whole.min(1).default(5000).describe('over MQTT, all together'),
        connectionsPerUser: Whole.min(1).default(5).describe('over MQTT, of one gateway or token'),
        messagesPerSecond: z.number().min(1).default(20_000).describe('per gateway; beyond it the gateway is slowed, nothing is lost'),
        newDevicesPerHour: Whole.min(1).default(2000).describe('per gateway'),
        judgeSeconds: z.number().min(0.2).max(600).default(5).describe('a rule for which a batch of records takes longer is quarantined'),
        tooOldDays: z.number().positive().default(7).describe('what happened longer before its receipt is refused; above 7 for recorded traces'),
      })
      .prefault({}),
    retain: z
      .strictObject({
        journalDays: z.number().min(8).default(30).describe('the journal; not below the 7 days of deduplication'),
        historyDays: z.number().min(1).default(365).describe('telemetry for charts, backtests and late data'),
        segmentMb: z.number().min(1).default(256).describe('size of one file of the journal; old ones go as a whole'),
        evidenceDays: z.number().min(1).default(30).describe('evidence, after the end of an alert without a case'),
        linkedEvidenceDays: z.number().min(1).default(365).describe('evidence, after the end of its case'),
        stillsGb: z.number().min(0.01).default(16).describe('recent pictures of all cameras together'),
        clipSeconds: z.number().min(60).max(3600).default(120).describe('video of streams, from which clips are cut'),
        coverageDays: Whole.min(1).max(366).default(7).describe('what cameras did not look at, hour by hour'),
      })
      .prefault({}),
    desks: desksSchema(env).default([]).describe('case systems that receive cases'),
    influx: influxSchema(env).nullable().default(null).describe('InfluxDB that telemetry also goes to, as line protocol'),
    inference: z
      .strictObject({
        models: z.string().nullable().default(null).describe('folder of model manifests besides the built-in ones'),
        threads: Whole.min(1).max(64).default(1).describe('of the ONNX runtime inside one inference'),
        workers: Whole.min(1).max(64).nullable().default(null).describe('threads per model; without it one core is left to the platform; threads × workers never exceed the cores'),
        batch: Whole.min(1).max(64).default(4).describe('frames that wait are run together, at most so many, by models that take many'),
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
            concurrency: Whole.min(1).max(512).default(16).describe('pictures asked for at once'),
            pictureS: z.number().min(1).max(120).default(10).describe('how long one picture may take'),
          })
          .prefault({}),
      })
      .prefault({}),
    log: z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').describe('least severe messages that are logged') }).prefault({}),
  })

/**
 * Every setting of the platform, with what it means. `env` is where secrets are looked for that the settings point at;
 * whatever else is wrong, these are checked too, so that all errors are told at once.
 */
export const configSchema = (env: Environment) =>
  settings(env).superRefine(
    ({ limits, retain }, context) => {
      if (limits.tooOldDays >= retain.historyDays)
        context.addIssue({ code: 'custom', path: ['retain', 'historyDays'], message: 'must be above limits.tooOldDays: late data is judged together with the day before it' })
    },
    { when: ({ value }) => isNumber(value, 'limits', 'tooOldDays') && isNumber(value, 'retain', 'historyDays') },
  )
/** The same as a JSON Schema of `wanglou.yaml`, for editors and for the documents. */
export function settingsJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema({}), {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.multipleOf !== 1) return
      jsonSchema.type = 'integer'
      delete jsonSchema.multipleOf
    },
  })
  return { $id: 'wanglou.yaml', title: 'Configuration of Wanglou', ...schema } as JsonSchema
}

/** What of JSON Schema the settings use. */
export interface JsonSchema {
  type?: string | readonly string[]
  description?: string
  default?: unknown
  enum?: readonly string[]
  format?: string
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  properties?: Record<string, JsonSchema>
  required?: readonly string[]
  items?: JsonSchema
  anyOf?: readonly JsonSchema[]
}

export type Config = z.infer<ReturnType<typeof configSchema>>

function isNumber(value: unknown, group: string, name: string): boolean {
  const groups = value as Record<string, Record<string, unknown> | undefined> | null
  return typeof groups?.[group]?.[name] === 'number'
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
