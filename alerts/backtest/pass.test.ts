import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { liesIn } from '../../domain/area.ts'
import { effectiveAt } from '../../domain/observation.ts'
import { reachOf } from '../../rules/reach.ts'
import { compileRule, type RuleVersion } from '../../rules/rule.ts'
import type { AlertSpan } from '../../store/book/rule-alerts.ts'
import { type Outcome, Outcomes } from './outcomes.ts'
import { Pass, standingOf } from './pass.ts'
import { SAMPLE, SAMPLED, SETTING } from './sample.fixture.ts'
import { membersOf, type Selection, selectedHistory } from './stored.ts'
import { type Arrival, assetControl, BEGIN, bookRule, ruleControl, World } from './world.fixture.ts'

const RULES = ['cover-displaced', 'cover-water-high', 'cover-silent', 'truck-speeding', 'truck-staying', 'truck-open-lid']
const END = BEGIN + 8 * 24 * 3_600_000

const versionOf = (source: string, version = 1): RuleVersion => ({
  ...{ id: /^rule: (\S+)/m.exec(source)?.[1] ?? '', version, state: 'live', source, base: undefined, areas: undefined, since: 0, sinceAt: 0 },
})

/** What the world's engine raised by `to`, as far as it was not withdrawn. */
function lived(world: World, rule: string, to: number): Outcome[] {
  const outcomes = new Outcomes(to)
  for (const each of world.said) if (each.type === 'transition' && each.rule === rule) outcomes.note(each)
  return outcomes.list()
}

function pass(world: World, live: RuleVersion | undefined, edit: RuleVersion, from: number, to: number): { live: Outcome[]; edit: Outcome[] } {
  const rules = [live ?? edit, edit].map((version) => compileRule(version))
  const start = from - Math.max(...rules.map(({ file }) => reachOf(file)))
  const selection: Selection = { kinds: rules.map(({ file }) => file.on), start, to, device: () => true, members: membersOf(rules) }
  const standing = lived(world, edit.id, END).filter(({ openedAt, resolvedAt }) => openedAt < start && (resolvedAt ?? Infinity) >= start)
  const run = new Pass({
    ...{ live, edit, start, to, until: END, controls: world.controls },
    standing: standing.map((alert): AlertSpan => ({ ...alert, verdict: null })),
    history: selectedHistory(world.history, selection),
  })
  run.feed(world.observations.filter((each) => selection.kinds.includes(each.kind) && effectiveAt(each) >= start && effectiveAt(each) <= to))
  return run.finish()
}

/**
 * As far as it is known by then: what came later may give an alert that goes on another severity, and one that late
 * data moves an id from another beginning (S15).
 */
const brief =
  (from: number, to = END) =>
  (outcomes: readonly Outcome[]) =>
    outcomes
      .filter(({ openedAt }) => openedAt >= from)
      .map(({ id, key, openedAt, resolvedAt, severity }) => ({
        ...{ key, openedAt: openedAt - BEGIN, resolvedAt: resolvedAt && resolvedAt - BEGIN, severity: resolvedAt || to === END ? severity : null },
        id: to === END ? id : null,
      }))

const coverFields = fc.oneof(
  fc.record({ tiltDeg: fc.constantFrom(1, 4, 10, 16, 40), displaced: fc.boolean() }, { requiredKeys: ['tiltDeg'] }),
  fc.record({ waterMm: fc.constantFrom(600, 760, 800, 1300) }),
  fc.record({ batteryPct: fc.constantFrom(10, 80) }),
)
const truckFields = (...lon: number[]) =>
  fc.record(
    {
      ...{ lon: fc.constantFrom(121.2999, 121.3, 121.3002, 121.301, 121.31, ...lon), lat: fc.constant(37.51), speedKmh: fc.constantFrom(0, 30, 61, 90) },
      ...{ load: fc.constantFrom('empty', 'full'), lid: fc.constantFrom('open', 'closed'), headingDeg: fc.constant(90) },
    },
    { requiredKeys: ['lon', 'lat'] },
  )
const gap = fc
  .oneof({ weight: 16, arbitrary: fc.integer({ min: 1, max: 900 }) }, { weight: 1, arbitrary: fc.integer({ min: 3600, max: 200_000 }) })
  .map((seconds) => seconds * 1000)
