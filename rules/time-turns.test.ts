import { describe, expect, it } from 'vitest'
import { CalendarSchema } from '../domain/calendar.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { bookRule, brief, Hand, START } from './hand.fixture.ts'

/** START is a Monday, 08:00 in Shanghai. */
const calendar = (hand: Hand, clock: number, id: string, fields: object) => hand.feed(clock, { type: 'calendar', by: 't', id, calendar: CalendarSchema.parse(fields) })
const hours = (from: string, to: string): object => ({ hours: [{ days: ['work', 'rest'], from, to }] })
const timed = (hand: Hand): [string, number][] => hand.transitions.map(({ what, at }) => [what, (at - START) / MINUTE])

const rule = (on: string, when: string): string => `rule: judged\ntitle: { zh: 判, en: Judged }\non: ${on}\nwhen: "${when}"\nseverity: minor\n`

/** Lets time pass as the platform does: a tick wherever the engine asks for one. */
function pass(hand: Hand, until: number): void {
  for (let wake = hand.engine.nextWake; wake <= START + until; wake = hand.engine.nextWake) hand.tick((wake - START) / 1000)
}

describe('calendars in the engine', () => {
  it('turn a condition at their own time, while the device is silent and across a restart', () => {
    const hand = new Hand()
    calendar(hand, 0, 'open', hours('09:00', '10:00'))
    hand.rule('judged', rule('cover', "displaced && during('open')"))
    hand.cover('c', 0, { displaced: true })
    hand.restart()
    pass(hand, DAY + 90 * MINUTE)
    expect(timed(hand)).toEqual([
      ['raised', 60],
      ['resolved', 120],
      ['raised', 24 * 60 + 60],
    ])
  })

  it('an asset that never reported turns from its registration on, not from 1970', () => {
    const hand = new Hand()
    calendar(hand, 0, 'open', hours('09:00', '10:00'))
    hand.rule('judged', rule('cover', "absent('30m') && during('open')"))
    hand.asset(0, { id: 'c' })
    pass(hand, 3 * HOUR)
    expect(timed(hand)).toEqual([
      ['raised', 60],
      ['resolved', 120],
    ])
  })

  it('a calendar that nobody knows moves nothing, and one that comes or changes counts at once', () => {
    const hand = new Hand()
    hand.rule('judged', rule('cover', "displaced && during('open')"))
    hand.cover('c', 0, { displaced: true })
    hand.tick(60)
    expect(hand.transitions).toEqual([])
    expect(brief(calendar(hand, 120, 'open', hours('08:00', '10:00')))).toEqual(['raised judged c'])
    expect(brief(calendar(hand, 180, 'open', hours('09:00', '10:00')))).toEqual(['resolved judged c'])
  })

  it('hour, workingDay and holiday are of the calendar city', () => {
    const hand = new Hand()
    calendar(hand, 0, 'city', { holidays: ['2026-01-06'] })
    hand.rule('judged', rule('cover', 'displaced && (holiday() || !workingDay() || hour() < 6.0 || hour() >= 23.0)'))
    hand.cover('c', 0, { displaced: true })
    pass(hand, DAY + 23 * HOUR)
    // 23:00 on Monday to 06:00 on Wednesday: Tuesday is a holiday.
    expect(timed(hand)).toEqual([
      ['raised', 15 * 60],
      ['resolved', 46 * 60],
    ])
  })

  it('an unreadable calendar in the journal changes nothing', () => {
    const hand = new Hand()
    hand.feed(0, { type: 'calendar', by: 't', id: 'open', calendar: { zone: 'Mars/Olympus', hours: [], holidays: [], workdays: [], source: '' } })
    expect(hand.engine.state.calendars.size).toBe(0)
  })
})

