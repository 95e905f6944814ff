import { z } from 'zod'
import { AlertSchema } from '../domain/alert.ts'
import { CaseSchema } from '../domain/case.ts'
import { KINDS } from '../domain/fields.ts'
import { GatewayStatusSchema, RejectNoticeSchema } from '../domain/gateway.ts'
import { PAYLOAD_SCHEMAS } from '../domain/observation.ts'
import { DELIVERY, topics } from '../domain/topics.ts'

type Json = Record<string, unknown>

interface Channel {
  address: string
  what: string
  /** `receive`: the platform reads it. `send`: the platform writes it. */
  action: 'receive' | 'send'
  delivery: keyof typeof DELIVERY
  payload: { contentType: string; schema?: z.ZodType }
}

const asJson = (schema?: z.ZodType): Channel['payload'] => ({ contentType: 'application/json', ...(schema ? { schema } : {}) })

/** Every topic that is in use, made by the same functions that the platform publishes with. `command` and `reply` are names that nobody sends to yet. */
function channels(): Record<string, Channel> {
  const observations = KINDS.map((kind): [string, Channel] => [
    `${kind}Observation`,
    {
      address: topics.observation('{gateway}', kind, '{device}'),
      what: `what a device reports, kind ${kind}`,
      action: 'receive',
      delivery: 'observation',
      payload: asJson(PAYLOAD_SCHEMAS[kind]),
    },
  ])
  // The time in a frame's topic is a number; the document wants its name there.
  const frame = topics.frame('{gateway}', '{camera}', 0).replace(/0$/, '{atMs}')
  return {
    ...Object.fromEntries(observations),
    frame: { address: frame, what: 'one camera picture', action: 'receive', delivery: 'frame', payload: { contentType: 'image/jpeg' } },
    status: { address: topics.status('{gateway}'), what: 'how a gateway is; also its will', action: 'receive', delivery: 'status', payload: asJson(GatewayStatusSchema) },
    reject: { address: topics.reject('{gateway}'), what: 'why a message was refused', action: 'send', delivery: 'reject', payload: asJson(RejectNoticeSchema) },
    alert: { address: topics.alert('{district}', '{alert}'), what: 'an alert until it is closed', action: 'send', delivery: 'alert', payload: asJson(AlertSchema) },
    case: { address: topics.case('{district}', '{case}'), what: 'a case until it is closed', action: 'send', delivery: 'case', payload: asJson(CaseSchema) },
  }
}

/** AsyncAPI 3.0 of the MQTT side, made from domain/topics.ts and the schemas. */
export function asyncapi(): object {
  const all = Object.entries(channels())
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Wanglou 望楼',
      version: '1',
      description: 'A gateway publishes below city/v1/from/{its id}/ with QoS 1: PUBACK means kept. Consumers read alerts and cases of their areas.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(all.map(([name, channel]) => [name, channelOf(name, channel)])),
    operations: Object.fromEntries(all.map(([name, channel]) => [`${channel.action}${capital(name)}`, operationOf(name, channel)])),
  }
}

function channelOf(name: string, { address, what, payload }: Channel): Json {
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => [parameter, { description: `id of the ${parameter}` }])
  return {
    address,
    description: what,
    parameters: Object.fromEntries(parameters),
    messages: { [name]: { contentType: payload.contentType, ...(payload.schema ? { payload: schemaOf(payload.schema) } : {}) } },
  }
}

function operationOf(name: string, { action, delivery }: Channel): Json {
  const { qos, retain } = DELIVERY[delivery]
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  }
}

function schemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' }) as Json
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