const delay = fc.oneof({ weight: 6, arbitrary: fc.constant(300) }, { weight: 1, arbitrary: fc.integer({ min: -200_000, max: 7_200_000 }) })
const sentBy = (device: string, kind: 'cover' | 'vehicle', fields: fc.Arbitrary<object>): fc.Arbitrary<Arrival[]> =>
  fc.array(fc.tuple(gap, delay, fields), { minLength: 10, maxLength: 60, size: 'max' }).map((steps) => {
    let at = BEGIN + 1000
    return steps.map(([wait, late, each]) => {
      at += wait
      return { kind, device, at, fields: each, receivedAt: Math.max(BEGIN, at + late) }
    })
  })
const maintenance = fc.tuple(fc.integer({ min: 0, max: 86_400_000 }), fc.boolean()).map(
  ([at, open]): Arrival => ({
    receivedAt: BEGIN + at,
    control: {
      ...{ type: 'case', by: 't', id: 'm-1', case: 'maintenance', asset: 'c-1', alert: null, state: open ? 'accepted' : 'closed' },
      ...{ open, from: null, to: null, desk: null, note: '', photos: [] },
    },
  }),
)
const registered = fc.integer({ min: 0, max: 3_600_000 }).map((at): Arrival => ({ receivedAt: BEGIN + at, control: assetControl({ id: 'well', devices: ['c-2', 'c-3'] }) }))
/** With fixes at `lon` too. */
const arrivals = (...lon: number[]) =>
  fc
    .tuple(
      sentBy('c-1', 'cover', coverFields),
      sentBy('c-2', 'cover', coverFields),
      sentBy('c-3', 'cover', coverFields),
      sentBy('v-1', 'vehicle', truckFields(...lon)),
      fc.array(maintenance, { maxLength: 2 }),
      fc.option(registered),
    )
    .map(([a, b, c, d, cases, asset]) => [...a, ...b, ...c, ...d, ...cases, ...(asset ? [asset] : [])].sort((x, y) => x.receivedAt - y.receivedAt))
    // What comes after the end is known to the city and not to a run until then.
    .map((list) => list.filter(({ receivedAt }) => receivedAt < END))

/** Evenly spread: at the edges there is nothing to see. */
const hours = (most: number): fc.Arbitrary<number> => fc.noBias(fc.nat({ max: most * 3_600_000 }))

/** A longer search: RUNS=2000 npx vitest run alerts/backtest. */
const RUNS = Number(process.env.RUNS ?? 4)

/** So that every rule of the sample raises something in the few runs of a day. */
const SEED = 7

