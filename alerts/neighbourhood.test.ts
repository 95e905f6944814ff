import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { SHOWN } from '../domain/attention.ts'
import type { RuleFile } from '../domain/rule.ts'
import { type Instant, MINUTE } from '../domain/time.ts'
import { NINE } from '../fixtures/records.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import { dueAt, type Silence } from '../store/book/silences.ts'
import { temporaryBook } from '../store/book/temporary-book.ts'
import { elapse } from './attention.ts'
import { type BookEvent, reduceInBook } from './neighbourhood.ts'
import { policyOf } from './policy.ts'
import { NOTHING, type ReductionState, reduce } from './reduction.ts'

const RULES: Record<string, Pick<RuleFile, 'group' | 'inhibits' | 'fuse' | 'flap'>> = {
  site: { inhibits: { rules: ['device', 'water'], on: 'grid' } },
  device: { inhibits: { rules: ['site', 'battery'], on: 'asset' }, fuse: { with: ['camera', 'battery'], withinM: 15 } },
  water: { group: { by: ['area'], within: '6m' } },
  camera: { group: { by: ['grid'], within: '10m' } },
  battery: { flap: { changes: 2, within: '20m', quietFor: '7m' }, group: { by: ['grid', 'severity'], within: '30m' } },
}
// Of few keys some flap.
const rule = fc.constantFrom(...Object.keys(RULES), 'battery', 'battery')
const severity = fc.constantFrom('critical' as const, 'minor' as const)

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('turn' as const), rule, asset: fc.nat(2), severity }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('judge' as const), pick: fc.nat(), verdict: fc.constantFrom('confirmed' as const, 'false_alarm' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('worsen' as const), pick: fc.nat(), severity }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('silence' as const), asset: fc.option(fc.nat(3)), rule: fc.option(rule), after: fc.nat(3), minutes: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.nat(9) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** The same story told twice: to the reducer with everything in its hands, and to the book, which reads only what it must. */
class Twice {
  whole: ReductionState = NOTHING
  readonly #book: Book
  #clock: Instant = NINE
  #n = 0

  constructor(book: Book) {
    this.#book = book
  }

