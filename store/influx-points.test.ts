import { describe, expect, it } from 'vitest'
import type { Alert } from '../domain/alert.ts'
import { FIELDS, type Field, KINDS, type Kind } from '../domain/fields.ts'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import { CLOCK_AHEAD_MS, type Observation } from '../domain/observation.ts'
import { type FieldType, MEASUREMENTS, type Point, pointOfAlert, pointsOf } from './influx-points.ts'

const AT = Date.parse('2026-11-21T01:45:00Z')
const observation = (kind: Kind, payload: object, times: { at?: number; receivedAt?: number } = {}): Observation => {
  const { at = AT, receivedAt = AT + 1500 } = times
  return { type: 'observation', offset: 1, kind, device: 'd-1' as DeviceId, gateway: 'gw1' as GatewayId, at, receivedAt, payload: { at, ...payload } }
}
const alert: Alert = {
  ...{
    id: 'a1',
    rule: 'cover-displaced',
    ruleVersion: 1,
    key: 'c-1',
    asset: 'c-1',
    devices: ['c-1'],
    severity: 'critical',
    title: { zh: '井盖位移', en: 'Manhole cover displaced' },
  },
  ...{ condition: 'firing', review: 'open', verdict: null, openedAt: '2026-11-21T01:45:00.000Z', raisedAt: '2026-11-21T01:45:02.500Z', resolvedAt: null },
  ...{ late: false, amended: null, lon: 121.4, lat: 37.5, area: '370613', grid: null, values: {}, observations: [1], evidence: [], case: null },
  ...{ attention: { shown: true, by: null, ref: null, until: null }, group: null, vehicle: null, attributedAt: null, certainty: 'single', fused: [], doubt: null },
}

const box = [0.1, 0.1, 0.2, 0.2]
const ROWS: [string, Kind, object, Record<string, unknown>[]][] = [
  ['numbers and flags as they are', 'cover', { tiltDeg: 32.5, displaced: true, batteryPct: 88 }, [{ tiltDeg: 32.5, displaced: true, batteryPct: 88 }]],
  ['nothing known, but that it came', 'cover', { unheardOf: 3 }, [{}]],
  ['words and lists as text', 'vehicle', { speedKmh: 45.6, load: 'full', alarms: ['sos', 'no_fix'] }, [{ speedKmh: 45.6, load: 'full', alarms: 'sos,no_fix' }]],
  ['no words of people', 'report', { channel: 'hotline_12345', text: 'my name is …', photos: ['x'], category: '01002' }, [{ channel: 'hotline_12345', category: '01002' }]],
  ['presence', 'presence', { state: 'offline' }, [{ state: 'offline' }]],
  ['an empty scene', 'scene', { objects: [] }, [{ objects: 0, labels: '' }]],
  [
    'a scene in short',
    'scene',
    {
      camera: 'd-1',
      model: 'm@1',
      objects: [
        { label: 'truck', score: 0.4, box },
        { label: 'car', score: 0.9, box },
        { label: 'car', score: 0.2, box },
      ],
    },
    [{ model: 'm@1', objects: 3, bestScore: 0.9, labels: 'car,truck' }],
  ],
  ['a point per value of a sensor', 'sensor', { values: { level: 2.5, pump: true, mode: 'auto' } }, [{ value: 2.5 }, { flag: true }, { text: 'auto' }]],
  ['no point for a sensor without values', 'sensor', { values: {} }, []],
]

