import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { formatInstant, type Instant } from '../domain/time.ts'
import { deviceIdOf } from '../gateways/replay/trace.ts'
import { type ReplayResult, runReplay } from '../gateways/replay.ts'
import { type Expected, type Line, munichLines, type Rectangle, speeding, stays, suspects, visits, wuxiLines } from './by-hand.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** Real recordings through the whole platform; docs/real-input.md shows a person what stands in them. */
const MATERIAL = join(import.meta.dirname, '../../shared/material/gps')
const DOCUMENT = join(import.meta.dirname, '../docs/real-input.md')

interface Recording {
  file: string
  lines: Line[]
  /** Where trucks may not drive. */
  banned: Rectangle
  zone: string
}
const MUNICH_VEHICLE = deviceIdOf('\\x0001')
const there = existsSync(MATERIAL)
const WUXI: Recording = {
  file: join(MATERIAL, 'wuxi_taxi_5x.csv'),
  lines: there ? wuxiLines(join(MATERIAL, 'wuxi_taxi_5x.csv')) : [],
  banned: [120.28, 31.58, 120.32, 31.6],
  zone: '+08:00',
}
const MUNICH: Recording = {
  file: join(MATERIAL, 'barefoot_x0001-001.json'),
  lines: there ? munichLines(join(MATERIAL, 'barefoot_x0001-001.json'), MUNICH_VEHICLE) : [],
  banned: [11.53, 48.139, 11.54, 48.143],
  zone: '+02:00',
}
const OF_OTHER_YEARS = { limits: { tooOldDays: 10_000 }, retain: { historyDays: 10_001 } }

let platform: TestPlatform

async function play({ file }: Recording, keepTime: boolean): Promise<ReplayResult> {
  const password = await platform.gateway('gw-replay')
  const url = platform.mqtt()
  const result = await runReplay(
    { url, dataDir: join(platform.data, 'outboxes'), password: () => password, file, keepTime, speed: Number.POSITIVE_INFINITY },
    new AbortController().signal,
  )
  await platform.settled()
  return result
}

function ban([west, south, east, north]: Rectangle): Promise<unknown> {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ]
  return platform.ask('assets/no-trucks', { kind: 'zone', zone: { type: 'banned', polygon: [ring] } }, 'PUT')
}

interface Found {
  rule: string
  vehicle: string
  openedAt: Instant
  /** Event time at which it was raised. */
  due: Instant
  resolvedAt: Instant | null
}

/** Every alert of the platform, its times taken back to those of the recording. */
async function raised(shiftMs: number): Promise<Found[]> {
  const found: Found[] = []
  const recorded = (time: string): Instant => Date.parse(time) - shiftMs
  for (const { id, rule, key, openedAt, resolvedAt } of await platform.alerts()) {
    const line = (await platform.alert(id)).timeline.find(({ what }) => what === 'raised')
    found.push({ rule, vehicle: key, openedAt: recorded(openedAt), due: recorded(line?.at ?? ''), resolvedAt: resolvedAt === null ? null : recorded(resolvedAt) })
  }
  return found
}

function expected({ lines, banned }: Recording): Found[] {
  const vehicles = [...Map.groupBy(lines, ({ vehicle }) => vehicle).values()]
  const of = (rule: string, all: readonly Expected[]): Found[] => all.map(({ line: _, ...each }) => ({ rule, ...each }))
  return [
    ...of(
      'truck-banned-zone',
      vehicles.flatMap((each) => visits(each, banned)),
    ),
    ...of('truck-speeding', vehicles.flatMap(speeding)),
    ...of('truck-staying', vehicles.flatMap(stays)),
  ]
}

/** As texts, in order. What hangs on time after a vehicle's last report follows the wall clock, not the recording: it is left out. */
function told(found: readonly Found[], { lines }: Recording): string[] {
  const last = new Map(lines.map(({ vehicle, at }) => [vehicle, at]))
  return found
    .filter(({ vehicle, due }) => due <= (last.get(vehicle) ?? 0))
    .map(({ rule, vehicle, openedAt, due, resolvedAt }) => {
      const end = resolvedAt !== null && resolvedAt <= (last.get(vehicle) ?? 0) ? formatInstant(resolvedAt) : 'the end'
      return `${rule} ${vehicle} opened ${formatInstant(openedAt)}, raised ${formatInstant(due)}, until ${end}`
    })
    .sort()
}

