import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Principal } from '../../domain/role.ts'
import { NINE } from '../../fixtures/records.ts'
import { EAST, openRuleRoom, type RuleRoom, rule, WEST, zhao } from '../rule-room.fixture.ts'
import { Backtests } from './backtests.ts'
import { trialOf } from './edited.ts'

const ofArea = (area: string): Principal => ({ ...zhao, name: `author of ${area}`, area })

let at: RuleRoom
let backtests: Backtests
beforeEach(async () => {
  at = await openRuleRoom()
  await at.saved(0, rule(15), { state: 'live' })
  const nowhere = '/nowhere'
  backtests = new Backtests({ paths: { journal: nowhere, history: nowhere, book: nowhere }, book: at.book, newId: randomUUID, now: () => NINE, cores: 1 })
})
afterEach(async () => {
  await backtests.close()
  await at.remove()
})

it('is for those who may see all that its result may show; to others it is not there', async () => {
  const start = (who: Principal) => backtests.start({ rule: 'tilted', set: { tiltDeg: 20 }, from: NINE - 1000, to: NINE }, who)
  const [city, west] = [await start(zhao), await start(ofArea(WEST))]
  await expect(backtests.get(west.id, zhao)).resolves.toMatchObject({ id: west.id })
  await expect(backtests.get(west.id, ofArea(WEST))).resolves.toMatchObject({ id: west.id })
  for (const [{ id }, who] of [
    [city, ofArea(WEST)],
    [west, ofArea(EAST)],
  ] as const) {
    await expect(backtests.get(id, who)).rejects.toMatchObject({ code: 'not_found' })
    await expect(backtests.wait(id, 1, who)).rejects.toMatchObject({ code: 'not_found' })
    await expect(backtests.cancel(id, who)).rejects.toMatchObject({ code: 'not_found' })
  }
})

it('a saved version is tried with the rule that it extended when it was saved', async () => {
  const child = 'rule: steep\nextends: tilted\nparams: { tiltDeg: { value: 40 } }\n'
  await at.room.save('steep', { version: 0, source: child, note: '', to: { state: 'live' } }, zhao)
  await at.saved(1, rule(15).replace('severity: major', 'severity: minor'), { state: 'live' })
  const severityOf = async (edit: object) => /severity: (\w+)/.exec((await trialOf(at.book, { rule: 'steep', ...edit })).edit.base ?? '')?.[1]
  expect(await severityOf({ version: 1 })).toBe('major')
  expect(await severityOf({ source: child })).toBe('minor')
  await expect(trialOf(at.book, { rule: 'steep', version: 9 })).rejects.toMatchObject({ code: 'not_found' })
})