describe('a pass over stored observations', { timeout: 120_000 + RUNS * 5000 }, () => {
  const controls = RULES.map((id): Arrival => ({ receivedAt: BEGIN, control: ruleControl(bookRule(id)) }))

  let compared = 0
  afterAll(() => expect(compared).toBeGreaterThan(RUNS))

  it('raises for the live version what the city’s engine has raised, over any time, late data and register included', () => {
    fc.assert(
      // A jump of 300 km is measured from the last good fix, however old that is: a run that begins later may not know it.
      fc.property(arrivals(), fc.array(fc.tuple(hours(60), hours(80)), { minLength: 4, maxLength: 4 }), (list, spans) => {
        const world = new World([...controls, ...list], END)
        for (const id of RULES) {
          const live = versionOf(bookRule(id))
          for (const [after, length] of [...spans, [0, END - BEGIN] as const]) {
            const [from, to] = [BEGIN + after, BEGIN + after + length]
            const said = pass(world, live, live, from, to)
            expect(brief(from, to)(said.live)).toEqual(brief(from, to)(lived(world, id, to)))
            expect(said.edit).toEqual(said.live)
            compared += brief(from)(said.live).length
          }
        }
      }),
      // A long search finds, once in a hundred runs, a device of whose clock a run that begins later knows too little.
      { numRuns: RUNS, endOnFailure: true, ...(process.env.RUNS === undefined && { seed: SEED }) },
    )
  })

  it('the same for windows, memories, scenes, calendars and permits', () => {
    const raised = new Set<string>()
    fc.assert(
      fc.property(SAMPLED, fc.array(fc.tuple(hours(8), hours(10)), { minLength: 3, maxLength: 3 }), (list, spans) => {
        const world = new World([...SETTING, ...list], END)
        for (const id of SAMPLE) {
          const live = versionOf(bookRule(id))
          for (const [after, length] of [...spans, [0, END - BEGIN] as const]) {
            const [from, to] = [BEGIN + after, BEGIN + after + length]
            const said = pass(world, live, live, from, to)
            expect(brief(from, to)(said.live), id).toEqual(brief(from, to)(lived(world, id, to)))
            if (said.live.length > 0) raised.add(id)
          }
        }
      }),
      { numRuns: RUNS, endOnFailure: true, seed: SEED },
    )
    expect([...raised].sort()).toEqual([...SAMPLE].sort())
  })

  it('raises for an edit what the city’s engine would have raised if it had been live from the start', () => {
    const edits: Record<string, [string, string]> = {
      'cover-displaced': ['value: 15', 'value: 9'],
      'cover-water-high': ['value: 800', 'value: 700'],
      'truck-speeding': ['value: 60', 'value: 29'],
    }
    fc.assert(
      fc.property(arrivals(125), fc.constantFrom(...Object.keys(edits)), (list, id) => {
        const source = bookRule(id)
        const [before, after] = edits[id] as [string, string]
        const changed = source.replace(before, after)
        const other = new World([{ receivedAt: BEGIN, control: ruleControl(changed) }, ...list], END)
        const world = new World([...controls, ...list], END)
        const said = pass(world, versionOf(source), versionOf(changed), BEGIN, END)
        expect(brief(BEGIN)(said.edit)).toEqual(brief(BEGIN)(lived(other, id, END)))
        expect(brief(BEGIN)(said.live)).toEqual(brief(BEGIN)(lived(world, id, END)))
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('gathers over an area as the city’s engine does, and as it would have with another count', () => {
    const two = bookRule('cover-flood-area').replace('value: 10', 'value: 2')
    const three = two.replace('value: 2', 'value: 3')
    const grid = ['c-1', 'c-2', 'c-3'].map((id): Arrival => ({ receivedAt: BEGIN, control: assetControl({ id, grid: 'g-1' }) }))
    const wet = fc.record({ waterMm: fc.constantFrom(100, 900) })
    const covers = fc
      .tuple(sentBy('c-1', 'cover', wet), sentBy('c-2', 'cover', wet), sentBy('c-3', 'cover', wet))
      .map((each) => each.flat().sort((x, y) => x.receivedAt - y.receivedAt))
    let gathered = 0
    fc.assert(
      fc.property(covers, (list) => {
        const world = new World([{ receivedAt: BEGIN, control: ruleControl(two) }, ...grid, ...list], END)
        const other = new World([{ receivedAt: BEGIN, control: ruleControl(three) }, ...grid, ...list], END)
        const said = pass(world, versionOf(two), versionOf(three), BEGIN, END)
        expect(brief(BEGIN)(said.live)).toEqual(brief(BEGIN)(lived(world, 'cover-flood-area', END)))
        expect(brief(BEGIN)(said.edit)).toEqual(brief(BEGIN)(lived(other, 'cover-flood-area', END)))
        gathered += said.live.length
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
    expect(gathered).toBeGreaterThan(0)
  })
})

it('an alert that a rule gathers lies in its area, that of an asset where the asset stands', () => {
  const world = new World([{ receivedAt: BEGIN, control: assetControl({ id: 'c-1', area: '370602', grid: 'g-1' }) }], BEGIN)
  const version = versionOf(bookRule('cover-flood-area'))
  const run = new Pass({ live: undefined, edit: version, controls: world.controls, standing: [], history: world.history, start: BEGIN, to: END, until: END })
  run.finish()
  const { gather } = compileRule(version).file
  const seen = (area: string, id: string): boolean => liesIn(area, standingOf(run.state, id, gather))
  expect([seen('370602', 'c-1'), seen('g-1', 'c-1'), seen('370611', 'c-1')]).toEqual([true, true, false])
  expect([seen('370602', '370602001001001'), seen('370611', '370602001001001'), seen('', 'g-9')]).toEqual([true, false, true])
})
