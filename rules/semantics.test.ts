import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { AssetSchema } from '../domain/asset.ts'
import { STALE_AFTER } from '../domain/fields.ts'
import type { Projected } from '../domain/projection.ts'
import type { JournalRecord } from '../domain/record.ts'
import { Engine } from './engine.ts'
import { MemoryHistory } from './memory-history.ts'
import { alertId } from './raised.ts'

/** One engine and a journal written by hand: times in seconds from the start. */
const START = Date.UTC(2026, 0, 5)
let history: MemoryHistory
let engine: Engine
let offset: number
let said: Projected[]

beforeEach(() => {
  history = new MemoryHistory()
  engine = new Engine(history)
  offset = 0
  said = []
})

function feed(clock: number, record: object): Transition[] {
  const full = { ...record, offset: ++offset, receivedAt: START + clock * 1000 } as JournalRecord
  const out = engine.step([full])
  if (full.type === 'observation') history.add(full)
  said.push(...out)
  return out.filter((each) => each.type === 'transition')
}

function rule(id: string, source = readFileSync(join(import.meta.dirname, 'book', `${id}.yaml`), 'utf8'), version = 1): void {
  feed(0, { type: 'rule', by: 't', id, version, state: 'live', source, note: '' })
}

function cover(device: string, at: number, fields: object, clock = at, gateway = 'gw'): Transition[] {
  return feed(clock, { type: 'observation', kind: 'cover', device, gateway, at: START + at * 1000, payload: { at: START + at * 1000, ...fields } })
}

const tick = (clock: number): Transition[] => feed(clock, { type: 'tick' })
const brief = (transitions: Transition[]): string[] => transitions.map(({ what, at, raisedAt }) => `${what} ${(at - START) / 1000} clock ${(raisedAt - START) / 1000}`)

describe('S2 clock', () => {
  it('a timer bears the time it was due, the engine’s clock is that of the record', () => {
    rule('cover-displaced')
    cover('c', 10, { tiltDeg: 40 })
    expect(engine.nextWake).toBe(START + 14_000)
    expect(brief(tick(20))).toEqual(['raised 12 clock 20'])
  })
})

describe('S3 watermark', () => {
  it('a constant clock error cancels: a device an hour behind fires as promptly as any', () => {
    rule('cover-displaced')
    cover('c', -3600, { tiltDeg: 1 }, 0)
    cover('c', -3590, { tiltDeg: 40 }, 10)
    expect(engine.nextWake).toBe(START + 14_000)
    expect(brief(tick(14))).toEqual(['raised -3588 clock 14'])
  })

  it('another device’s progress fires nothing', () => {
    rule('cover-displaced')
    cover('slow', 0, { tiltDeg: 40 }, 0)
    expect(cover('fast', 100, { tiltDeg: 1 }, 1)).toEqual([])
  })
})

describe('S4 values', () => {
  const wetAndTilted = `rule: wet-and-tilted\ntitle: { zh: 规则, en: Rule }\non: cover\nwhen: tiltDeg > 15 && waterMm > 500\nseverity: major\n`
  const seconds = STALE_AFTER.cover / 1000

  it.each([
    ['is merged with what the asset said before', seconds, ['raised']],
    ['older than the kind’s staleAfter is unknown, and raises nothing', seconds + 1, []],
  ])('a value %s', (_, later, expected) => {
    rule('wet-and-tilted', wetAndTilted)
    cover('c', 0, { tiltDeg: 40, waterMm: 100 })
    expect(cover('c', later, { waterMm: 900 }).map(({ what }) => what)).toEqual(expected)
  })

  it('nor does it clear: an unknown condition leaves the state as it is, and a known one moves it', () => {
    rule('wet-and-tilted', wetAndTilted)
    expect(cover('c', 0, { tiltDeg: 40, waterMm: 900 }).map(({ what }) => what)).toEqual(['raised'])
    expect(cover('c', seconds + 1, { waterMm: 900 })).toEqual([])
    expect(cover('c', seconds + 2, { tiltDeg: 1 }).map(({ what }) => what)).toEqual(['resolved'])
  })

  it('a heartbeat with only its battery neither opens nor clears', () => {
    rule('cover-displaced')
    cover('c', 0, { tiltDeg: 40, displaced: false })
    expect(cover('c', 10, { batteryPct: 50 }).map(({ what }) => what)).toEqual(['raised'])
    for (let at = 20; at <= 200; at += 20) expect(cover('c', at, { batteryPct: 50 })).toEqual([])
  })
})

