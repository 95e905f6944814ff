import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELDS, type Field, KINDS, type Kind, PLACE_FIELDS } from '../domain/fields.ts'
import { PAYLOAD_SCHEMAS } from '../domain/observation.ts'
import { topics } from '../domain/topics.ts'
import { accept, acceptFrame, MAX_PAYLOAD_BYTES } from './accept.ts'
import { checkPayload, MAX_DEPTH } from './check.ts'

const AT = '2026-11-21T09:45:00+08:00'
const cover = topics.observation('gw1', 'cover', 'c-1')
const text = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const nested = (depth: number): unknown => (depth === 0 ? 1 : { x: nested(depth - 1) })

describe('accept', () => {
  it('takes an observation and keeps its text byte for byte', () => {
    const json = `{ "at": "${AT}", "tiltDeg": 32.5, "unknown": {"kept": [true]} }`
    expect(accept(cover, text(json))).toMatchObject({ result: 'observation', kind: 'cover', device: 'c-1', gateway: 'gw1', at: Date.parse(AT), json })
  })

  it.each<[string, string, unknown, string, RegExp]>([
    ['bytes that are not UTF-8', cover, Buffer.from([0x7b, 0xff, 0x7d]), 'payload.not_json', /UTF-8/],
    ['text that is not JSON', cover, '{"at":1', 'payload.not_json', /JSON/],
    ['a byte order mark', cover, `\uFEFF{"at":1}`, 'payload.not_json', /JSON/],
    ['nothing', cover, '', 'payload.not_json', /JSON/],
    ['a list', cover, '[1]', 'payload.not_object', /object/],
    ['null', cover, 'null', 'payload.not_object', /object/],
    ['too many bytes', cover, `{"at":1,"x":"${'x'.repeat(MAX_PAYLOAD_BYTES)}"}`, 'payload.too_large', /bytes/],
    ['too deep', cover, { at: 1, x: nested(MAX_DEPTH) }, 'payload.too_deep', /deeper/],
    ['very deep', cover, `{"at":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'payload.too_deep', /deeper/],
    ['no time', cover, { tiltDeg: 1 }, 'time.missing', /at/],
    ['S9: a time without zone', cover, { at: '2026-11-21T09:45:00' }, 'time.no_zone', /zone/],
    ['a time that is none', cover, { at: 'yesterday' }, 'time.invalid', /RFC 3339/],
    ['a value out of its range', cover, { at: 1, tiltDeg: 181 }, 'field.invalid', /tiltDeg must be a number from 0 to 180 deg/],
    ['a number as text', cover, { at: 1, waterMm: '12' }, 'field.invalid', /waterMm/],
    ['a number beyond all', cover, '{"at":1,"waterMm":1e999}', 'field.invalid', /larger/],
    ['a number beyond all in an unknown field', cover, '{"at":1,"other":[1e999]}', 'field.invalid', /larger/],
    ['a poisoned name', cover, '{"at":1,"x":{"__proto__":{"a":1}}}', 'field.invalid', /__proto__/],
    ['seq without sense', cover, { at: 1, seq: -1 }, 'field.invalid', /seq/],
    ['a scene without objects', topics.observation('gw1', 'scene', 'cam'), { at: 1 }, 'field.missing', /objects/],
    ['a scene of another camera', topics.observation('gw1', 'scene', 'cam'), { at: 1, camera: 'other', objects: [] }, 'field.invalid', /camera/],
    ['a scene with a bad box', topics.observation('gw1', 'scene', 'cam'), { at: 1, objects: [{ label: 'x', score: 1, box: [0, 0, 1] }] }, 'field.invalid', /objects\[0\]\.box/],
    ['a presence without state', topics.observation('gw1', 'presence', 'd'), { at: 1 }, 'field.missing', /state/],
    ['a sensor without values', topics.observation('gw1', 'sensor', 'd'), { at: 1 }, 'field.missing', /values/],
    ['an unknown kind', 'city/v1/from/gw1/observation/dragon/d', { at: 1 }, 'topic.kind', /kind/],
    ['a device that is no id', 'city/v1/from/gw1/observation/cover/..', { at: 1 }, 'topic.id', /id/],
    ['an unknown topic', 'city/v1/from/gw1/gossip', { at: 1 }, 'topic.unknown', /topic/],
    ['a reply that nobody waits for', topics.reply('gw1', 'd'), { id: 'x' }, 'reply.unknown_command', /command/],
    ['a status of no form', topics.status('gw1'), { state: 'asleep', at: 1 }, 'status.invalid', /state/],
    ['a status without zone', topics.status('gw1'), { state: 'online', at: '2026-11-21T09:45:00' }, 'time.no_zone', /zone/],
  ])('refuses %s', (_, topic, payload, code, why) => {
    const refused = accept(topic, Buffer.isBuffer(payload) ? payload : text(payload))
    expect(refused).toMatchObject({ result: 'refused', code })
    expect(refused.result === 'refused' && refused.why).toMatch(why)
  })

  it('takes what lies exactly on the limit of depth', () => {
    expect(accept(cover, text({ at: 1, x: nested(MAX_DEPTH - 1) }))).toMatchObject({ result: 'observation' })
  })

  it('makes a control record of a status', () => {
    expect(accept(topics.status('gw1'), text({ state: 'draining', at: AT, oldest: 5 }))).toEqual({
      result: 'status',
      control: { type: 'gateway', by: 'gw1', gateway: 'gw1', state: 'draining', at: Date.parse(AT), oldest: 5 },
    })
  })

  it('tells a JPEG from what only says so', () => {
    const topic = topics.frame('gw1', 'cam', 77)
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0])
    expect(acceptFrame(topic, jpeg)).toEqual({ camera: 'cam', gateway: 'gw1', at: 77, jpeg })
    expect(acceptFrame(topic, Buffer.from('not a picture'))).toMatchObject({ code: 'frame.not_jpeg' })
    expect(acceptFrame(cover, jpeg)).toBeNull()
  })

  it('does not crash on any bytes, and always answers with an observation, a status or a coded refusal', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(text)),
        fc.constantFrom(cover, topics.status('g'), topics.observation('g', 'scene', 'd')),
        (bytes, topic) => {
          expect(['observation', 'status', 'refused']).toContain(accept(topic, bytes).result)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the compiled check agrees with the schemas', () => {
  const junk = fc.oneof(fc.constantFrom(null, '', 'x', -1, 0, 1, 1.5, 180, 181, 1e308, true, [], {}, ['a'], 'x'.repeat(65), 'x'.repeat(600)), fc.jsonValue({ maxDepth: 2 }))
  const good = (field: Field): fc.Arbitrary<unknown> => {
    switch (field.type) {
      case 'number':
        return fc.double({ min: field.min, max: field.max, noNaN: true })
      case 'boolean':
        return fc.boolean()
      case 'enum':
        return fc.constantFrom(...field.values)
      case 'text':
        return fc.string({ maxLength: field.max })
      case 'texts':
        return fc.array(fc.string({ maxLength: 512 }), { maxLength: 3 })
    }
  }
  const object = fc.record(
    {
      label: fc.oneof(fc.string({ minLength: 1, maxLength: 9 }), junk),
      score: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), junk),
      box: fc.oneof(fc.array(fc.double({ min: -2, max: 4, noNaN: true }), { minLength: 3, maxLength: 5 }), fc.constant([0, 0, 1, 1])),
      track: fc.oneof(fc.string({ maxLength: 66 }), junk),
      plate: fc.oneof(fc.string({ maxLength: 18 }), junk),
      colour: fc.oneof(fc.string({ maxLength: 18 }), junk),
      zones: fc.oneof(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }), junk),
    },
    { requiredKeys: ['label', 'score', 'box'] },
  )
  const payloadOf = (kind: Kind): fc.Arbitrary<Record<string, unknown>> => {
    const fields = Object.fromEntries(
      Object.entries<Field>({ ...PLACE_FIELDS, ...FIELDS[kind] }).map(([name, field]) => [name, fc.oneof({ weight: 8, arbitrary: good(field) }, { weight: 1, arbitrary: junk })]),
    )
    const envelope = {
      id: fc.oneof(fc.string(), junk),
      seq: fc.oneof(fc.nat(), junk),
      boot: fc.oneof(fc.string({ maxLength: 66 }), fc.integer(), junk),
      crs: fc.oneof(fc.constantFrom('wgs84', 'gcj02', 'bd09'), junk),
      values: fc.oneof(fc.dictionary(fc.string({ maxLength: 66 }), fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.string(), junk)), junk),
      objects: fc.oneof(fc.array(object, { maxLength: 3 }), junk),
    }
    return fc.record({ ...envelope, ...fields }, { requiredKeys: [] }).map((payload) => JSON.parse(JSON.stringify({ at: 1, ...payload })) as Record<string, unknown>)
  }

  it.each(KINDS)('%s', (kind) => {
    fc.assert(
      fc.property(payloadOf(kind), (payload) => {
        if (kind === 'presence' && payload.state === undefined) return
        expect(checkPayload(kind, payload) === null).toBe(PAYLOAD_SCHEMAS[kind].safeParse(payload).success)
      }),
      { numRuns: 1500 },
    )
  })
})
