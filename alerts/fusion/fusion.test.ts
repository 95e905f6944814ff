import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Alert } from '../../domain/alert.ts'
import type { Change, Projected } from '../../domain/projection.ts'
import { RuleFileSchema } from '../../domain/rule.ts'
import { DISPATCHER, NINE, recordOf, transitionOf } from '../../fixtures/records.ts'
import { openPlaces } from '../../store/book/places.ts'
import { createProjector } from '../../store/book/projector.ts'
import { registerApplier } from '../../store/book/register-applier.ts'
import { temporaryBook } from '../../store/book/temporary-book.ts'
import { createAlerts } from '../alerts.ts'
import { alertsApplier } from '../applier.ts'
import { CITY, OF, type Who } from './covers.fixture.ts'

/** How an alert ends; `judged`: somebody calls it a false alarm. */
type End = 'goes on' | 'resolved' | 'disproved' | 'judged'

interface Tale {
  apartM: number
  ends: Record<Who, End>
}

type Shown = Pick<Alert, 'certainty' | 'fused' | 'attention' | 'condition'>
interface Told {
  sensor: Shown
  camera: Shown
  changes: Change[]
}

/** The book after both were raised in this order and have ended as the tale says. */
async function tell({ apartM, ends }: Tale, order: readonly Who[]): Promise<Told> {
  const at = await temporaryBook()
  try {
    const places = await openPlaces(at.book)
    const projector = await createProjector(at.book, [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places)], async () => undefined)
    let offset = 10
    const changes: Change[] = []
    const project = async (entry: (offset: number) => Projected): Promise<void> => {
      offset++
      changes.push(...(await projector.apply({ through: offset, entries: [entry(offset)] })))
    }
    await projector.apply({ through: 9, entries: CITY })
    for (const who of order) await project((n) => transitionOf(n, OF[who](apartM)))
    for (const who of ['sensor', 'camera'] as const) {
      const own = OF[who](apartM)
      const end = ends[who]
      if (end === 'resolved') await project((n) => transitionOf(n, { ...own, what: 'resolved', condition: 'resolved', resolvedAt: NINE + 60_000 }))
      if (end === 'disproved') await project((n) => transitionOf(n, { ...own, what: 'amended', condition: 'resolved', amended: 'disproved', resolvedAt: NINE }))
      if (end === 'judged')
        await project((n) =>
          recordOf(n, { type: 'verdict', by: 'lin', alert: String(own.alert), rule: String(own.rule), key: String(own.key), verdict: 'false_alarm', reason: '' }),
        )
    }
    const alerts = createAlerts({ book: at.book, journal: { append: () => Promise.reject(new Error('unused')) }, reached: projector.reached })
    const shown = async (id: string): Promise<Shown> => {
      const { certainty, fused, attention, condition } = await alerts.get(id, DISPATCHER)
      return { certainty, fused, attention, condition }
    }
    return { sensor: await shown('a-s'), camera: await shown('a-c'), changes }
  } finally {
    await at.remove()
  }
}

const end = fc.constantFrom<End>('goes on', 'goes on', 'resolved', 'disproved', 'judged')
const tale = fc.record({ apartM: fc.constantFrom(0, 14, 16, 200), ends: fc.record({ sensor: end, camera: end }) })

it('whichever comes first, both are shown as one, and when one is taken back the other stands', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(tale, async (each) => {
      const one = await tell(each, ['sensor', 'camera'])
      const other = await tell(each, ['camera', 'sensor'])
      expect({ sensor: one.sensor, camera: one.camera }).toEqual({ sensor: other.sensor, camera: other.camera })
      const { sensor, camera } = one
      const { ends, apartM } = each
      const [explains, confirmed] = [ends.sensor === 'goes on', apartM <= 15 && ends.camera !== 'disproved' && ends.camera !== 'judged']
      expect(sensor.attention.shown).toBe(true)
      expect(sensor.certainty).toBe(confirmed ? 'confirmed' : 'single')
      expect(sensor.fused.map(({ id }) => id)).toEqual(confirmed ? ['a-c'] : [])
      if (apartM > 15 || (!explains && ends.camera === 'goes on')) expect(camera.attention).toMatchObject({ shown: true })
      if (apartM <= 15 && explains) expect(camera.attention).toEqual({ shown: false, by: 'fused', ref: 'a-s', until: null })
    }),
    { numRuns: 25 },
  )
})

it('tells of the one that is shown, with its certainty, when the other joins it', async () => {
  const { changes } = await tell({ apartM: 5, ends: { sensor: 'goes on', camera: 'goes on' } }, ['sensor', 'camera'])
  expect(changes.map(({ event }) => [event.type.split('.').at(-2), event.subject, (event.data as Alert).certainty, (event.data as Alert).attention.by])).toEqual([
    ['opened', 'a-s', 'single', null],
    ['opened', 'a-c', 'confirmed', 'fused'],
    ['updated', 'a-s', 'confirmed', null],
  ])
})