describe('permits in the engine', () => {
  const square = [
    [121.3, 37.5],
    [121.4, 37.5],
    [121.4, 37.6],
    [121.3, 37.6],
  ]
  const truck = (hand: Hand, clock: number, permits: object[]) => hand.asset(clock, { id: 'v', kind: 'vehicle', permits })
  const drive = (hand: Hand, at: number, lon: number) => hand.observe('vehicle', 'v', at, { lon, lat: 37.55, load: 'full' })

  it('begin and end by themselves, and a change counts at once', () => {
    const hand = new Hand()
    hand.rule('judged', rule('vehicle', "!permit('transport')"))
    truck(hand, 0, [{ type: 'transport', from: START + 2 * MINUTE, to: START + 4 * MINUTE }])
    drive(hand, 10, 121.35)
    pass(hand, 5 * MINUTE)
    truck(hand, 360, [{ type: 'transport' }])
    truck(hand, 480, [])
    expect(timed(hand).map(([what, at]) => [what, Math.round(at)])).toEqual([
      ['raised', 0],
      ['resolved', 2],
      ['raised', 4],
      ['resolved', 6],
      ['raised', 8],
    ])
  })

  it('hold in their zone, and nobody knows without a place', () => {
    const hand = new Hand()
    hand.rule('judged', rule('vehicle', "!permit('transport')"))
    hand.feed(0, { type: 'zone', by: 't', asset: { id: 'z', kind: 'zone', zone: { type: 'site', polygon: [square] } } })
    truck(hand, 0, [{ type: 'transport', zone: 'site' }])
    hand.observe('vehicle', 'v', 0, { load: 'full' })
    expect(hand.transitions).toEqual([])
    drive(hand, 10, 121.35)
    drive(hand, 400, 121.45)
    expect(brief(hand.transitions)).toEqual(['raised judged v'])
  })

  it('labels are of the register', () => {
    const hand = new Hand()
    hand.rule('judged', rule('cover', "displaced && label('street') == 'north'"))
    hand.asset(0, { id: 'c', labels: { street: 'north' } })
    for (const device of ['c', 'd']) hand.cover(device, 1, { displaced: true })
    expect(brief(hand.transitions)).toEqual(['raised judged c'])
  })
})

describe('schedules of cameras', () => {
  const polygon = [
    [0, 0],
    [1, 0],
    [1, 1],
  ]
  const scene = (hand: Hand, at: number): void => {
    hand.observe('scene', 'cam', at, { objects: [{ label: 'car', score: 0.9, box: [0.4, 0.4, 0.2, 0.2], track: 't1', zones: ['z1'] }] })
  }
  const served = (schedule: string | null): object => ({
    zones: [{ id: 'z1', type: 'no-parking', polygon }],
    algorithms: [{ rule: 'vehicle-no-parking', zones: [], schedule, params: {} }],
  })

  it('out of its schedule a camera does not serve the rule, and what it raised ends without another look', () => {
    const hand = new Hand()
    hand.rule(
      'vehicle-no-parking',
      bookRule('vehicle-no-parking')
        .replace(/^clear:.*$/m, '')
        .replace(/^keepFiringFor:.*$/m, ''),
    )
    calendar(hand, 0, 'watch', hours('08:10', '08:40'))
    hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: served('watch') })
    for (let at = 0; at <= 39 * 60; at += 5) scene(hand, at)
    pass(hand, 2 * HOUR)
    expect(brief(hand.transitions)).toEqual(['raised vehicle-no-parking cam/z1/t1', 'resolved vehicle-no-parking cam/z1/t1'])
    const [raised, resolved] = hand.transitions
    expect([((raised?.openedAt ?? 0) - START) / MINUTE, ((resolved?.at ?? 0) - START) / MINUTE]).toEqual([10, 40])
  })

  it('without one it always serves it', () => {
    const hand = new Hand()
    hand.rule('vehicle-no-parking')
    hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: served(null) })
    for (let at = 0; at <= 39 * 60; at += 5) scene(hand, at)
    expect(hand.transitions.map(({ openedAt }) => openedAt)).toEqual([START])
  })
})
