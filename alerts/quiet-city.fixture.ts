import type { Alert, Transition } from '../domain/alert.ts'
import type { AlertId, AssetId, Offset, RuleId } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { SilenceOrder, Silences } from '../domain/ports/silences.ts'
import type { Change, Projected } from '../domain/projection.ts'
import type { Control } from '../domain/record.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import { HOUR, type Instant, MINUTE } from '../domain/time.ts'
import { assetOf, DISPATCHER, NINE, recordOf, transitionOf } from '../fixtures/records.ts'
import type { Book } from '../store/book/book.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { createAlerts } from './alerts.ts'
import { alertsApplier } from './applier.ts'
import { openReductionClock } from './reduction-clock.ts'
import { createSilences } from './silences.ts'

const ruleRecord = (offset: number, id: string, part: object = {}): Projected =>
  recordOf(offset, {
    ...{ type: 'rule', by: 'zhao', id, version: 1, state: 'live', note: '' },
    source: JSON.stringify({ rule: id, title: { zh: id, en: id }, on: 'cover', when: 'displaced', severity: 'critical', ...part }),
  })
const GRID = '370602001001001'
const CITY: Projected[] = [
  ruleRecord(1, 'cover-displaced'),
  ruleRecord(2, 'battery', { flap: { changes: 3, within: '1h', quietFor: '10m' } }),
  ruleRecord(3, 'water', { group: { within: '10m' } }),
  ruleRecord(4, 'gateway-silent', { inhibits: { rules: ['cover-displaced'], on: 'gateway' } }),
  ...['c-1', 'c-2', 'c-3'].map((id, index) => recordOf(5 + index, { type: 'asset', by: 'zhao', asset: assetOf({ id, area: GRID.slice(0, 12), grid: GRID }) })),
  recordOf(8, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'far', area: '370611001001', grid: '370611001001001' }) }),
]

export const RESOLVED = { what: 'resolved', condition: 'resolved' } as const

/** Three covers in one grid and one far away, with a book on the disk: what people and the engine say is projected as it comes. */
export class QuietCity {
  at!: TemporaryBook
  projector!: Projector
  alerts!: Alerts
  silences!: Silences
  now: Instant = NINE
  head: Offset = CITY.length
  /** What people wrote, what the book told, and every record that was projected. */
  readonly written: Control[] = []
  readonly told: Change[] = []
  readonly entries: Projected[] = []
  #ids = 0
  readonly #journal: ControlAppender = {
    append: async (controls) => {
      this.written.push(...controls)
      const first = this.head + 1
      await this.#project(...controls.map((control) => ({ ...control, offset: ++this.head, receivedAt: this.now })))
      return { first, receivedAt: this.now }
    },
  }

  static async build(): Promise<QuietCity> {
    const city = new QuietCity()
    city.at = await temporaryBook()
    await city.open(city.at.book)
    await city.#project(...CITY)
    return city
  }

  async open(book: Book): Promise<void> {
    const places = await openPlaces(book)
    const appliers = [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places, async () => 'gw')]
    this.projector = await createProjector(book, appliers, async () => undefined)
    const reached = (offset: Offset): Promise<void> => this.projector.reached(offset)
    this.alerts = createAlerts({ book, journal: this.#journal, reached })
    this.silences = createSilences({ book, journal: this.#journal, reached, newId: () => `s-${++this.#ids}`, now: () => this.now })
  }

  async #project(...some: Projected[]): Promise<void> {
    this.entries.push(...some)
    this.told.push(...(await this.projector.apply({ through: Math.max(...some.map(({ offset }) => offset)), entries: some })))
  }

  /** The platform learns of a change of an alert, `minutes` after what it learned before. */
  async happens(id: string, minutes: number, part: { rule?: string; asset?: string } & Partial<Pick<Transition, 'what' | 'condition' | 'severity'>> = {}): Promise<void> {
    this.now += minutes * MINUTE
    const { now } = this
    const before = await this.at.book.alerts.find(id)
    const { openedAt, raisedAt } = before ?? { openedAt: now, raisedAt: now }
    const asset = (part.asset ?? before?.asset ?? 'c-1') as AssetId
    const rule = (part.rule ?? before?.rule ?? 'cover-displaced') as RuleId
    const own = { alert: id as AlertId, key: asset, openedAt, raisedAt, resolvedAt: part.condition === 'resolved' ? now : null }
    await this.#project({ ...transitionOf(++this.head, { at: now, ...own, ...part, rule, asset }), receivedAt: now })
  }

  order(part: Partial<SilenceOrder> = {}): SilenceOrder {
    return { kind: 'silence', matchers: { asset: 'c-1' }, from: null, to: this.now + HOUR, reason: 'roadworks', ...part }
  }

  alert(id: string): Promise<Alert> {
    return this.alerts.get(id, DISPATCHER)
  }

  async lines(id: string): Promise<string[]> {
    return (await this.alerts.get(id, DISPATCHER)).timeline.map(({ what, note }) => `${what} ${note}`.trim())
  }

  async ids(attention: string): Promise<string[]> {
    return (await this.alerts.list({ limit: 100, attention: [attention] }, DISPATCHER)).items.map(({ id }) => id).sort()
  }

  /** Lets the platform's own clock bring what is due. */
  async waitUntil(instant: Instant): Promise<void> {
    this.now = instant
    const failed = (error: unknown): never => {
      throw error
    }
    const clock = openReductionClock({
      ...{ book: this.at.book, commit: (work) => this.projector.commit(work), changed: (changes) => void this.told.push(...changes), failed },
      ...{ clock: () => this.now, now: () => this.now },
    })
    await clock.close()
  }
}
