import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EAST } from './doubles.ts'
import { startCity, type TestCity } from './testcity.ts'

let city: TestCity
beforeAll(async () => {
  city = await startCity()
})
afterAll(() => city.close())

const put = (body: object) => city.ask('calendars/work', { as: 'author', method: 'PUT', body })

describe('a calendar', () => {
  it('may come back as it was read', async () => {
    const read = (await (await city.ask('calendars/work', { as: 'author' })).json()) as object
    expect(await (await put({ ...read, holidays: ['2026-10-01'] })).json()).toMatchObject({ id: 'work', version: 2, by: 'author', holidays: ['2026-10-01'], zone: 'Asia/Shanghai' })
  })

  it.each([
    ['a zone that nobody knows', { zone: 'Mars/Olympus' }, 'body.zone'],
    ['a day that does not exist', { holidays: ['2026-10-01', '2026-02-30'] }, 'body.holidays.1'],
    ['an hour that does not exist', { hours: [{ days: ['work'], from: '25:00', to: '08:00' }] }, 'body.hours.0.from'],
    ['stretches without end', { hours: Array.from({ length: 201 }, () => ({ days: ['work'], from: '08:00', to: '09:00' })) }, 'body.hours'],
    ['another id', { id: 'rest' }, 'body.id'],
    ['no version', { version: undefined }, 'body.version'],
  ])('with %s is refused, by its place', async (_, change, where) => {
    const answer = await put({ version: 1, ...change })
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ errors: [expect.objectContaining({ where })] })])
  })

  it('is of the whole city, and so are those who change it', async () => {
    const answer = await fetch(`${city.url}/api/v1/calendars/work`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${city.token('author', EAST)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ version: 1 }),
    })
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'auth.forbidden' })])
  })
})
