import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isId } from '../domain/ids.ts'
import { PAYLOAD_SCHEMAS } from '../domain/observation.ts'
import { schedule } from './replay/schedule.ts'
import { deviceIdOf } from './replay/trace.ts'
import { type ReplayOptions, runReplay } from './replay.ts'
import { TestBroker } from './test-broker.ts'

const MATERIAL = join(import.meta.dirname, '../../shared/material/gps')
const WUXI = join(MATERIAL, 'wuxi_taxi_5x.csv')
const MUNICH = join(MATERIAL, 'barefoot_x0001-001.json')
const HEADING = 'longitude,latitude,timestamp,name_id\n'

let dir: string
let broker: TestBroker
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'replay-'))
  broker = new TestBroker()
  await broker.start()
})
afterEach(async () => {
  await broker.stop()
  rmSync(dir, { recursive: true })
})

function replay(options: Partial<ReplayOptions>, signal = new AbortController().signal) {
  return runReplay({ url: broker.url, dataDir: dir, password: () => undefined, file: '', speed: Number.POSITIVE_INFINITY, ...options }, signal)
}
function written(name: string, text: string): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}
const observations = () =>
  broker.arrivals
    .filter(({ topic }) => topic.includes('/observation/'))
    .map(({ topic, json }) => ({ device: topic.split('/').at(-1) ?? '', kind: topic.split('/')[5], ...(json as { at: number; lon: number; lat: number; seq: number }) }))

describe('replay', () => {
  it('sends what is good in order of time and names what is bad, by line', async () => {
    const file = written(
      'trace.csv',
      `${HEADING}120.1,31.5,2020-07-18 10:00:05,b\r\n120.2,31.6,2020-07-18 10:00:00,a\r\n999,31.6,2020-07-18 10:00:00,a\r\n120.2,31.6,2020-02-31 10:00:00,a\r\n\r\n120.2,31.6,2020-07-18 10:00:09+09:00,a\r\n,31.6,2020-07-18 10:00:00,a\r\n120.2,31.6,yesterday,\r\n\r\n`,
    )
    const result = await replay({ file, keepTime: true })
    expect(observations().map(({ device, at }) => [device, new Date(at).toISOString()])).toEqual([
      ['a', '2020-07-18T01:00:09.000Z'],
      ['a', '2020-07-18T02:00:00.000Z'],
      ['b', '2020-07-18T02:00:05.000Z'],
    ])
    expect(result).toMatchObject({ read: 8, sent: 3, bad: 5, devices: 2 })
    expect(result.badLines.map(({ line, code }) => [line, code])).toEqual([
      [4, 'field.invalid'],
      [5, 'time.invalid'],
      [6, 'field.missing'],
      [8, 'field.invalid'],
      [9, 'field.missing'],
    ])
    expect(broker.states()).toEqual(['online', 'stopped'])
  })

  it('gives times without a zone the one that it was told', async () => {
    const file = written('trace.csv', `${HEADING}120.1,31.5,2020-07-18 10:00:00,a\n`)
    await replay({ file, keepTime: true, zone: '-03:30' })
    expect(observations().map(({ at }) => new Date(at).toISOString())).toEqual(['2020-07-18T13:30:00.000Z'])
  })

  it('survives JSON items that are none', async () => {
    const good = '{"point":"POINT(11.5 48.1)","time":"2014-09-10 06:54:07+0200","id":"x"}'
    const file = written('trace.json', `[${good},{"point":"POINT(11.5)","time":1,"id":"x"},{"a":"}{\\"",\n"b":[1,{}]},{bad},${good},{"point":"POI`)
    const result = await replay({ file, keepTime: true })
    expect(result).toMatchObject({ read: 6, sent: 2, bad: 4 })
    expect(result.badLines.map(({ line, code }) => [line, code])).toEqual([
      [2, 'field.invalid'],
      [3, 'field.invalid'],
      [4, 'payload.not_json'],
      [6, 'payload.not_json'],
    ])
  })

  it('moves recorded times to now without squeezing them', async () => {
    const file = written('trace.csv', `${HEADING}120.1,31.5,2020-07-18 10:00:00,a\n120.1,31.5,2020-07-18 10:00:30,a\n`)
    const before = Date.now()
    await replay({ file, speed: 1000 })
    const [first, last] = observations().map(({ at }) => at)
    expect((last ?? 0) - (first ?? 0)).toBe(30_000)
    expect(last).toBeGreaterThanOrEqual(before)
    expect(last).toBeLessThanOrEqual(Date.now())
  })

  it('stops when asked to, having said so', async () => {
    const file = written('trace.csv', `${HEADING}120.1,31.5,2020-07-18 10:00:00,a\n120.1,31.5,2020-07-19 10:00:00,a\n`)
    const abort = new AbortController()
    const running = replay({ file, speed: 1 }, abort.signal)
    await broker.until(() => observations().length === 1)
    abort.abort()
    expect(await running).toMatchObject({ read: 2, sent: 1 })
    expect(broker.states().at(-1)).toBe('stopped')
  })

  it.each([
    ['a file that is not there', { file: '/nowhere/trace.csv' }, 'request.invalid'],
    ['a zone by name', { file: WUXI, zone: 'Asia/Shanghai' }, 'request.invalid'],
    ['speed 0', { file: WUXI, speed: 0 }, 'request.invalid'],
  ])('refuses %s', async (_, options, code) => {
    await expect(replay(options)).rejects.toMatchObject({ code })
  })

  it('refuses a table without the columns', async () => {
    await expect(replay({ file: written('other.csv', 'lon,lat\n1,2\n') })).rejects.toMatchObject({ code: 'field.missing' })
  })
})

