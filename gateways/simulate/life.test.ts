import { beforeAll, describe, expect, it } from 'vitest'
import { distanceM, insideRing, type Position } from '../../domain/geo.ts'
import { PAYLOAD_SCHEMAS } from '../../domain/observation.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { buildCity, type City } from '../../fixtures/city/city.ts'
import { CLIP_CAMERAS } from '../../fixtures/city/clips.ts'
import type { Report } from '../outbox.ts'
import type { Mishap } from './incidents.ts'
import { Life, type LifeOptions } from './life.ts'

const START = 1_800_000_000_000
let city: City
let ten: { life: Life; reports: Report[] }

function live(minutes: number, options: Partial<LifeOptions> = {}, stepMs = SECOND): { life: Life; reports: Report[] } {
  const life = new Life(city, { seed: 1, start: START, ...options })
  const reports: Report[] = []
  for (let at = START; at < START + minutes * MINUTE; ) {
    at = Math.min(START + minutes * MINUTE, at + stepMs)
    for (const report of life.step(at)) reports.push(report)
  }
  return { life, reports }
}
const atOf = ({ payload }: Report) => payload.at as number
const of = (device: string | undefined) => ten.reports.filter((report) => report.device === device)
const first = (what: Mishap) => ten.life.incidents.find((incident) => incident.what === what)
const place = ({ payload }: Report): Position => [payload.lon ?? Number.NaN, payload.lat ?? Number.NaN]

beforeAll(() => {
  city = buildCity(1)
  ten = live(10)
})

describe('the living city', () => {
  it('says the same for the same seed, however the time is cut, and something else for another', () => {
    const two = JSON.stringify(ten.reports.filter((report) => atOf(report) <= START + 2 * MINUTE))
    expect(JSON.stringify(live(2, {}, 137).reports)).toBe(two)
    expect(JSON.stringify(live(2, {}, 2 * MINUTE).reports)).toBe(two)
    expect(JSON.stringify(live(2, { seed: 2 }).reports)).not.toBe(two)
  })

  it('says only what the contract takes, in order of time, from devices of the register', () => {
    const ids = new Set(city.assets.map(({ id }) => String(id)))
    let last = START
    for (const report of ten.reports) {
      const checked = PAYLOAD_SCHEMAS[report.kind].safeParse(report.payload)
      expect(checked.error?.issues).toBeUndefined()
      expect(atOf(report)).toBeGreaterThanOrEqual(last)
      expect(ids.has(report.device)).toBe(true)
      last = atOf(report)
    }
    // A model of the platform watches the clips; at their edge nobody does.
    const silent = city.assets.filter(({ kind, id }) => kind === 'zone' || id in CLIP_CAMERAS)
    expect(new Set(ten.reports.map(({ device }) => device)).size).toBe(city.assets.length - silent.length)
  })

  it.each([200, 5000])('speaks at %i messages a second when asked to', (rate) => {
    const { reports } = live(0.2, { rate })
    expect(reports.length / 12 / rate).toBeGreaterThan(0.95)
    expect(reports.length / 12 / rate).toBeLessThan(1.1)
  })

  it('reports so many times as often', () => {
    const usual = live(4, { incidentsPerMinute: 0 }).reports.length
    const often = live(4, { incidentsPerMinute: 0, multiplier: 3 }).reports.length
    expect(often / usual).toBeGreaterThan(2.8)
    expect(often / usual).toBeLessThan(3.2)
  })
})

describe('its trucks', () => {
  it('drive as trucks do: never far in no time, but for single wild fixes, and those are there', () => {
    let wild = 0
    for (const reports of Map.groupBy(
      ten.reports.filter(({ kind }) => kind === 'vehicle'),
      ({ device }) => device,
    ).values()) {
      for (let i = 1; i < reports.length - 1; i++) {
        const [before, here, after] = reports.slice(i - 1, i + 2) as [Report, Report, Report]
        const kmh = (a: Report, b: Report) => (distanceM(place(a), place(b)) / Math.max(1, atOf(b) - atOf(a))) * 3600
        if (kmh(before, here) <= 150 || atOf(here) - atOf(before) < SECOND) continue
        wild++
        // Either this fix is the wild one, or it is the one after it.
        expect(Math.min(kmh(before, after), i > 1 ? kmh(reports[i - 2] as Report, here) : Number.POSITIVE_INFINITY)).toBeLessThan(150)
      }
    }
    expect(wild).toBeGreaterThan(0)
  })

  it('keep the law unless an incident says otherwise', () => {
    const culprits = new Set(ten.life.incidents.map(({ device }) => device))
    const banned = city.zones.filter(({ type }) => type === 'banned')
    const yards = city.zones.filter(({ type }) => type !== 'banned')
    let tips = 0
    for (const reports of Map.groupBy(ten.reports, ({ device }) => device).values()) {
      for (const [i, report] of reports.entries()) {
        if (report.kind !== 'vehicle' || culprits.has(report.device)) continue
        const { speedKmh, load, lid, bed } = report.payload
        expect(speedKmh).toBeLessThan(60)
        if (load !== 'empty' && Number(speedKmh) > 5) expect(lid).toBe('closed')
        const at = place(report)
        if (i > 0 && distanceM(at, place(reports[i - 1] as Report)) > 3000) continue
        if (bed === 'raised') {
          tips++
          expect(yards.some(({ ring }) => insideRing(at, ring)) || distanceM(at, place(reports[i + 1] ?? reports[i - 1] ?? report)) > 3000).toBe(true)
        }
        if (banned.some(({ ring }) => insideRing(at, ring))) expect(distanceM(at, place(reports[i + 1] ?? reports[i - 1] ?? report))).toBeGreaterThan(3000)
      }
    }
    expect(tips).toBeGreaterThan(0)
  })

  it('are still there after six hours, each at work', () => {
    const { life, reports } = live(6 * 60, { incidentsPerMinute: 0, rate: 4 }, 10 * MINUTE)
    expect(life.incidents).toEqual([])
    const trucks = Map.groupBy(
      reports.filter(({ kind }) => kind === 'vehicle'),
      ({ device }) => device,
    )
    expect(trucks.size).toBe(405)
    for (const list of trucks.values()) expect(Number(list.at(-1)?.payload.mileageKm) - Number(list[0]?.payload.mileageKm)).toBeGreaterThan(10)
  })
})

