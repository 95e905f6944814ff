import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Asset } from '../../domain/asset.ts'
import { AssetSchema } from '../../domain/asset.ts'
import type { CoverageHour } from '../../domain/coverage.ts'
import type { Principal } from '../../domain/role.ts'
import { HOUR, MINUTE } from '../../domain/time.ts'
import { createCoverage } from './coverage-views.ts'
import { type TemporaryBook, temporaryBook } from './temporary-book.ts'

const T0 = Date.parse('2026-11-21T00:00:00Z')
const EVERYWHERE: Principal = { name: 'wang', role: 'viewer', area: '' }
const hour = (camera: string, at: number, blindMinutes: number, more: Partial<CoverageHour> = {}): CoverageHour => ({
  ...{ camera, algorithm: 'parking', hour: T0 + at * HOUR, through: T0 + (at + 1) * HOUR, frames: 60, inferred: 50, gated: { still: 8 }, dropped: { superseded: 2 } },
  blindMs: blindMinutes > 0 ? { source_lost: blindMinutes * MINUTE } : {},
  ...more,
})

let at: TemporaryBook
beforeEach(async () => {
  at = await temporaryBook()
})
afterEach(() => at.remove())

const list = (query: object = {}, who = EVERYWHERE) => createCoverage(at.book).list({ from: T0, to: T0 + 24 * HOUR, limit: 100, ...query }, who)

describe('coverage', () => {
  it('sums a pair over its hours, most blind first, with the cause of most of it', async () => {
    await at.book.coverage.put([
      hour('west', 0, 0),
      hour('west', 1, 0, { blindMs: { off_schedule: 50 * MINUTE } }),
      hour('east', 0, 6, { blindMs: { source_lost: 2 * MINUTE, no_budget: 4 * MINUTE } }),
      hour('east', 1, 2.5),
    ])
    const { items, next } = await list()
    expect(next).toBeNull()
    expect(items.map(({ camera, blindMinutes, cause }) => [camera, blindMinutes, cause])).toEqual([
      ['east', 8.5, 'source_lost'],
      ['west', 0, null],
    ])
    expect(items[0]).toMatchObject({ frames: 120, inferred: 100, gated: { still: 16 }, dropped: { superseded: 4 }, causes: { source_lost: 4.5, no_budget: 4 } })
    expect(items[0]?.hours.map(({ at: when, blindMinutes }) => [when, blindMinutes])).toEqual([
      ['2026-11-21T00:00:00.000Z', 6],
      ['2026-11-21T01:00:00.000Z', 2.5],
    ])
    expect(items[1]?.causes).toEqual({ off_schedule: 50 })
  })

  it('an hour that is put again replaces what was kept of it', async () => {
    await at.book.coverage.put([hour('west', 0, 1)])
    await at.book.coverage.put([hour('west', 0, 3, { frames: 90, inferred: 80 })])
    expect((await list()).items).toMatchObject([{ camera: 'west', blindMinutes: 3, frames: 90, inferred: 80 }])
  })

  it('gives pages in one order, by camera, algorithm and time', async () => {
    const cameras = Array.from({ length: 25 }, (_, index) => `cam-${String(index).padStart(2, '0')}`)
    await at.book.coverage.put(cameras.flatMap((camera, index) => [hour(camera, 0, index % 5), hour(camera, 2, index % 3, { algorithm: 'piles' })]))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ limit: 7, ...(cursor !== undefined && { cursor }) })
      seen.push(...page.items.map(({ camera, algorithm }) => `${camera} ${algorithm}`))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen).toHaveLength(50)
    expect(new Set(seen).size).toBe(50)
    expect((await list({ limit: 50 })).items.map(({ camera, algorithm }) => `${camera} ${algorithm}`)).toEqual(seen)
    expect((await list({ camera: 'cam-03' })).items).toHaveLength(2)
    expect((await list({ algorithm: 'piles' })).items).toHaveLength(25)
    expect((await list({ from: T0 + 2 * HOUR })).items).toHaveLength(25)
    expect((await list({ to: T0 + 2 * HOUR })).items.every(({ algorithm }) => algorithm === 'parking')).toBe(true)
    await expect(list({ cursor: 'x' })).rejects.toMatchObject({ code: 'cursor.invalid' })
  })

  it('shows the cameras of one area to whoever sees only that', async () => {
    const asset = (id: string, area: string, devices: string[]) => AssetSchema.parse({ id, kind: 'camera', area, devices }) as Asset
    await at.book.assets.save(asset('site-west', '310104', ['west']))
    await at.book.assets.save(asset('east', '310115', []))
    await at.book.coverage.put([hour('west', 0, 1), hour('east', 0, 1), hour('nobody', 0, 1)])
    expect((await list({}, { ...EVERYWHERE, area: '310104' })).items.map(({ camera }) => camera)).toEqual(['west'])
    expect((await list({}, { ...EVERYWHERE, area: '310115' })).items.map(({ camera }) => camera)).toEqual(['east'])
    expect((await list()).items).toHaveLength(3)
  })

  it('remembers the newest hour of each pair for the next start, and forgets old hours', async () => {
    expect(await at.book.coverage.newest()).toEqual([])
    await at.book.coverage.put([hour('west', 0, 1), hour('west', 4, 2), hour('east', 3, 0), hour('gone', 0, 0)])
    await at.reopen()
    expect((await at.book.coverage.newest()).map(({ camera, hour: when }) => [camera, (when - T0) / HOUR])).toEqual([
      ['east', 3],
      ['west', 4],
    ])
    await at.book.coverage.forgetBefore(T0 + 4 * HOUR)
    expect((await list()).items.map(({ camera }) => camera)).toEqual(['west'])
  })
})
