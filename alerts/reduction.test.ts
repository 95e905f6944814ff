import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { type Attention, SHOWN } from '../domain/attention.ts'
import { HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import type { Silence } from '../store/book/silences.ts'
import { NO_POLICY, type Policy } from './policy.ts'
import type { Subject } from './quiet.ts'
import { NOTHING, type ReductionState, reduce } from './reduction.ts'

/** Minutes after nine, as a person would write a case down. */
const m = (minutes: number): Instant => Date.UTC(2026, 10, 21, 9) + minutes * MINUTE
const STREET = '370602001001'

const GATEWAY_SILENT: Policy = { ...NO_POLICY, inhibits: { rules: ['device-silent'], on: 'gateway' } }
const DISPLACED: Policy = { ...NO_POLICY, inhibits: { rules: ['tilt'], on: 'asset' } }
const TILT: Policy = { ...NO_POLICY, inhibits: { rules: ['displaced'], on: 'asset' } }
const WATER: Policy = { ...NO_POLICY, group: { by: ['grid'], withinMs: 10 * MINUTE } }
const BATTERY: Policy = { ...NO_POLICY, flap: { changes: 3, withinMs: 10 * MINUTE, quietForMs: 5 * MINUTE } }
const POLICIES: Record<string, Policy> = { 'gateway-silent': GATEWAY_SILENT, displaced: DISPLACED, tilt: TILT, water: WATER, battery: BATTERY }

/** A city told step by step; every step is one event of the reducer. */
class Story {
  state: ReductionState = NOTHING

  #alert(id: string): Subject {
    const alert = this.state.alerts.get(id)
    if (!alert) throw new Error(`nobody raised ${id}`)
    return alert
  }

  #change(id: string, at: Instant, what: Transition['what'], part: Partial<Subject>): this {
    const alert = { ...this.#alert(id), ...part }
    this.state = reduce(this.state, { type: 'transition', alert, what, at, clock: at + SECOND, policy: POLICIES[alert.rule] ?? NO_POLICY })
    return this
  }

  raise(id: string, rule: string, minute: number, part: Partial<Subject> = {}): this {
    const alert: Subject = {
      ...{ id, rule, key: 'c-1', asset: 'c-1', area: STREET, grid: `${STREET}001`, gateway: 'gw', severity: 'major', condition: 'firing', amended: null, verdict: null },
      ...{ openedAt: m(minute), raisedAt: m(minute), resolvedAt: null, maintenance: null, group: null, lon: null, lat: null, attention: SHOWN },
      ...part,
    }
    this.state = reduce(this.state, { type: 'transition', alert, what: 'raised', at: m(minute), clock: m(minute) + SECOND, policy: POLICIES[rule] ?? NO_POLICY })
    return this
  }

  resolve = (id: string, minute: number): this => this.#change(id, m(minute), 'resolved', { condition: 'resolved', resolvedAt: m(minute) })
  become = (id: string, severity: Subject['severity'], minute: number): this => this.#change(id, m(minute), 'severity', { severity })
  order = (id: string, minute: number, maintenance: Subject['maintenance']): this =>
    this.#change(id, m(minute), 'severity', { severity: maintenance ? 'info' : 'major', maintenance })

  judge(id: string, verdict: Subject['verdict']): this {
    const alert = { ...this.#alert(id), verdict }
    this.state = reduce(this.state, { type: 'review', alert, policy: POLICIES[alert.rule] ?? NO_POLICY })
    return this
  }

  silence(id: string, part: Partial<Silence>): this {
    const silence: Silence = {
      ...{ id, kind: 'silence', matchers: { asset: 'c-1' }, from: m(0), to: m(60), by: 'lin', at: m(0), reason: 'roadworks', state: 'active' },
      ...{ removedBy: null, endedAt: null, place: null, offset: 1 },
      ...part,
    }
    this.state = reduce(this.state, { type: 'silence', silence })
    return this
  }

  end(id: string): this {
    const silence = this.state.silences.get(id) as Silence
    this.state = reduce(this.state, { type: 'silence', silence: { ...silence, state: 'removed' } })
    return this
  }

  due(of: { silence: string } | { group: string }, minute: number): this {
    this.state = reduce(this.state, { type: 'due', ...of, at: m(minute) })
    return this
  }

  /** `shown`, or by what it is quiet and what that refers to. */
  get told(): Record<string, string> {
    const say = ({ shown, by, ref }: Attention): string => [shown ? 'shown' : 'quiet', by, ref].filter(Boolean).join(' ')
    return Object.fromEntries([...this.state.alerts].map(([id, { attention }]) => [id, say(attention)]))
  }
}

const story = (): Story => new Story()
const other = (key: string): Partial<Subject> => ({ key, asset: key })
/** The group of c-1's battery, which flaps from the end of b on. */
const FLAP = `f-b-${m(3) + SECOND}`
const FLAPPING = (): Story => story().raise('a', 'battery', 0).resolve('a', 1).raise('b', 'battery', 2).resolve('b', 3)
const FLOOD = (): Story => story().raise('a', 'water', 0, other('c-1')).raise('b', 'water', 3, other('c-2')).raise('c', 'water', 9, other('c-3'))

describe('reduction: which alerts are shown', () => {
  it.each<[string, Story, Record<string, string>]>([
    ['an alert is shown', story().raise('a', 'tilt', 0), { a: 'shown' }],

    // silence
    ['a silence keeps quiet what goes on', story().raise('a', 'x', 0).silence('s', {}), { a: 'quiet silence s' }],
    ['and what comes while it lasts', story().silence('s', {}).raise('a', 'x', 5), { a: 'quiet silence s' }],
    ['not what is elsewhere', story().silence('s', {}).raise('a', 'x', 5, other('c-2')), { a: 'shown' }],
    [
      'all that it names must agree',
      story()
        .silence('s', { matchers: { asset: 'c-1', rule: 'y' } })
        .raise('a', 'x', 5),
      { a: 'shown' },
    ],
    [
      'an area is everything in it',
      story()
        .silence('s', { matchers: { area: '370602' } })
        .raise('a', 'x', 5),
      { a: 'quiet silence s' },
    ],
    [
      'and nothing that has no place',
      story()
        .silence('s', { matchers: { area: '370602' } })
        .raise('a', 'x', 5, { area: null, grid: null }),
      { a: 'shown' },
    ],
    [
      'one that begins later does nothing yet',
      story()
        .silence('s', { state: 'scheduled', from: m(30) })
        .raise('a', 'x', 5),
      { a: 'shown' },
    ],
    [
      'and keeps quiet what goes on when it begins',
      story()
        .silence('s', { state: 'scheduled', from: m(30) })
        .raise('a', 'x', 5)
        .due({ silence: 's' }, 30),
      { a: 'quiet silence s' },
    ],
    ['what still goes on when it ends is shown', story().silence('s', {}).raise('a', 'x', 5).due({ silence: 's' }, 60), { a: 'shown' }],
    ['what was over before stays quiet', story().silence('s', {}).raise('a', 'x', 5).resolve('a', 6).due({ silence: 's' }, 60), { a: 'quiet silence s' }],
    ['somebody may end it', story().silence('s', {}).raise('a', 'x', 5).end('s'), { a: 'shown' }],
    [
      'of two the longer one is named',
      story()
        .silence('s', {})
        .silence('t', { to: m(90) })
        .raise('a', 'x', 5),
      { a: 'quiet silence t' },
    ],
    [
      'and when the longer one is ended the other still holds',
      story()
        .silence('s', {})
        .silence('t', { to: m(90) })
        .raise('a', 'x', 5)
        .end('t'),
      { a: 'quiet silence s' },
    ],
    ['one that names no severity holds for all', story().silence('s', {}).raise('a', 'x', 5).become('a', 'critical', 6), { a: 'quiet silence s' }],
    [
      'what rises above the severities that it names is shown',
      story()
        .silence('s', { matchers: { asset: 'c-1', severity: ['major', 'minor'] } })
        .raise('a', 'x', 5)
        .become('a', 'critical', 6),
      { a: 'shown' },
    ],
    ['a verdict ends no silence', story().silence('s', {}).raise('a', 'x', 5).judge('a', 'confirmed'), { a: 'quiet silence s' }],

    // maintenance
    ['a planned window is called maintenance', story().silence('s', { kind: 'maintenance' }).raise('a', 'x', 5), { a: 'quiet maintenance s' }],
    ['an order shows the alert as information (S12)', story().raise('a', 'x', 0).order('a', 1, { ref: 'case-1', until: null }), { a: 'shown maintenance case-1' }],
    ['until it closes', story().raise('a', 'x', 0).order('a', 1, { ref: 'case-1', until: null }).order('a', 2, null), { a: 'shown' }],

    // inhibition
    ['what explains it keeps it quiet', story().raise('a', 'gateway-silent', 0, other('gw')).raise('b', 'device-silent', 1), { a: 'shown', b: 'quiet inhibited a' }],
    ['also when the explanation comes later', story().raise('b', 'device-silent', 0).raise('a', 'gateway-silent', 1, other('gw')), { b: 'quiet inhibited a', a: 'shown' }],
    ['not at another gateway', story().raise('a', 'gateway-silent', 0).raise('b', 'device-silent', 1, { gateway: 'gw-2' }), { a: 'shown', b: 'shown' }],
    [
      'nor where nobody knows the gateway',
      story().raise('a', 'gateway-silent', 0, { gateway: null }).raise('b', 'device-silent', 1, { gateway: null }),
      { a: 'shown', b: 'shown' },
    ],
    ['it is shown when that is over', story().raise('a', 'gateway-silent', 0).raise('b', 'device-silent', 1).resolve('a', 2), { a: 'shown', b: 'shown' }],
    ['what a false alarm explained is shown', story().raise('a', 'gateway-silent', 0).raise('b', 'device-silent', 1).judge('a', 'false_alarm'), { a: 'shown', b: 'shown' }],
    ['a confirmed one still explains', story().raise('a', 'gateway-silent', 0).raise('b', 'device-silent', 1).judge('a', 'confirmed'), { a: 'shown', b: 'quiet inhibited a' }],
    [
      'a judgement may be changed',
      story().raise('a', 'gateway-silent', 0).raise('b', 'device-silent', 1).judge('a', 'false_alarm').judge('a', 'benign'),
      { a: 'shown', b: 'quiet inhibited a' },
    ],
    [
      'a silenced alert still explains',
      story()
        .silence('s', { matchers: { rule: 'gateway-silent' } })
        .raise('a', 'gateway-silent', 0)
        .raise('b', 'device-silent', 1),
      { a: 'quiet silence s', b: 'quiet inhibited a' },
    ],
    ['of two that explain each other the first stays', story().raise('a', 'displaced', 0).raise('b', 'tilt', 1), { a: 'shown', b: 'quiet inhibited a' }],
    ['whichever that is', story().raise('b', 'tilt', 0).raise('a', 'displaced', 1), { b: 'shown', a: 'quiet inhibited b' }],
    [
      'the silence is named before the explanation',
      story()
        .raise('a', 'displaced', 0)
        .raise('b', 'tilt', 1)
        .silence('s', { matchers: { rule: 'tilt' } }),
      { a: 'shown', b: 'quiet silence s' },
    ],

    // groups
    ['of one rule and place one is shown', FLOOD(), { a: 'shown', b: 'quiet grouped g-a', c: 'quiet grouped g-a' }],
    [
      'not in another grid',
      FLOOD().raise('d', 'water', 9.5, { ...other('c-4'), grid: `${STREET}002` }),
      { a: 'shown', b: 'quiet grouped g-a', c: 'quiet grouped g-a', d: 'shown' },
    ],
    ['not after the time', FLOOD().raise('d', 'water', 11, other('c-4')), { a: 'shown', b: 'quiet grouped g-a', c: 'quiet grouped g-a', d: 'shown' }],
    [
      'not without a place',
      story()
        .raise('a', 'water', 0, { grid: null })
        .raise('b', 'water', 1, { ...other('c-2'), grid: null }),
      { a: 'shown', b: 'shown' },
    ],
    ['when the first is judged the next stands', FLOOD().judge('a', 'confirmed'), { a: 'quiet grouped g-a', b: 'shown', c: 'quiet grouped g-a' }],
    ['when the first is over one that goes on stands', FLOOD().resolve('a', 10), { a: 'quiet grouped g-a', b: 'shown', c: 'quiet grouped g-a' }],
    ['a worse one stands', FLOOD().become('c', 'critical', 10), { a: 'quiet grouped g-a', b: 'quiet grouped g-a', c: 'shown' }],
    [
      'when all are judged the worst stands',
      FLOOD().judge('a', 'benign').judge('b', 'benign').judge('c', 'benign'),
      { a: 'shown', b: 'quiet grouped g-a', c: 'quiet grouped g-a' },
    ],
    ['one that is silenced stands for nobody', FLOOD().silence('s', {}), { a: 'quiet silence s', b: 'shown', c: 'quiet grouped g-a' }],
    ['and comes back into the group', FLOOD().silence('s', {}).end('s'), { a: 'shown', b: 'quiet grouped g-a', c: 'quiet grouped g-a' }],
    ['a silence over all is over all', FLOOD().silence('s', { matchers: { rule: 'water' } }), { a: 'quiet silence s', b: 'quiet silence s', c: 'quiet silence s' }],

    // flapping
    ['three changes are no flapping', story().raise('a', 'battery', 0).resolve('a', 1).raise('b', 'battery', 2), { a: 'shown', b: 'shown' }],
    ['the fourth within the time is', FLAPPING(), { a: `shown flapping ${FLAP}`, b: `quiet flapping ${FLAP}` }],
    ['not when they took longer', story().raise('a', 'battery', 0).resolve('a', 9).raise('b', 'battery', 10).resolve('b', 15), { a: 'shown', b: 'shown' }],
    ['what comes while it flaps is quiet', FLAPPING().raise('c', 'battery', 4), { a: `shown flapping ${FLAP}`, b: `quiet flapping ${FLAP}`, c: `quiet flapping ${FLAP}` }],
    [
      'what still goes on when it rests stands by itself, what is over does not come back',
      FLAPPING().raise('c', 'battery', 4).due({ group: FLAP }, 9),
      { a: 'shown', b: `quiet flapping ${FLAP}`, c: 'shown' },
    ],
    ['another key is another matter', FLAPPING().raise('c', 'battery', 4, other('c-2')), { a: `shown flapping ${FLAP}`, b: `quiet flapping ${FLAP}`, c: 'shown' }],
    [
      'what was judged before does not stand',
      FLAPPING().judge('a', 'benign').raise('c', 'battery', 4),
      { a: `quiet flapping ${FLAP}`, b: `shown flapping ${FLAP}`, c: `quiet flapping ${FLAP}` },
    ],
    [
      'judged alerts are not taken into it',
      story().raise('a', 'battery', 0).resolve('a', 1).judge('a', 'benign').raise('b', 'battery', 2).resolve('b', 3),
      { a: 'shown', b: `shown flapping ${FLAP}` },
    ],
  ])('%s', (_case, { told }, expected) => {
    expect(told).toEqual(expected)
  })

  it('a group counts its members, a flapping key its changes and when it will have rested', () => {
    expect(FLOOD().state.groups.get('g-a')).toMatchObject({ members: 3, head: 'a', since: m(0) + SECOND, until: m(10) + SECOND, changes: null })
    const [group] = FLAPPING().raise('c', 'battery', 4).resolve('c', 5).state.groups.values()
    expect(group).toMatchObject({ by: 'flapping', members: 3, changes: 6, since: m(0), until: m(10) + SECOND })
  })

  it('says until when', () => {
    expect(story().silence('s', {}).raise('a', 'x', 5).state.alerts.get('a')?.attention.until).toBe(m(60))
    expect(FLAPPING().state.alerts.get('a')?.attention.until).toBe(m(8) + SECOND)
    expect(
      story()
        .raise('a', 'x', 0)
        .order('a', 1, { ref: 'case-1', until: m(0) + HOUR })
        .state.alerts.get('a')?.attention.until,
    ).toBe(m(60))
  })

  it('changes nothing of what it was given', () => {
    const before = FLOOD().state
    const copy = structuredClone(before)
    reduce(before, { type: 'silence', silence: { ...(story().silence('s', {}).state.silences.get('s') as Silence) } })
    expect(before).toEqual(copy)
  })
})
