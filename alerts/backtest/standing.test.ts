import { expect, it } from 'vitest'
import { reachOf } from '../../rules/reach.ts'
import { compileRule, type RuleVersion } from '../../rules/rule.ts'
import type { AlertSpan } from '../../store/book/rule-alerts.ts'
import { Outcomes } from './outcomes.ts'
import { Pass, standingOf } from './pass.ts'
import { type Arrival, assetControl, BEGIN, bookRule, ruleControl, World } from './world.fixture.ts'

const HOUR = 3_600_000
const END = BEGIN + 120 * HOUR
const FROM = BEGIN + 90 * HOUR
const COVERS = ['c-1', 'c-2', 'c-3']
const FLOOD = bookRule('cover-flood-area').replace('value: 10', 'value: 2')

/** Three covers of one grid, under water from the first hour to the hundredth, but for one that is dry before the run begins. */
function flooded(): World {
  const covers = COVERS.map((id): Arrival => ({ receivedAt: BEGIN, control: assetControl({ id, area: '370602001002', grid: 'g-1' }) }))
  const reports: Arrival[] = []
  for (let hour = 1; hour < 119; hour++)
    for (const device of COVERS) {
      const at = BEGIN + hour * HOUR
      reports.push({ kind: 'cover', device, at, fields: { waterMm: hour < 100 && !(device === 'c-3' && hour > 20) ? 900 : 100 }, receivedAt: at + 300 })
    }
  return new World([{ receivedAt: BEGIN, control: ruleControl(FLOOD) }, ...covers, ...reports], END)
}

it('an area whose alert stands at the beginning is no asset, keeps its alert and ends it when it did', () => {
  const world = flooded()
  const outcomes = new Outcomes(END)
  for (const each of world.said) if (each.type === 'transition') outcomes.note(each)
  const lived = outcomes.list()
  expect(lived.map(({ key }) => key)).toEqual(['g-1'])
  const edit: RuleVersion = { ...{ id: 'cover-flood-area', version: 1, state: 'live', source: FLOOD, base: undefined, areas: undefined, since: 0, sinceAt: 0 } }
  const start = FROM - reachOf(compileRule(edit).file)
  const standing = lived.map((alert): AlertSpan => ({ ...alert, verdict: null }))
  const run = new Pass({ live: edit, edit, start, to: END, until: END, controls: world.controls, standing, history: world.history })
  run.feed(world.observations.filter(({ at }) => at >= start))
  expect(run.state.assets.has('g-1' as never)).toBe(false)
  const said = run.finish()
  expect(said.live.map(({ id, resolvedAt }) => ({ id, resolvedAt }))).toEqual(lived.map(({ id, resolvedAt }) => ({ id, resolvedAt })))
  expect(said.edit).toEqual(said.live)
  expect(standingOf(run.state, 'g-1', compileRule(edit).file.gather)).toMatchObject({ area: '370602001002', grid: 'g-1' })
})
