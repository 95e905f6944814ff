import { expect, it } from 'vitest'
import { createAlerts } from '../alerts/alerts.ts'
import { alertsApplier } from '../alerts/applier.ts'
import { CITY, OF } from '../alerts/fusion/covers.fixture.ts'
import { casesApplier } from '../cases/applier.ts'
import { createCases } from '../cases/cases.ts'
import type { Alert } from '../domain/alert.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import { createLoopbackJournal } from '../fixtures/loopback-journal.ts'
import { DISPATCHER, NINE, transitionOf } from '../fixtures/records.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { temporaryBook } from '../store/book/temporary-book.ts'

it('what people decide of the one counts for both; a false alarm counts for the one that is called so', async () => {
  const at = await temporaryBook()
  try {
    const places = await openPlaces(at.book)
    const projector = await createProjector(
      at.book,
      [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places), casesApplier],
      async () => undefined,
    )
    const journal = createLoopbackJournal(projector.apply, () => NINE, 100)
    await projector.apply({ through: 9, entries: CITY })
    await projector.apply({ through: 12, entries: [transitionOf(11, OF.sensor(5)), transitionOf(12, OF.camera(5))] })
    const deps = { book: at.book, journal, reached: projector.reached }
    const alerts = createAlerts(deps)
    const both = async <K extends keyof Alert>(field: K): Promise<Alert[K][]> => Promise.all(['a-s', 'a-c'].map(async (id) => (await alerts.get(id, DISPATCHER))[field]))
    await alerts.acknowledge('a-s', DISPATCHER)
    expect(await both('review')).toEqual(['acknowledged', 'acknowledged'])
    const { id, alerts: its } = await createCases({ ...deps, desks: [], newId: () => 'unused' }).dispatch('a-s', { note: '' }, DISPATCHER)
    expect(its.sort()).toEqual(['a-c', 'a-s'])
    expect(await both('case')).toEqual([id, id])
    await alerts.judge('a-s', { verdict: 'false_alarm', reason: 'the sensor hangs loose' }, DISPATCHER)
    expect(await both('verdict')).toEqual(['false_alarm', null])
    expect((await both('attention')).map(({ shown }) => shown)).toEqual([true, true])
    await alerts.judge('a-c', { verdict: 'confirmed', reason: '' }, DISPATCHER)
    expect(await both('verdict')).toEqual(['false_alarm', 'confirmed'])
  } finally {
    await at.remove()
  }
})
