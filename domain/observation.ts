import { z } from 'zod'
import { CRS } from './crs.ts'
import { FIELDS, type Field, type Kind, PLACE_FIELDS } from './fields.ts'
import type { AssetId, DeviceId, GatewayId, Offset } from './ids.ts'
import type { Instant } from './time.ts'

export { KINDS, type Kind } from './fields.ts'

/** Left, top, width, height as fractions of the picture, from the top left. */
export type Box = readonly [x: number, y: number, w: number, h: number]

export const SceneObjectSchema = z.object({
  label: z.string().min(1).max(64),
  score: z.number().min(0).max(1),
  box: z.tuple([z.number().min(-1).max(2), z.number().min(-1).max(2), z.number().min(0).max(3), z.number().min(0).max(3)]),
  track: z.string().min(1).max(64).optional(),
  zones: z.array(z.string().min(1).max(64)).max(64).optional(),
  /** Of a vehicle, where it could be read. */
  plate: z.string().min(1).max(16).optional(),
  colour: z.string().min(1).max(16).optional(),
  /** Where it stands (WGS-84 always), and how far it may be from there, in metres; from a camera that is calibrated. */
  lon: z.number().min(-180).max(180).optional(),
  lat: z.number().min(-90).max(90).optional(),
  errorM: z.number().min(0).max(100_000).optional(),
})
/** One thing that a model saw. Objects below the model's threshold are kept too: without them no lower threshold can be tried later. */
export type SceneObject = z.infer<typeof SceneObjectSchema>
/** A track that was not seen for so long (ms), while the camera looked, is gone. */
export const TRACK_LOST_MS = 10_000
/** At most this many objects in one scene; the strongest stay. */
export const MAX_OBJECTS = 300

function fieldSchema(field: Field): z.ZodType {
  switch (field.type) {
    case 'number':
      return z.number().min(field.min).max(field.max).describe(`${field.help} (${field.unit})`)
    case 'boolean':
      return z.boolean().describe(field.help)
    case 'enum':
      return z.enum(field.values as [string, ...string[]]).describe(field.help)
    case 'text':
      return z.string().max(field.max).describe(field.help)
    case 'texts':
      return z.array(z.string().max(512)).max(field.max).describe(field.help)
  }
}

function fieldsSchema(fields: Record<string, Field>): Record<string, z.ZodOptional<z.ZodType>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field).optional()]))
}

const Envelope = {
  at: z.union([z.string(), z.number()]).describe('event time: RFC 3339 with zone, or ms since 1970'),
  id: z.string().min(1).max(128).optional().describe("the sender's own id, for exact deduplication"),
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().describe('counts up per device and boot'),
  boot: z
    .union([z.string().min(1).max(64), z.number().int()])
    .optional()
    .describe('changes when seq starts again'),
  crs: z.enum(CRS).optional().describe('frame of lon and lat; wgs84 if absent'),
  ...fieldsSchema(PLACE_FIELDS),
}

const EXTRA: Partial<Record<Kind, Record<string, z.ZodType>>> = {
  sensor: { values: z.record(z.string().max(64), z.union([z.number(), z.boolean(), z.string().max(256)])) },
  scene: { objects: z.array(SceneObjectSchema).max(MAX_OBJECTS) },
}

function payloadSchema(kind: Kind): z.ZodType {
  return z.looseObject({ ...Envelope, ...fieldsSchema(FIELDS[kind]), ...EXTRA[kind] })
}

/** The JSON that a gateway publishes, by kind. Unknown fields are kept as sent and ignored. */
export const PAYLOAD_SCHEMAS: Record<Kind, z.ZodType> = {
  cover: payloadSchema('cover'),
  vehicle: payloadSchema('vehicle'),
  sensor: payloadSchema('sensor'),
  scene: payloadSchema('scene'),
  report: payloadSchema('report'),
  presence: payloadSchema('presence'),
}

/** What a gateway sent, already checked against the schema of its kind. */
export interface Payload {
  at: string | number
  id?: string
  seq?: number
  boot?: string | number
  lon?: number
  lat?: number
  crs?: (typeof CRS)[number]
  [field: string]: unknown
}

/** One fact that one device reported at one time, as it stands in the journal. */
export interface Observation {
  type: 'observation'
  offset: Offset
  receivedAt: Instant
  kind: Kind
  device: DeviceId
  gateway: GatewayId
  /** Event time as reported; the engine processes a time more than 2 min ahead at `receivedAt` (S9). */
  at: Instant
  payload: Payload
}

/** An at this far ahead of receivedAt is a wrong clock (S9). */
export const CLOCK_AHEAD_MS = 120_000

/** The event time on which rules run: as reported, or `receivedAt` when the device's clock is ahead (S9). */
export function effectiveAt(observation: Pick<Observation, 'at' | 'receivedAt'>): Instant {
  return observation.at > observation.receivedAt + CLOCK_AHEAD_MS ? observation.receivedAt : observation.at
}

/** Which asset a device watches; a device that nobody registered is an asset of its own. */
export type AssetOf = (device: DeviceId) => AssetId
