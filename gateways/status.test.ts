import { expect, it } from 'vitest'
import { GatewayStatusSchema } from '../domain/gateway.ts'
import { stateOf, statusText } from './status.ts'

it.each([
  ['nothing waits', undefined, undefined, 'online'],
  ['it connects with a fresh message', undefined, 1500, 'online'],
  ['it connects with a backlog', undefined, 2500, 'draining'],
  ['it works on, a little behind', 'online', 9000, 'online'],
  ['it has fallen behind', 'online', 10_500, 'draining'],
  ['it drains', 'draining', 3000, 'draining'],
  ['it has caught up', 'draining', 1000, 'online'],
] as const)('when %s', (_, said, ageMs, state) => {
  expect(stateOf(said, ageMs === undefined ? undefined : { queuedAt: 100_000 - ageMs }, 100_000)).toBe(state)
})

it('writes what the contract reads', () => {
  expect(GatewayStatusSchema.parse(JSON.parse(statusText('draining', 1000, { at: 500 })))).toEqual({
    state: 'draining',
    at: '1970-01-01T00:00:01.000Z',
    oldest: '1970-01-01T00:00:00.500Z',
  })
  expect(GatewayStatusSchema.parse(JSON.parse(statusText('online', 1000)))).toEqual({ state: 'online', at: '1970-01-01T00:00:01.000Z' })
})
