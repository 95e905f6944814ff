import { describe, expect, it } from 'vitest'
import type { ReminderDue } from '../domain/projection.ts'
import { brief, Hand, START } from './hand.fixture.ts'
import { elapse, type Hold, type HoldEvent, type HoldTimes, IDLE, observe, UNANSWERED_MS } from './hold.ts'
import { ruleText } from './rule.fixture.ts'
import { freeze } from './snapshot.ts'

const TIMES: HoldTimes = { forMs: 5, clearMs: 0, coolMs: 0, waitMs: 100 }
type Step = [at: number, what: boolean | undefined | 'time passes' | { sent: number }, phase: Hold['phase']]

describe('a hold that reminds', () => {
  it.each<[string, Step[], string[]]>([
    [
      'waits from when the reminder was sent, not from when it was asked for',
      [
        [0, true, 'pending'],
        [5, 'time passes', 'reminded'],
        [40, { sent: 40 }, 'reminded'],
        [139, true, 'reminded'],
        [140, 'time passes', 'firing'],
      ],
      ['remind 5', 'raised 140 since 0'],
    ],
    [
      'is over when the thing leaves before',
      [
        [0, true, 'pending'],
        [5, true, 'reminded'],
        [40, { sent: 40 }, 'reminded'],
        [100, false, 'idle'],
        [200, 'time passes', 'idle'],
      ],
      ['remind 5', 'left 100 reminded'],
    ],
    [
      'knows when it left before the reminder was sent',
      [
        [0, true, 'pending'],
        [5, true, 'reminded'],
        [20, false, 'idle'],
      ],
      ['remind 5', 'left 20'],
    ],
    [
      'is not moved by what is unknown',
      [
        [0, true, 'pending'],
        [5, true, 'reminded'],
        [40, { sent: 40 }, 'reminded'],
        [100, undefined, 'reminded'],
        [140, undefined, 'firing'],
      ],
      ['remind 5', 'raised 140 since 0'],
    ],
    [
      'does not wait for an answer for ever',
      [
        [0, true, 'pending'],
        [5, true, 'reminded'],
        [UNANSWERED_MS + 104, true, 'reminded'],
        [UNANSWERED_MS + 105, true, 'firing'],
      ],
      ['remind 5', `raised ${UNANSWERED_MS + 105} since 0`],
    ],
  ])('%s', (_what, steps, expected) => {
    let hold = IDLE
    const events: HoldEvent[] = []
    for (const [at, what, phase] of steps) {
      hold = elapse(hold, TIMES, at, events)
      if (typeof what === 'object') hold = { ...hold, remindedAt: what.sent }
      else if (what !== 'time passes') hold = elapse(observe(hold, at, { when: what, clear: what === undefined ? undefined : !what }, events), TIMES, at, events)
      expect([at, hold.phase]).toEqual([at, phase])
    }
    expect(
      events.map((event) => `${event.what} ${event.at}${event.what === 'raised' ? ` since ${event.since}` : ''}${event.what === 'left' && event.reminded ? ' reminded' : ''}`),
    ).toEqual(expected)
  })
})

/** A car in a zone: reminded after a minute, ten minutes to leave. */
class Street extends Hand {
  constructor(state = 'live') {
    super()
    const zone = {
      id: 'kerb',
      type: 'no-parking',
      polygon: [
        [0, 0.5],
        [1, 0.5],
        [1, 1],
        [0, 1],
      ],
    } // prettier-ignore
    this.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: { zones: [zone] } })
    const source = ruleText({
      id: 'parked',
      on: 'scene',
      when: 'still()',
      more: 'each: object\nobjects: { labels: [car], zone: no-parking }\nfor: 1m\nremind: { to: owner, wait: 10m }',
    })
    this.feed(0, { type: 'rule', by: 't', id: 'parked', version: 1, state, source, note: '' })
  }

  /** Looks every five seconds; the car is there until it is not. */
  stand(from: number, to: number, there = true, clock = (at: number) => at): string[] {
    const said = []
    for (let at = from; at <= to; at += 5)
      said.push(...brief(this.observe('scene', 'cam', at, { objects: there ? [{ label: 'car', score: 0.9, box: [0.4, 0.6, 0.2, 0.2], track: 't1' }] : [] }, clock(at))))
    return said
  }

  get reminders(): ReminderDue[] {
    return this.said.filter((entry) => entry.type === 'remind')
  }

  answer(clock: number, sentAt: number | null): string[] {
    const [{ id, rule, key } = { id: '', rule: '', key: '' }] = this.reminders
    return brief(this.feed(clock, { type: 'reminder', by: 'platform', id, rule, key, sentAt: sentAt === null ? null : START + sentAt * 1000 }))
  }

  counts(): unknown {
    return this.engine.state.reminders.get('parked' as never)
  }
}

const KEY = 'parked cam/kerb/t1'