describe.skipIf(!existsSync(WUXI))('the Wuxi taxis (needs ../shared/material)', () => {
  it('arrive whole: every line is sent or named', async () => {
    const rows = readFileSync(WUXI, 'utf8').trim().split(/\r?\n/).slice(1)
    const before = Date.now()
    const result = await replay({ file: WUXI })
    expect(result.read).toBe(rows.length)
    expect(result.sent + result.bad).toBe(rows.length)
    expect(result.bad).toBe(result.badLines.length)
    const arrived = observations()
    expect(arrived).toHaveLength(result.sent)
    const devices = new Set(rows.map((row) => row.split(',')[3]))
    expect(new Set(arrived.map(({ device }) => device))).toEqual(devices)
    for (const [device, seqs] of broker.seqs()) {
      expect(seqs).toEqual(seqs.map((_, i) => i + 1))
      expect(devices.has(device)).toBe(true)
    }
    const newest = Math.max(...arrived.map(({ at }) => at))
    expect(newest).toBeGreaterThanOrEqual(before)
    expect(newest).toBeLessThanOrEqual(Date.now())
    for (const { device: _device, kind: _kind, ...payload } of arrived) expect(PAYLOAD_SCHEMAS.vehicle.safeParse(payload).success).toBe(true)
  })
})

describe.skipIf(!existsSync(MUNICH))('the drive in Munich (needs ../shared/material)', () => {
  it('arrives point by point, as recorded', async () => {
    const items = JSON.parse(readFileSync(MUNICH, 'utf8')) as { point: string; time: string; id: string }[]
    const result = await replay({ file: MUNICH, keepTime: true })
    expect(result).toMatchObject({ read: items.length, sent: items.length, bad: 0, devices: 1 })
    const arrived = observations()
    expect(arrived.map(({ lon, lat }) => `POINT(${lon} ${lat})`)).toEqual(items.map(({ point }) => point))
    expect(arrived.map(({ at }) => at)).toEqual(items.map(({ time }) => Date.parse(time.replace(' ', 'T').replace(/(\d\d)$/, ':$1'))))
    expect(arrived.map(({ device }) => device)).toEqual(items.map(({ id }) => deviceIdOf(id)))
  })
})

describe('device ids', () => {
  it.each(['0086627503122318', 'taxi_5.A-1', '\\x0001', 'ä', '渣土车', 'a/b', 'a b', '-x', '..', 'x..y', 'a'.repeat(80), 7])('of %s are legal and always the same', (raw) => {
    const id = deviceIdOf(raw)
    expect(isId(id)).toBe(true)
    expect(deviceIdOf(raw)).toBe(id)
    if (typeof raw === 'string' && isId(raw)) expect(id).toBe(raw)
  })

  it('differ where the recorded ids differ', () => {
    const raws = ['\\x0001', 'x0001', 'x/0001', 'x 0001', '\\x0001 ', 'a'.repeat(80), 'a'.repeat(81)]
    expect(new Set(raws.map(deviceIdOf)).size).toBe(raws.length)
  })

  it.each([undefined, null, '', {}])('cannot be made of %s', (raw) => {
    expect(() => deviceIdOf(raw)).toThrowError(expect.objectContaining({ code: 'field.missing' }))
  })
})

it.each([
  ['as recorded', 1, [100_000, 110_000, 130_000], [0, 10_000, 30_000]],
  ['ten times as fast', 10, [73_000, 83_000, 103_000], [0, 1000, 3000]],
  ['at once', Number.POSITIVE_INFINITY, [70_000, 80_000, 100_000], [0, 0, 0]],
])('a recording of 30 s played from 100 s on, %s, is never ahead of the clock', (_, speed, times, sends) => {
  const recorded = [5000, 15_000, 35_000]
  const plan = schedule(5000, 35_000, 100_000, speed, false)
  expect(recorded.map((at) => at + plan.shiftMs)).toEqual(times)
  expect(recorded.map((at) => plan.sendAfterMs(at))).toEqual(sends)
  recorded.forEach((at) => {
    expect(at + plan.shiftMs).toBeLessThanOrEqual(100_000 + plan.sendAfterMs(at))
  })
})
