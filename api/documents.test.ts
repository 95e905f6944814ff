import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { KINDS } from '../domain/fields.ts'
import { parseFromTopic } from '../domain/topics.ts'
import { ROUTES } from './routes.ts'
import { startCity, type TestCity } from './testcity.ts'

type Json = Record<string, unknown>
interface Operation {
  operationId: string
  parameters: { name: string; in: string; required: boolean; schema: Json }[]
  requestBody?: { content: Record<string, { schema: Json }> }
  responses: Record<string, { description: string; content?: Record<string, { schema?: Json }> }>
  security: Json[]
}
interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json> }
}
interface AsyncApi {
  asyncapi: string
  channels: Record<string, { address: string; parameters: Json; messages: Record<string, { payload?: Json }> }>
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[]; bindings: { mqtt: { qos: number; retain: boolean } } }>
}

let city: TestCity
let openapi: OpenApi
let asyncapi: AsyncApi
beforeAll(async () => {
  city = await startCity()
  openapi = (await get('openapi.json')) as OpenApi
  asyncapi = (await get('asyncapi.json')) as AsyncApi
})
afterAll(() => city.close())

async function get(path: string): Promise<unknown> {
  return (await fetch(`${city.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${city.token('admin')}` } })).json()
}

/** What a JSON pointer in a document points at. */
function resolve(document: unknown, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((at, step) => (at as Json | undefined)?.[step], document)
}

function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner)))
}

const operations = (): [string, Operation][] =>
  Object.entries(openapi.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]))

/** A schema of the document, with what it points at, as something that checks values. */
function checker(schema: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: openapi.components.schemas }).replaceAll('#/components/schemas/', '#/$defs/')
  return z.fromJSONSchema(JSON.parse(text))
}

describe('OpenAPI', () => {
  it('is 3.1 and has every route and no other', () => {
    expect(openapi.openapi).toMatch(/^3\.1\./)
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual(ROUTES.map((route) => `${route.method.toLowerCase()} ${route.path}`).sort())
  })

  it('points only at what it holds, and names no operation twice', () => {
    for (const ref of refsIn(openapi)) expect(resolve(openapi, ref)).toBeTypeOf('object')
    const ids = operations().map(([, operation]) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/)
  })

  it('declares every parameter of every path', () => {
    for (const [name, operation] of operations()) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      expect([name, operation.parameters.filter((one) => one.in === 'path').map((one) => one.name)]).toEqual([name, inPath])
      for (const parameter of operation.parameters) expect([name, parameter.name, Object.keys(parameter.schema).length > 0]).toEqual([name, parameter.name, true])
    }
  })

  it('has an answer and a problem for every operation, and a way in for every closed one', () => {
    for (const [name, operation] of operations()) {
      expect(Object.keys(operation.responses)).toContain('default')
      const route = ROUTES.find((one) => `${one.method.toLowerCase()} ${one.path}` === name)
      expect([name, operation.security.length > 0]).toEqual([name, route?.role !== 'open'])
    }
  })

  it.each(['alerts', 'alerts/west', 'cases/west', 'assets?kind=cover', 'cameras/camera-east', 'rules', 'calendars', 'observations', 'ledger', 'rejects', 'session', 'site'])(
    'says of %s what it really answers, and not just anything',
    async (path) => {
      const operation = openapi.paths[`/api/v1/${path.split('?')[0]?.replace(/\/.*/, '/{id}')}`]?.get
      const check = checker(operation?.responses['200']?.content?.['application/json']?.schema ?? {})
      expect(check.safeParse(await get(path))).toMatchObject({ success: true })
      expect(check.safeParse({ nothing: 'of the sort' }).success).toBe(false)
    },
  )

  it('says where to ask for what takes longer', () => {
    const later = operations().filter(([, operation]) => '202' in operation.responses)
    expect(later.map(([name]) => name)).toEqual(['post /api/v1/rules/{id}/backtest'])
    expect(later[0]?.[1].responses['202']).toMatchObject({ headers: { Location: {} }, content: { 'application/json': { schema: { $ref: '#/components/schemas/Backtest' } } } })
  })

  it('says what a problem looks like', async () => {
    const check = checker(openapi.components.schemas.Problem ?? {})
    expect(check.safeParse(await get('alerts/nothing')).success).toBe(true)
    expect(check.safeParse(await get('alerts?limit=0')).success).toBe(true)
    expect(check.safeParse({ code: 'no_such_code' }).success).toBe(false)
  })

  it('says what a body must be, as the server takes it', () => {
    const schema = openapi.paths['/api/v1/alerts/{id}/verdict']?.post?.requestBody?.content['application/json']?.schema ?? {}
    const check = checker(schema)
    expect(['confirmed', 'certain'].map((verdict) => check.safeParse({ verdict }).success)).toEqual([true, false])
  })
})

describe('lists', () => {
  const lists = ROUTES.filter(({ answer: { schema } }) => schema instanceof z.ZodObject && 'items' in schema.shape && 'next' in schema.shape)

  it.each(lists.map(({ path }) => path))('%s takes a limit, and a cursor or where to go on after', (path) => {
    const names = openapi.paths[path]?.get?.parameters.map(({ name }) => name) ?? []
    expect(names).toContain('limit')
    expect(names.includes('cursor') || names.includes('after')).toBe(true)
  })
})

describe('AsyncAPI', () => {
  it('is 3.0, points only at what it holds, and every channel has one operation', () => {
    expect(asyncapi.asyncapi).toBe('3.0.0')
    for (const operation of Object.values(asyncapi.operations)) {
      for (const { $ref } of [operation.channel, ...operation.messages]) expect(resolve(asyncapi, $ref)).toBeTypeOf('object')
    }
    expect(Object.values(asyncapi.operations).map((operation) => operation.channel.$ref.slice('#/channels/'.length))).toEqual(Object.keys(asyncapi.channels))
  })

  it('names addresses that the platform understands, with their parameters', () => {
    for (const [name, { address, parameters }] of Object.entries(asyncapi.channels)) {
      expect([name, Object.keys(parameters)]).toEqual([name, [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)])
      if (address.startsWith('city/v1/from/')) expect(parseFromTopic(address.replace('{atMs}', '1').replace(/\{(\w+)\}/g, '$1'))).not.toHaveProperty('code')
    }
  })

  it('promises no topic that nobody serves: commands and their replies are only names yet', () => {
    expect(Object.keys(asyncapi.channels)).toEqual([...KINDS.map((kind) => `${kind}Observation`), 'frame', 'status', 'reject', 'alert', 'case'])
  })

  it.each(KINDS)('says what a %s observation carries', (kind) => {
    const payload = asyncapi.channels[`${kind}Observation`]?.messages[`${kind}Observation`]?.payload ?? {}
    expect(payload).toMatchObject({ type: 'object', required: expect.arrayContaining(['at']) })
  })

  it('keeps only what is retained by the contract', () => {
    const retained = Object.entries(asyncapi.operations).filter(([, operation]) => operation.bindings.mqtt.retain)
    expect(retained.map(([name]) => name)).toEqual(['receiveStatus', 'sendAlert', 'sendCase'])
  })
})
