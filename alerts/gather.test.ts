import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Alert } from '../domain/alert.ts'
import { CodedError } from '../domain/errors.ts'
import { createLoopbackJournal } from '../fixtures/loopback-journal.ts'
import { DISPATCHER } from '../fixtures/records.ts'
import { parseRuleFile } from '../rules/file.ts'
import { Hand } from '../rules/hand.fixture.ts'
import { ruleText } from '../rules/rule.fixture.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { createAlerts } from './alerts.ts'
import { alertsApplier } from './applier.ts'

const GRID = '120116001002003'
let at: TemporaryBook
let projector: Projector

beforeEach(async () => {
  at = await temporaryBook()
  const places = await openPlaces(at.book)
  const parse = (source: string) => {
    const parsed = parseRuleFile(source)
    if ('errors' in parsed) throw new CodedError('rules.invalid', parsed.errors[0]?.why)
    return parsed.file
  }
  projector = await createProjector(at.book, [registerApplier(places, parse), alertsApplier(places)], async () => undefined)
})
afterEach(() => at.remove())

/** What the book shows of a rule that gathers by this sort of area, after two covers of one grid were true. */
async function shown(by: string, area = ''): Promise<Alert[]> {
  const hand = new Hand()
  hand.rule('flood', ruleText({ id: 'flood', on: 'cover', when: 'waterMm > 800.0', more: `gather: { by: ${by}, count: 2, within: 10m }` }))
  for (const id of ['c-1', 'c-2']) hand.asset(0, { id, grid: GRID, area: '120116001002', lon: 117.7, lat: 39 })
  for (const id of ['c-1', 'c-2']) hand.cover(id, 1, { waterMm: 900 })
  hand.tick(10)
  await projector.apply({ through: hand.engine.state.offset, entries: hand.said })
  const alerts = createAlerts({ book: at.book, journal: createLoopbackJournal(projector.apply, () => 0, 100), reached: projector.reached })
  return (await alerts.list({ limit: 10, ...(area && { area }) }, DISPATCHER)).items
}

it.each([
  ['grid', GRID, '120116001002', GRID],
  ['community', '120116001002', '120116001002', null],
  ['street', '120116001', '120116001', null],
  ['district', '120116', '120116', null],
])('an alert of an area needs no asset and lies in its area: %s', async (by, code, area, grid) => {
  const [alert, ...others] = await shown(by)
  expect(others).toEqual([])
  expect(alert).toMatchObject({ key: code, asset: code, area, grid, lon: 117.7, lat: 39, condition: 'firing', values: { count: 2, assets: 'c-1 c-2' } })
})

it('and is found by its area', async () => {
  expect(await shown('grid', '120116001')).toHaveLength(1)
  expect(await shown('grid', '120117')).toHaveLength(0)
})
