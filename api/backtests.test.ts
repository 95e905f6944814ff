import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backtest, BacktestRequest } from '../domain/authoring.ts'
import { formatInstant, HOUR } from '../domain/time.ts'
import { createBacktester } from './authors.fixture.ts'
import { NOW } from './doubles.ts'
import { startCity, type TestCity } from './testcity.ts'

let city: TestCity
let asked: BacktestRequest | undefined
beforeAll(async () => {
  const backtester = createBacktester(1)
  city = await startCity({
    backtester: {
      ...backtester,
      start: (request, who) => {
        asked = request
        return backtester.start(request, who)
      },
    },
  })
})
afterAll(() => city.close())

const post = (body: object, rule = 'cover-displaced') => city.ask(`rules/${rule}/backtest`, { as: 'author', method: 'POST', body })

describe('a backtest', () => {
  it('that takes longer is accepted with a place to ask at, waited for there, and is over in time', async () => {
    const answer = await post({ set: { tiltDeg: 20 } })
    const { id, state, by } = (await answer.json()) as Backtest
    expect([answer.status, answer.headers.get('location'), state, by]).toEqual([202, `/api/v1/backtests/${id}`, 'running', 'author'])
    expect(asked).toEqual({ rule: 'cover-displaced', set: { tiltDeg: 20 }, from: NOW - 24 * HOUR, to: NOW })
    expect(await (await city.ask(`backtests/${id}`, { as: 'author' })).json()).toMatchObject({ state: 'running' })
    expect(await (await city.ask(`backtests/${id}?wait=5s`, { as: 'author' })).json()).toMatchObject({ state: 'done' })
  })

  it('is of a saved version, or a text, between two times', async () => {
    const [from, to] = [NOW - 3 * HOUR, NOW - HOUR]
    expect((await post({ version: 1, from: formatInstant(from), to: formatInstant(to) })).status).toBe(200)
    expect(asked).toEqual({ rule: 'cover-displaced', version: 1, from, to })
    await post({ source: 'rule: x', to: formatInstant(to) })
    expect(asked).toEqual({ rule: 'cover-displaced', source: 'rule: x', from: to - 24 * HOUR, to })
  })

  it.each([
    [{ source: 'a', version: 1 }, 400, 'request.invalid'],
    [{ from: formatInstant(NOW + HOUR) }, 400, 'request.invalid'],
    [{ from: formatInstant(NOW), to: formatInstant(NOW) }, 400, 'request.invalid'],
    [{ from: '2026-11-21T09:00:00' }, 400, 'request.invalid'],
    [{ version: 9 }, 404, 'not_found'],
  ])('%j is refused', async (body, status, code) => {
    const answer = await post(body)
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })])
  })

  it('of a rule that nobody knows is not there, and a backtest that nobody began neither', async () => {
    expect((await post({}, 'nobody')).status).toBe(404)
    for (const method of ['GET', 'DELETE']) expect((await city.ask('backtests/bt-99', { as: 'author', method })).status).toBe(404)
  })

  it('is stopped by its name', async () => {
    expect(await (await city.ask('backtests/bt-1', { as: 'author', method: 'DELETE' })).json()).toMatchObject({ id: 'bt-1', state: 'cancelled' })
  })
})

describe('a platform without backtests and explanations', () => {
  let bare: TestCity
  beforeAll(async () => {
    bare = await startCity({ backtester: undefined, explainer: undefined })
  })
  afterAll(() => bare.close())

  it.each([
    ['POST', 'rules/cover-displaced/backtest', {}],
    ['GET', 'backtests/bt-1', undefined],
    ['DELETE', 'backtests/bt-1', undefined],
    ['POST', 'rules/cover-displaced/explain', { asset: 'cover-west' }],
    ['GET', 'assets/cover-west/explain', undefined],
  ])('%s %s says so', async (method, path, body) => {
    const answer = await bare.ask(path, { as: 'author', method, ...(body && { body }) })
    expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ code: 'not_ready', retry: true })])
  })
})