describe('a rule that reminds', () => {
  it('asks once, when the hold is satisfied', () => {
    const street = new Street()
    expect(street.stand(0, 120)).toEqual([])
    expect(street.reminders).toMatchObject([{ rule: 'parked', key: 'cam/kerb/t1', asset: 'cam', to: 'owner', at: START + 60_000, openedAt: START, values: { label: 'car' } }])
  })

  it('raises when it is still there so long after the reminder was sent; the alert begins at the first sight', () => {
    const street = new Street()
    street.stand(0, 200)
    expect(street.answer(201, 200)).toEqual([])
    expect(street.stand(205, 795)).toEqual([])
    expect(street.stand(800, 800)).toEqual([`raised ${KEY}`])
    const [raised] = street.transitions
    expect([raised?.openedAt, raised?.at, raised?.alert]).toEqual([START, START + 800_000, street.reminders[0]?.id])
    expect(raised?.values.reminder).toBe(new Date(START + 200_000).toISOString())
    expect(street.counts()).toEqual({ sent: 1, left: 0, stayed: 1 })
  })

  it('raises nothing when it has gone', () => {
    const street = new Street()
    street.stand(0, 100)
    street.answer(101, 100)
    street.stand(105, 300)
    street.stand(305, 1500, false)
    expect(street.transitions).toEqual([])
    expect(street.counts()).toEqual({ sent: 1, left: 1, stayed: 0 })
  })

  it('that could not be sent lets the wait run from the capture, and the alert says so', () => {
    const street = new Street()
    street.stand(0, 200)
    street.answer(201, null)
    expect(street.stand(205, 660)).toEqual([`raised ${KEY}`])
    expect(street.transitions[0]?.values.reminder).toBe('not sent')
    expect(street.counts()).toEqual({ sent: 0, left: 0, stayed: 1 })
  })

  it('takes the first answer only', () => {
    const street = new Street()
    street.stand(0, 200)
    street.answer(201, 200)
    street.answer(202, null)
    street.answer(203, 203)
    expect(street.stand(205, 795)).toEqual([])
    expect(street.counts()).toEqual({ sent: 1, left: 0, stayed: 0 })
  })

  it('in shadow asks nobody, and would raise as if somebody had been reminded at once', () => {
    const street = new Street('shadow')
    street.stand(0, 660)
    expect(street.reminders).toEqual([])
    expect(street.transitions.map(({ what, shadow, at }) => [what, shadow, at])).toEqual([['raised', true, START + 660_000]])
    expect(street.counts()).toBeUndefined()
  })

  it('in shadow beside a live version that asked, waits as that does', () => {
    const street = new Street()
    const [live] = [...street.engine.state.rules.values()]
    street.feed(0, { type: 'rule', by: 't', id: 'parked', version: 2, state: 'shadow', source: live?.live?.source, note: '' })
    street.stand(0, 200)
    street.answer(201, 200)
    street.stand(205, 800)
    expect(street.reminders).toHaveLength(1)
    expect(street.transitions.map(({ shadow, at, alert }) => [shadow, at, alert])).toEqual([false, true].map((shadow) => [shadow, START + 800_000, street.reminders[0]?.id]))
  })

  it('S14 restarts change nothing', () => {
    const told = (restarts: boolean): unknown => {
      const street = new Street()
      const again = (): void => {
        if (restarts) street.restart()
      }
      street.stand(0, 200)
      again()
      street.answer(201, 200)
      again()
      street.stand(205, 700)
      again()
      street.stand(705, 900)
      return [street.said, freeze(street.engine.state).hash]
    }
    expect(told(true)).toEqual(told(false))
  })

  it('S6 a look that comes late and shows it still there changes nothing; one that shows it gone disproves the alert', () => {
    const street = new Street()
    street.stand(0, 200)
    street.answer(201, 200)
    street.stand(205, 900)
    const before = street.transitions.length
    street.stand(452, 452, true, () => 901)
    expect(street.transitions).toHaveLength(before)
    street.stand(403, 448, false, () => 902)
    expect(street.transitions.at(-1)).toMatchObject({ amended: null })
    const moved = new Street()
    moved.stand(0, 200)
    moved.answer(201, 200)
    moved.stand(205, 900)
    moved.observe('scene', 'cam', 403, { objects: [{ label: 'car', score: 0.9, box: [0, 0.6, 0.2, 0.2], track: 't1' }] }, 902)
    expect(moved.transitions.at(-1)).toMatchObject({ what: 'amended', amended: 'disproved' })
    // It came back at 405 and stood there for a minute: that is a reminder of its own.
    expect(moved.reminders).toHaveLength(2)
  })

  it('over assets that stay silent the clock raises it (S2)', () => {
    const hand = new Hand()
    hand.rule('cover-open', ruleText({ id: 'cover-open', on: 'cover', when: 'displaced', more: 'for: 1m\nremind: { to: owner, wait: 10m }' }))
    hand.cover('c', 0, { displaced: true })
    hand.tick(70)
    const [due] = hand.said.filter((entry) => entry.type === 'remind')
    hand.feed(100, { type: 'reminder', by: 'platform', id: due?.id, rule: due?.rule, key: due?.key, sentAt: START + 90_000 })
    expect(hand.tick(690)).toEqual([])
    expect(brief(hand.tick(693))).toEqual(['raised cover-open c'])
  })
})