/** How far the times of the first vehicle were moved. */
async function shiftOf({ lines }: Recording): Promise<number> {
  const first = lines[0] as Line
  const { items } = await platform.ask<{ items: { at: number }[] }>(`observations?device=${first.vehicle}&limit=1`)
  return (items[0]?.at ?? 0) - first.at
}

/** Rows of the tables in docs/real-input.md, local times, for the vehicles of a recording. */
function documented({ lines, zone }: Recording): Found[] {
  const vehicles = new Set(lines.map(({ vehicle }) => vehicle))
  const cells = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()))
  const local = (text = ''): Instant => Date.parse(`${text.replace(' ', 'T')}${zone}`)
  return cells
    .filter(([, rule = '', vehicle = '']) => rule.startsWith('truck-') && vehicles.has(vehicle))
    .map(([, rule = '', vehicle = '', , openedAt, due, resolvedAt]) => ({ rule, vehicle, openedAt: local(openedAt), due: local(due), resolvedAt: local(resolvedAt) }))
}

const RECORDINGS = [
  ['475 taxis of Wuxi, a report a minute', WUXI],
  ['a drive through Munich, a fix a second', MUNICH],
] as const

describe.skipIf(!there).each(RECORDINGS)('%s (needs ../shared/material)', (_, recording) => {
  describe.each([
    ['at its own time', true, OF_OTHER_YEARS],
    ['moved to now', false, {}],
  ] as const)('%s', (_when, keepTime, settings) => {
    beforeAll(async () => {
      platform = await startTestPlatform(settings)
      await ban(recording.banned)
      const vehicles = new Set(recording.lines.map(({ vehicle }) => vehicle))
      expect(await play(recording, keepTime)).toMatchObject({ sent: recording.lines.length, bad: 0, devices: vehicles.size, gateway: { rejected: {} } })
    }, 120_000)
    afterAll(() => platform.remove())

    it('raises what a person finds in it, to the second, and nothing else', async () => {
      const shiftMs = await shiftOf(recording)
      expect(shiftMs === 0).toBe(keepTime)
      const found = told(await raised(shiftMs), recording)
      expect(found.length).toBeGreaterThan(0)
      expect(found).toEqual(told(expected(recording), recording))
    })

    it('counts the jumps of its receivers as suspect fixes', async () => {
      const jumps = [...Map.groupBy(recording.lines, ({ vehicle }) => vehicle).values()].flatMap((lines) => [...suspects(lines)])
      expect(jumps.length).toBeGreaterThan(0)
      await vi.waitFor(async () => expect(await platform.metric('wanglou_engine_suspect_fixes')).toBe(jumps.length), 5000)
    })

    it('keeps every line, once', async () => {
      const { length } = recording.lines
      expect(await platform.metric('wanglou_ingest_messages_total', 'outcome="kept"')).toBeGreaterThanOrEqual(length)
      expect(await platform.metric('wanglou_ingest_messages_total', 'outcome="duplicate"')).toBe(0)
      expect(await platform.metric('wanglou_ingest_messages_total', 'outcome="rejected"')).toBe(0)
    })
  })

  it('stands in docs/real-input.md as it is', () => {
    const rows = told(documented(recording), recording)
    expect(rows.length).toBeGreaterThan(0)
    expect(told(expected(recording), recording)).toEqual(expect.arrayContaining(rows))
  })
})

describe.skipIf(!there)('a platform that nobody set up for the past (needs ../shared/material)', () => {
  it('refuses a recording of another year by name and keeps nothing of it (S10)', async () => {
    platform = await startTestPlatform()
    try {
      const { gateway } = await play(MUNICH, true)
      expect(Object.keys(gateway.rejected)).toEqual(['time.too_old'])
      expect(await platform.metric('wanglou_ingest_messages_total', 'reason="time.too_old"')).toBe(MUNICH.lines.length)
      expect(await platform.ask('observations?kind=vehicle')).toMatchObject({ items: [] })
    } finally {
      await platform.remove()
    }
  })
})