describe('within the first minute', () => {
  it('a cover is opened at 15 s and put back after 90 s', () => {
    const incident = first('cover-open')
    expect(incident).toMatchObject({ at: START + 15 * SECOND, until: START + 105 * SECOND })
    const open = of(incident?.device).filter(({ payload }) => Number(payload.tiltDeg) > 15 && payload.displaced === true)
    expect(atOf(open[0] as Report)).toBeLessThan(START + 16 * SECOND)
    expect(atOf(open.at(-1) as Report)).toBeGreaterThan(START + 99 * SECOND)
    const after = of(incident?.device).filter((report) => atOf(report) >= START + 105 * SECOND)
    expect(after.length).toBeGreaterThan(2)
    for (const { payload } of after) expect([Number(payload.tiltDeg) < 5, payload.displaced]).toEqual([true, false])
  })

  it('a truck drives over 80 km/h for half a minute', () => {
    const fast = of(first('truck-speed')?.device).filter(({ payload }) => Number(payload.speedKmh) > 80)
    expect(atOf(fast.at(-1) as Report) - atOf(fast[0] as Report)).toBeGreaterThan(25 * SECOND)
    expect(atOf(fast[0] as Report)).toBeLessThan(START + 30 * SECOND)
  })

  it('a truck is inside a banned zone', () => {
    const banned = city.zones.filter(({ type }) => type === 'banned')
    const inside = of(first('truck-banned')?.device).filter((report) => banned.some(({ ring }) => insideRing(place(report), ring)))
    expect(atOf(inside[0] as Report)).toBeLessThan(START + MINUTE)
    expect(inside.length).toBeGreaterThan(10)
  })

  it('a loaded truck drives with its lid open', () => {
    const loose = of(first('truck-lid')?.device).filter(({ payload }) => payload.load === 'full' && payload.lid === 'open' && Number(payload.speedKmh) > 5)
    expect(atOf(loose.at(-1) as Report) - atOf(loose[0] as Report)).toBeGreaterThan(30 * SECOND)
  })

  it('a truck tips its load outside every site', () => {
    const raised = of(first('truck-tip')?.device).filter(({ payload }) => payload.bed === 'raised')
    expect(raised.length).toBeGreaterThan(5)
    for (const report of raised) expect(city.zones.some(({ type, ring }) => type === 'site' && insideRing(place(report), ring))).toBe(false)
    expect(raised.map(({ payload }) => payload.load)).toContain('empty')
  })

  it('water rises, wavers and falls again', () => {
    const incident = first('cover-flood')
    const levels = of(incident?.device).filter((report) => atOf(report) >= (incident?.at ?? 0))
    const at = (s: number) => Number(levels.find((report) => atOf(report) >= (incident?.at ?? 0) + s * SECOND)?.payload.waterMm)
    expect([at(0) < 300, at(60) > 1300, at(110) < 900, at(165) > 1200, at(420) < 400]).toEqual([true, true, true, true, true])
  })

  it('a battery is low', () => {
    expect(of(first('cover-battery')?.device).some(({ payload }) => Number(payload.batteryPct) < 20)).toBe(true)
  })

  it('a car stands in a no-parking zone for more than a minute, under one track', () => {
    const incident = first('camera-parking')
    const cars = of(incident?.device)
      .filter((report) => atOf(report) > (incident?.at ?? 0) && atOf(report) < (incident?.until ?? 0))
      .map(({ payload }) => (payload.objects as { label: string; track: string; zones?: string[]; box: number[] }[])[0])
    expect(cars.length).toBeGreaterThan(60)
    expect(new Set(cars.map((car) => `${car?.label} ${car?.track} ${car?.zones}`)).size).toBe(1)
    const lefts = cars.map((car) => car?.box[0] ?? 0)
    expect(Math.max(...lefts) - Math.min(...lefts)).toBeLessThan(0.01)
  })
})

it('goes on with incidents at the asked rate', () => {
  const hour = live(60, { incidentsPerMinute: 3, rate: 20 }, MINUTE).life.incidents
  expect(hour.length / 60).toBeGreaterThan(2.2)
  expect(hour.length / 60).toBeLessThan(3.8)
  expect(new Set(hour.map(({ what }) => what)).size).toBe(8)
})
