import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAlerts } from '../alerts/alerts.ts'
import { alertsApplier } from '../alerts/applier.ts'
import { CITY, OF } from '../alerts/fusion/covers.fixture.ts'
import { casesApplier } from '../cases/applier.ts'
import { createCases } from '../cases/cases.ts'
import type { Alert } from '../domain/alert.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { Cases } from '../domain/ports/cases.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import { createLoopbackJournal } from '../fixtures/loopback-journal.ts'
import { DISPATCHER, NINE, transitionOf } from '../fixtures/records.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'

let at: TemporaryBook
let projector: Projector
let alerts: Alerts
let cases: Cases

beforeEach(async () => {
  at = await temporaryBook()
  const places = await openPlaces(at.book)
  projector = await createProjector(
    at.book,
    [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places), casesApplier],
    async () => undefined,
  )
  const deps = { book: at.book, journal: createLoopbackJournal(projector.apply, () => NINE, 100), reached: projector.reached }
  alerts = createAlerts(deps)
  cases = createCases({ ...deps, desks: [], newId: () => 'unused' })
  await projector.apply({ through: 9, entries: CITY })
})
afterEach(() => at.remove())

const both = async <K extends keyof Alert>(field: K): Promise<Alert[K][]> => Promise.all(['a-s', 'a-c'].map(async (id) => (await alerts.get(id, DISPATCHER))[field]))

it('what people decide of the one counts for both; a false alarm counts for the one that is called so', async () => {
  await projector.apply({ through: 12, entries: [transitionOf(11, OF.sensor(5)), transitionOf(12, OF.camera(5))] })
  await alerts.acknowledge('a-s', DISPATCHER)
  expect(await both('review')).toEqual(['acknowledged', 'acknowledged'])
  const { id, alerts: its } = await cases.dispatch('a-s', { note: '' }, DISPATCHER)
  expect(its.sort()).toEqual(['a-c', 'a-s'])
  expect(await both('case')).toEqual([id, id])
  await alerts.judge('a-s', { verdict: 'false_alarm', reason: 'the sensor hangs loose' }, DISPATCHER)
  expect(await both('verdict')).toEqual(['false_alarm', null])
  expect((await both('attention')).map(({ shown }) => shown)).toEqual([true, true])
  await alerts.judge('a-c', { verdict: 'confirmed', reason: '' }, DISPATCHER)
  expect(await both('verdict')).toEqual(['false_alarm', 'confirmed'])
})

it.each(['sensor', 'camera'] as const)('the %s comes first and is a case already: the other one belongs to it, and makes no second one', async (first) => {
  const [one, other] = first === 'sensor' ? (['a-s', 'camera'] as const) : (['a-c', 'sensor'] as const)
  await projector.apply({ through: 11, entries: [transitionOf(11, OF[first](5))] })
  const { id } = await cases.dispatch(one, { note: '' }, DISPATCHER)
  await projector.apply({ through: 201, entries: [transitionOf(201, OF[other](5))] })
  expect(await both('case')).toEqual([id, id])
  expect((await cases.dispatch('a-s', { note: '' }, DISPATCHER)).id).toBe(id)
  expect((await cases.get(id, DISPATCHER)).alerts.sort()).toEqual(['a-c', 'a-s'])
})