describe('S6 late data', () => {
  it('older than 24 h behind the device it is history only, and counted', () => {
    rule('cover-displaced')
    cover('c', 0, { tiltDeg: 1, displaced: false }, 0)
    cover('c', 100_000, { tiltDeg: 1 }, 100_000)
    expect(cover('c', 100_000 - 86_401, { tiltDeg: 60 }, 100_001)).toEqual([])
    expect(engine.state.counts.tooLateForRules).toBe(1)
    cover('c', 100_000 - 86_399, { tiltDeg: 60 }, 100_002)
    expect(engine.state.counts.backfills).toBe(1)
  })

  it('an alert proved, disproved and proved again keeps its id', () => {
    rule('cover-displaced')
    const ids = [
      ...cover('c', 0, { tiltDeg: 40 }, 0),
      ...cover('c', 100, { tiltDeg: 40 }, 100),
      ...cover('c', 1, { tiltDeg: 1, displaced: false }, 101),
      ...cover('c', 1.5, { tiltDeg: 60 }, 102),
    ]
    expect(new Set(ids.filter(({ openedAt }) => openedAt === START).map(({ alert }) => alert)).size).toBe(1)
  })
})

describe('S7 many devices', () => {
  const twoSensors = (): void => {
    rule('cover-displaced')
    feed(0, { type: 'asset', by: 't', asset: AssetSchema.parse({ id: 'c', kind: 'cover', devices: ['lid', 'ring'] }) })
  }

  it('what the faster device says waits for the slower one', () => {
    twoSensors()
    cover('ring', 0, { displaced: false }, 0)
    cover('lid', 0, { tiltDeg: 1 }, 0)
    expect(cover('lid', 10, { tiltDeg: 40 }, 10)).toEqual([])
    expect(cover('ring', 13, { displaced: false }, 13)).toEqual([])
    expect(brief(tick(14))).toEqual(['raised 12 clock 14'])
  })

  it('but not longer than a minute', () => {
    twoSensors()
    // This one's clock is ten minutes behind, so its watermark is too.
    cover('ring', -600, { displaced: false }, 0)
    cover('lid', 0, { tiltDeg: 40 }, 0)
    expect(tick(30)).toEqual([])
    expect(tick(62).map(({ what, openedAt }) => [what, openedAt - START])).toEqual([['raised', 0]])
  })
})

describe('S8 identity', () => {
  it('is the hash of rule, key and openedAt, whatever the version', () => {
    rule('cover-displaced')
    const source = readFileSync(join(import.meta.dirname, 'book', 'cover-displaced.yaml'), 'utf8').replace('value: 15', 'value: 20')
    rule('cover-displaced', source, 2)
    cover('c', 10, { tiltDeg: 40 })
    const [raised] = tick(20)
    expect(raised?.alert).toBe(alertId('cover-displaced', 'c', START + 10_000))
    expect(raised?.ruleVersion).toBe(2)
  })

  it('late means beyond the device’s steady skew', () => {
    rule('cover-water-high')
    cover('skewed', -300, { waterMm: 100 }, 0)
    expect(cover('skewed', -200, { waterMm: 900 }, 100)[0]?.late).toBe(false)
    cover('drained', 0, { waterMm: 100 }, 0)
    expect(cover('drained', 10, { waterMm: 900 }, 200)[0]?.late).toBe(true)
  })
})

