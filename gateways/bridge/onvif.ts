import { z } from 'zod'
import { isId } from '../../domain/ids.ts'
import type { SceneObject } from '../../domain/observation.ts'
import { formatInstant, parseInstant } from '../../domain/time.ts'
import type { Report } from '../outbox.ts'
import type { PassedOver } from './frigate.ts'

/** Which of our cameras the topics with this prefix come from. */
export const OnvifCameraSchema = z.string().refine(isId, 'must be the id of a camera')

const ItemsSchema = z.union([
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  // Older firmware writes its XML out.
  z.object({ SimpleItem: z.union([z.array(z.object({ Name: z.string(), Value: z.unknown() })), z.object({ Name: z.string(), Value: z.unknown() })]) }),
])
const EventSchema = z.looseObject({ UtcTime: z.string(), Source: ItemsSchema.optional(), Key: ItemsSchema.optional(), Data: ItemsSchema.optional() })

type Values = Record<string, unknown>
interface Event {
  camera: string
  at: string
  /** Local topic without name space prefixes, `RuleEngine/FieldDetector/ObjectsInside`. */
  topic: string
  source: Values
  data: Values
}

/** What an event that says "now there is" or "no longer" means for a camera's picture. */
const PICTURES: Record<string, 'dark' | 'bright' | 'covered' | 'changed'> = {
  'VideoSource/ImageTooDark': 'dark',
  'VideoSource/ImageTooBright': 'bright',
  'VideoSource/ImageTooBlurry': 'covered',
  'VideoSource/GlobalSceneChange': 'changed',
  'RuleEngine/TamperDetector/Tamper': 'covered',
}
const SIGNAL = /^(VideoSource\/(SignalLoss|VideoLoss)|Device\/HardwareFailure)/

/** Without a box an object is somewhere in the picture: the sender's zone says where. */
const SOMEWHERE: SceneObject['box'] = [0, 0, 1, 1]

/**
 * An ONVIF event over MQTT (Core specification, "onvif-ej": events as JSON) as an observation of the camera whose prefix the topic
 * bears. Objects (field, line, loitering, recognition) become scenes, image faults and signal loss presence, everything else that has
 * numbers or states a `sensor` observation with its values.
 */
export function onvifReport(cameras: Readonly<Record<string, string>>, topic: string, payload: unknown): Report | PassedOver {
  const [prefix, local] = topic.split('/onvif-ej/')
  const camera = prefix === undefined ? undefined : cameras[prefix]
  if (local === undefined) return 'unreadable'
  if (camera === undefined) return 'unknown_camera'
  const parsed = EventSchema.safeParse(payload)
  if (!parsed.success || 'code' in parseInstant(parsed.data.UtcTime)) return 'unreadable'
  const at = parseInstant(parsed.data.UtcTime)
  const event: Event = {
    camera,
    at: 'at' in at ? formatInstant(at.at) : parsed.data.UtcTime,
    topic:
      local
        .split('&')[0]
        ?.replaceAll(/(^|\/)[A-Za-z0-9]+:/g, '$1')
        .replace(/\/$/, '') ?? '',
    source: valuesOf(parsed.data.Source),
    data: { ...valuesOf(parsed.data.Key), ...valuesOf(parsed.data.Data) },
  }
  return presenceOf(event) ?? sceneOf(event) ?? sensorOf(event)
}

function valuesOf(items: z.infer<typeof ItemsSchema> | undefined): Values {
  if (!items) return {}
  const simple: unknown = items.SimpleItem
  if (simple === null || typeof simple !== 'object') return Object.fromEntries(Object.entries(items).map(([name, value]) => [name, plain(value)]))
  const list = (Array.isArray(simple) ? simple : [simple]) as { Name: string; Value: unknown }[]
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, plain(Value)]))
}

/** Cameras write numbers and states as text. */
function plain(value: unknown): unknown {
  if (value === 'true' || value === 'false') return value === 'true'
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

function presenceOf({ camera, at, topic, data }: Event): Report | undefined {
  const state = Object.values(data).find((value) => typeof value === 'boolean')
  const picture =
    PICTURES[
      topic
        .split('/')
        .slice(0, topic.startsWith('RuleEngine') ? 3 : 2)
        .join('/')
    ]
  if (state === undefined) return undefined
  if (picture) return { kind: 'presence', device: camera, payload: { at, state: 'online', picture: state ? picture : 'ok' } }
  return SIGNAL.test(topic) ? { kind: 'presence', device: camera, payload: { at, state: state ? 'offline' : 'online' } } : undefined
}

const first = (values: Values, ...names: string[]): string | undefined => {
  const found = names.map((name) => values[name]).find((value) => value !== undefined && value !== null && value !== '')
  return found === undefined ? undefined : String(found).slice(0, 64)
}

/** Events of the rule engine that speak of an object; one that says "not inside" is a scene without it. */
function sceneOf({ camera, at, topic, source, data }: Event): Report | undefined {
  const plate = first(data, 'PlateNumber', 'LicensePlate', 'Plate')
  const isObject = /^RuleEngine\/(FieldDetector|LineDetector|LoiteringDetector|ObjectDetection|ObjectDetector|ObjectTrack|Recognition)\b/.test(topic)
  if (!isObject && plate === undefined) return undefined
  const score = Number(data.Likelihood ?? data.Confidence ?? 1)
  const track = first(data, 'ObjectId', 'ObjectID')
  const zone = first(source, 'Rule', 'RuleName')
  const object: SceneObject = {
    label: (first(data, 'ClassTypes', 'ClassType', 'ObjectType', 'Type', 'Class') ?? (plate === undefined ? 'object' : 'vehicle')).split(/[\s,]/)[0]?.toLowerCase() ?? 'object',
    score: Math.max(0, Math.min(1, score > 1 ? score / 100 : score)),
    box: SOMEWHERE,
    ...(track !== undefined && { track }),
    zones: zone === undefined ? [] : [zone],
    ...(plate !== undefined && { plate: plate.slice(0, 16) }),
  }
  const absent = Object.entries(data).some(([name, value]) => value === false && /^Is|State/.test(name))
  return { kind: 'scene', device: camera, payload: { at, camera, model: 'onvif', objects: absent || Number.isNaN(object.score) ? [] : [object] } }
}

function sensorOf({ camera, at, topic, source, data }: Event): Report | PassedOver {
  const name = topic.split('/').at(-1) ?? topic
  const channel = first(source, 'Rule', 'RuleName', 'InputToken', 'RelayToken')
  const values = Object.entries(data)
    .filter(([, value]) => typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    .map(([key, value]) => [[name, channel, key].filter(Boolean).join('.').slice(0, 64), typeof value === 'string' ? value.slice(0, 256) : value])
  return values.length === 0 ? 'unreadable' : { kind: 'sensor', device: camera, payload: { at, values: Object.fromEntries(values) as Record<string, unknown> } }
}