describe('points of observations', () => {
  it.each(ROWS)('%s', (_, kind, payload, expected) => {
    const points = pointsOf(observation(kind, payload))
    expect(points.map(({ fields }) => fields)).toEqual(expected.map((fields) => ({ ...fields, delayMs: 1500 })))
    for (const { measurement, tags, at } of points)
      expect({ measurement, device: tags.device, gateway: tags.gateway, at }).toEqual({ measurement: kind, device: 'd-1', gateway: 'gw1', at: AT })
  })

  it('sensor values are told apart by their name', () => {
    expect(pointsOf(observation('sensor', { values: { a: 1, b: 2 } })).map(({ tags }) => tags.name)).toEqual(['a', 'b'])
  })

  it('a clock that is ahead counts as the time of arrival, and its delay shows it (S9)', () => {
    const ahead = AT + CLOCK_AHEAD_MS + 1
    expect(pointsOf(observation('cover', {}, { at: ahead, receivedAt: AT }))).toMatchObject([{ at: AT, fields: { delayMs: -(CLOCK_AHEAD_MS + 1) } }])
  })

  it('positions come out as WGS-84 whatever frame they were sent in', () => {
    const [wgs84, gcj02] = (['wgs84', 'gcj02'] as const).map((crs) => pointsOf(observation('vehicle', { lon: 121.3914, lat: 37.5393, crs }))[0]?.fields)
    expect(wgs84).toMatchObject({ lon: 121.3914, lat: 37.5393 })
    expect(Math.abs((gcj02?.lon as number) - 121.3914)).toBeGreaterThan(0.003)
  })

  it('what is written is what is declared, for every field that a kind may carry', () => {
    const example = { number: 1.5, boolean: true, enum: 'x', text: 'x', texts: ['x'] } as const
    const all = KINDS.flatMap((kind) => {
      const own = Object.entries(FIELDS[kind] as Record<string, Field>).map(([name, field]) => [name, example[field.type]])
      return pointsOf(observation(kind, { lon: 121, lat: 37, ...Object.fromEntries(own), values: { a: 1, b: true, c: 'x' }, objects: [{ label: 'car', score: 0.5, box }] }))
    })
    const written = new Map<string, Set<string>>()
    for (const point of [...all, pointOfAlert({ ...alert, verdict: 'confirmed', amended: 'times', resolvedAt: '2026-11-21T01:46:00.000Z' })]) {
      const names = written.get(point.measurement) ?? new Set()
      written.set(point.measurement, names)
      for (const name of declared(point)) names.add(name)
    }
    for (const [measurement, { fields }] of Object.entries(MEASUREMENTS)) expect([...(written.get(measurement) ?? [])].sort()).toEqual(Object.keys(fields).sort())
  })
})

function declared({ measurement, tags, fields }: Point): string[] {
  const form = MEASUREMENTS[measurement]
  const types: Record<string, FieldType> = { number: 'float', boolean: 'boolean', string: 'string' }
  expect(Object.keys(tags)).toEqual(form.tags)
  for (const [name, value] of Object.entries(fields)) expect([name, types[typeof value]]).toEqual([name, form.fields[name]])
  return Object.keys(fields)
}

describe('points of alerts', () => {
  it('stand at the time of opening, with what is known', () => {
    const point = pointOfAlert(alert)
    expect(point).toMatchObject({
      measurement: 'alert',
      at: AT,
      tags: { asset: 'c-1', rule: 'cover-displaced' },
      fields: { id: 'a1', severity: 'critical', raiseMs: 2500, late: false },
    })
    expect(point.fields).not.toHaveProperty('verdict')
    expect(point.fields).not.toHaveProperty('durationMs')
  })

  it('the same alert later stands in the same place, with more', () => {
    const resolved = pointOfAlert({ ...alert, condition: 'resolved', resolvedAt: '2026-11-21T01:47:00.000Z' })
    const { at, nanos, tags } = pointOfAlert(alert)
    expect(resolved).toMatchObject({ at, nanos, tags, fields: { condition: 'resolved', durationMs: 120_000 } })
  })

  it('two alerts of one rule, asset and millisecond stand apart', () => {
    const [one, other] = [pointOfAlert(alert), pointOfAlert({ ...alert, id: 'a2' })]
    expect(other.nanos).not.toBe(one.nanos)
    for (const { nanos } of [one, other]) expect(nanos >= 0 && nanos < 1_000_000).toBe(true)
  })
})