describe('S9 device clocks', () => {
  it('an at more than two minutes ahead is processed at receipt', () => {
    rule('cover-water-high')
    expect(cover('c', 500, { waterMm: 900 }, 10)[0]?.openedAt).toBe(START + 10_000)
    expect(cover('d', 110, { waterMm: 900 }, 10)[0]?.openedAt).toBe(START + 110_000)
  })
})

describe('S11 two axes', () => {
  const source = (limit: number): string =>
    `rule: wet\ntitle: { zh: 规则, en: Rule }\non: cover\nwhen: waterMm > ${limit}\nclear: { when: waterMm < 300, for: 60s }\nseverity: major\n`
  /** Water that falls and rises again before it is over, then an edit, then an end, then the next one: what, and of which alert. */
  function course(verdict: boolean): string[] {
    history = new MemoryHistory()
    engine = new Engine(history)
    rule('wet', source(500))
    const out = cover('c', 0, { waterMm: 900 })
    const first = out[0]?.alert
    if (verdict) out.push(...feed(1, { type: 'verdict', by: 'op', alert: first, rule: 'wet', key: 'c', verdict: 'false_alarm', reason: '' }))
    out.push(...cover('c', 10, { waterMm: 950 }), ...cover('c', 20, { waterMm: 100 }), ...cover('c', 30, { waterMm: 900 }))
    out.push(...feed(40, { type: 'rule', by: 't', id: 'wet', version: 2, state: 'live', source: source(600), note: '' }), ...cover('c', 50, { waterMm: 950 }))
    out.push(...cover('c', 60, { waterMm: 100 }), ...tick(140), ...cover('c', 150, { waterMm: 900 }))
    return out.map(({ what, alert }) => `${what} ${alert === first ? 'the first' : 'the next'}`)
  }

  it('a verdict changes no condition, and the key raises nothing new until it has resolved once', () => {
    expect(course(true)).toEqual([
      'raised the first',
      'recovering the first',
      'refired the first',
      'edited the first',
      'recovering the first',
      'resolved the first',
      'raised the next',
    ])
    expect(course(true)).toEqual(course(false))
  })
})

describe('S12 maintenance', () => {
  it('an order with an end gives severity and dispatch back when it is over', () => {
    rule('cover-displaced')
    feed(0, {
      type: 'case',
      by: 'u',
      id: 'k',
      case: 'maintenance',
      asset: 'c',
      alert: null,
      state: 'accepted',
      open: true,
      from: START,
      to: START + 60_000,
      desk: null,
      note: '',
      photos: [],
    })
    cover('c', 1, { tiltDeg: 40 })
    expect(tick(5).map(({ severity, dispatch }) => [severity, dispatch])).toEqual([['info', null]])
    expect(tick(59)).toEqual([])
    expect(tick(60).map(({ what, severity }) => [what, severity])).toEqual([['severity', 'critical']])
  })
})

describe('rules come and go', () => {
  it('a removed rule ends what it had raised and leaves the others alone', () => {
    rule('cover-displaced')
    rule('cover-water-high')
    cover('c', 0, { waterMm: 900, tiltDeg: 40 })
    tick(10)
    const out = feed(20, { type: 'rule', by: 't', id: 'cover-displaced', version: 2, state: 'removed', source: '', note: '' })
    expect(out.map(({ what, rule: which }) => [what, which])).toEqual([['resolved', 'cover-displaced']])
    expect(cover('c', 30, { waterMm: 100 }).map(({ what, rule: which }) => [what, which])).toEqual([['resolved', 'cover-water-high']])
  })

  it('a version that does not compile is counted and stops nothing', () => {
    rule('cover-water-high')
    feed(0, { type: 'rule', by: 't', id: 'broken', version: 1, state: 'live', source: 'rule: broken', note: '' })
    expect(engine.state.counts.brokenRules).toBe(1)
    expect(cover('c', 0, { waterMm: 900 })).toHaveLength(1)
  })

  it('a device that nobody registered is discovered once', () => {
    cover('new', 0, { batteryPct: 50 })
    cover('new', 1, { batteryPct: 50 })
    expect(said.filter(({ type }) => type === 'discovered')).toHaveLength(1)
  })
})
