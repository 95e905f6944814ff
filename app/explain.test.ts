import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Explanation } from '../domain/authoring.ts'
import { commandRulesExplain } from './commands/explain.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

let platform: TestPlatform

beforeAll(async () => {
  platform = await testPlatform()
  await platform.start()
  const gateway = await connectAsync(platform.mqtt(), { clientId: 'gw-1', username: 'gw-1', password: await platform.gateway('gw-1'), reconnectPeriod: 0 })
  const say = (secondsAgo: number, fields: object): Promise<unknown> =>
    gateway.publishAsync('city/v1/from/gw-1/observation/cover/c-1', JSON.stringify({ at: Date.now() - secondsAgo * 1000, ...fields }), { qos: 1 })
  await say(600, { tiltDeg: 3, displaced: false })
  await say(300, { tiltDeg: 12, displaced: false })
  await say(200, { tiltDeg: 40, displaced: false })
  await say(190, { tiltDeg: 40, displaced: false })
  await gateway.endAsync()
  await soon(async () => (await platform.ask<{ items: unknown[] }>('alerts?asset=c-1')).items.length > 0)
})
afterAll(() => platform.remove())

const explain = (secondsAgo: number): Promise<Explanation> => platform.ask<Explanation>(`assets/c-1/explain?at=${new Date(Date.now() - secondsAgo * 1000).toISOString()}`)
const of = (explanation: Explanation, rule: string) => explanation.rules.find((each) => each.rule === rule)

it('says over HTTP why there was no alert then, and why there is one now', async () => {
  const before = of(await explain(250), 'cover-displaced')
  expect(before).toMatchObject({ outcome: 'idle', alert: null, because: { en: 'The condition is false: tiltDeg > params.tiltDeg is 3 away.' } })
  const now = of(await explain(0), 'cover-displaced')
  expect(now?.outcome).toBe('firing')
  expect(now?.clauses.find(({ text }) => text === 'tiltDeg > params.tiltDeg')).toMatchObject({ part: 'when', holds: true, margin: 25 })
  const alert = await platform.ask<{ items: { id: string; observations: number[] }[] }>('alerts?asset=c-1')
  expect(now?.alert).toBe(alert.items[0]?.id)
  expect(now?.observation?.offset).toBe(alert.items[0]?.observations[0])
})

it('a verdict shows in the way of the next one', async () => {
  const [alert] = (await platform.ask<{ items: { id: string }[] }>('alerts?asset=c-1')).items
  await platform.ask(`alerts/${alert?.id}/verdict`, { verdict: 'benign', reason: 'work going on' })
  expect(of(await explain(0), 'cover-displaced')?.inTheWay).toEqual([{ what: 'verdict', detail: 'judged benign: nothing new is raised until it has resolved', until: null }])
})

it('the command line says the same, beside the running platform', async () => {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = await commandRulesExplain('cover-displaced', { data: platform.data, asset: 'c-1', at: new Date(Date.now() - 250_000).toISOString() }, Date.now())
  const text = out.mock.calls.map(([chunk]) => String(chunk)).join('')
  out.mockRestore()
  expect(code).toBe(0)
  expect(text).toMatch(
    /cover-displaced v1 c-1: idle\n {2}The condition is false: tiltDeg > params\.tiltDeg is 3 away\.\n(?: {2}.*\n)* {2}when {5}✗ tiltDeg > params\.tiltDeg {3}\[tiltDeg = 12 \(5\ds.* ago\), params\.tiltDeg = 15\] 3 from turning/,
  )
})

it('an asset that nobody knows is not found', async () => {
  await expect(platform.ask('assets/nobody/explain')).rejects.toThrow()
})

it('of a time to come says what is known now, and the engine goes on', async () => {
  const name = 'nightly'
  const source = `rule: ${name}\ntitle: { zh: 夜, en: Night }\non: cover\nwhen: tiltDeg > 1.0 && hour() > 24.0\nseverity: minor\n`
  await platform.ask(`rules/${name}`, { version: 0, source, note: '', state: 'live' }, 'PUT')
  const { at, rules } = await platform.ask<Explanation>('assets/c-1/explain?at=9999-12-31T00:00:00Z')
  expect(Date.parse(at)).toBeLessThanOrEqual(Date.now())
  expect(rules.map(({ rule }) => rule)).toContain(name)
})