  async take(step: Step): Promise<void> {
    this.#n++
    this.#clock += step.do === 'wait' ? step.minutes * MINUTE : 1000
    await this.#elapse()
    const event = await this.#eventOf(step)
    if (!event) return
    this.whole = reduce(this.whole, event)
    await this.#book.transaction(async (tables) => {
      const { changes } = await reduceInBook(tables, event, await tables.attention.standing())
      if ('alert' in event) await tables.alerts.save(event.alert)
      for (const { after } of changes) await tables.attention.save(after)
    })
  }

  /** What time brings, found in the whole and by the book's own indexes. */
  async #elapse(): Promise<void> {
    for (let next = this.#nextDue(); next && next.at <= this.#clock; next = this.#nextDue()) this.whole = reduce(this.whole, { type: 'due', ...next })
    await this.#book.transaction((tables) => elapse(tables, this.#clock))
  }

  #nextDue(): { at: Instant; silence: string } | { at: Instant; group: string } | undefined {
    const silences = [...this.whole.silences.values()].flatMap((each) => ({ at: dueAt(each) ?? Infinity, silence: each.id }))
    const groups = [...this.whole.groups.values()].filter(({ by }) => by === 'flapping').map(({ id, until }) => ({ at: until ?? Infinity, group: id }))
    const [first] = [...silences.sort(byTimeAndId), ...groups.sort(byTimeAndId)].sort((a, b) => a.at - b.at)
    return first && first.at < Infinity ? first : undefined
  }

  async #eventOf(step: Step): Promise<BookEvent | undefined> {
    switch (step.do) {
      case 'turn':
        return this.#turn(step)
      case 'judge':
      case 'worsen': {
        const alert = await this.#pick(step.pick)
        if (!alert) return undefined
        if (step.do === 'judge') return { type: 'review', alert: { ...alert, review: 'judged', verdict: step.verdict }, policy: policyOf(RULES[alert.rule] ?? null) }
        return this.#transition({ ...alert, severity: step.severity }, 'severity')
      }
      case 'silence': {
        const matchers = { ...(step.asset !== null && { asset: `c-${step.asset}` }), ...(step.rule !== null && { rule: step.rule }) }
        const from = this.#clock + step.after * MINUTE
        return { type: 'silence', silence: this.#silence({ matchers, from, to: from + (step.minutes + 1) * MINUTE, state: step.after === 0 ? 'active' : 'scheduled' }) }
      }
      case 'end': {
        const running = [...this.whole.silences.values()].filter((each) => dueAt(each) !== null)
        const silence = running[step.pick % Math.max(running.length, 1)]
        return silence && { type: 'silence', silence: { ...silence, state: 'removed', endedAt: this.#clock } }
      }
      case 'wait':
        return undefined
    }
  }

  async #turn({ rule, asset, severity }: Extract<Step, { do: 'turn' }>): Promise<BookEvent> {
    const goesOn = [...this.whole.alerts.values()].find((alert) => alert.rule === rule && alert.asset === `c-${asset}` && alert.condition !== 'resolved')
    const found = goesOn && (await this.#book.alerts.find(goesOn.id))
    if (found) return this.#transition({ ...found, condition: 'resolved', resolvedAt: this.#clock }, 'resolved')
    return this.#transition(
      alertOf({
        id: `a-${this.#n}`,
        rule,
        asset: `c-${asset}`,
        key: `c-${asset}`,
        severity,
        grid: `g${asset % 2}`,
        lon: 121,
        lat: 37 + asset * 1e-4,
        openedAt: this.#clock,
        raisedAt: this.#clock,
      }),
      'raised',
    )
  }

  #transition(alert: AlertRecord, what: Transition['what']): BookEvent {
    return { type: 'transition', alert, what, at: this.#clock, clock: this.#clock, policy: policyOf(RULES[alert.rule] ?? null) }
  }

  async #pick(n: number): Promise<AlertRecord | undefined> {
    const ids = [...this.whole.alerts.keys()].sort()
    const id = ids[n % Math.max(ids.length, 1)]
    return id === undefined ? undefined : this.#book.alerts.find(id)
  }

  #silence(part: Partial<Silence>): Silence {
    const made = { id: `s-${this.#n}`, kind: 'silence', by: 'lin', at: this.#clock, reason: 'why', removedBy: null, endedAt: null, place: null, offset: this.#n } as const
    return { ...made, matchers: {}, from: 0, to: 0, state: 'active', ...part }
  }

  /** Who is shown, and why not, in both. */
  async told(): Promise<{ whole: unknown; book: unknown }> {
    const ids = [...this.whole.alerts.keys()].sort()
    const groups = [...this.whole.groups.keys()].sort()
    const records = await Promise.all(ids.map((id) => this.#book.alerts.find(id)))
    const inBook = await this.#book.groups.ofAll(groups)
    const say = (alert: Pick<AlertRecord, 'id' | 'attention' | 'group'> | undefined): unknown => alert && [alert.id, alert.attention, alert.group]
    return {
      whole: { alerts: ids.map((id) => say(this.whole.alerts.get(id))), groups: groups.map((id) => this.whole.groups.get(id)) },
      book: { alerts: records.map(say), groups: groups.map((id) => inBook.get(id)) },
    }
  }
}

function byTimeAndId(a: { at: Instant; silence?: string; group?: string }, b: { at: Instant; silence?: string; group?: string }): number {
  return a.at - b.at || (`${a.silence}${a.group}` < `${b.silence}${b.group}` ? -1 : 1)
}

function alertOf(part: Partial<AlertRecord> & Pick<AlertRecord, 'id'>): AlertRecord {
  return {
    ...{ rule: 'site', ruleVersion: 1, key: 'c-0', asset: 'c-0', devices: [], severity: 'minor', title: { zh: '', en: '' }, condition: 'firing', review: 'open', verdict: null },
    ...{ openedAt: 0, raisedAt: 0, resolvedAt: null, late: false, amended: null, lon: null, lat: null, area: 'a', grid: 'g0', values: {}, params: {}, observations: [] },
    ...{
      vehicle: null,
      attributedAt: null,
      doubt: null,
      model: null,
      dispatch: null,
      matter: null,
      case: null,
      offset: 1,
      gateway: null,
      group: null,
      maintenance: null,
      attention: SHOWN,
    },
    ...part,
  }
}

/** The alert at the end of what explains what; undefined when alerts explain each other and nobody is shown any. */
function firstCause({ alerts }: ReductionState, id: string): string | undefined {
  const seen = new Set<string>()
  for (let alert = alerts.get(id); alert; alert = alerts.get(alert.attention.ref ?? '')) {
    if (alert.attention.by !== 'inhibited') return alert.id
    if (seen.has(alert.id)) return undefined
    seen.add(alert.id)
  }
  return undefined
}

it('the book, which reads a part, decides as the reducer does over the whole', { timeout: 120_000 }, async () => {
  const seen = new Map<unknown, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const at = await temporaryBook()
      try {
        const twice = new Twice(at.book)
        for (const each of steps) {
          await twice.take(each)
          for (const { attention } of twice.whole.alerts.values()) seen.set(attention.by, (seen.get(attention.by) ?? 0) + 1)
        }
        const { whole, book } = await twice.told()
        expect(book).toEqual(whole)
        for (const alert of twice.whole.alerts.values()) {
          expect(firstCause(twice.whole, alert.id)).toBeDefined()
        }
      } finally {
        await at.remove()
      }
    }),
    { numRuns: 100 },
  )
  // A story in which nothing happened would prove nothing.
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['flapping', 'fused', 'grouped', 'inhibited', 'silence']))
})
