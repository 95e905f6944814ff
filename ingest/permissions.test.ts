import { describe, expect, it } from 'vitest'
import { introductionFault, mayPublish, mayReceive, maySubscribe, type Session, sessionFault } from './permissions.ts'

const gateway: Session = { kind: 'gateway', id: 'gw1' }
const city: Session = { kind: 'consumer', id: 'c', user: 'u', area: '' }
const street: Session = { kind: 'consumer', id: 'c', user: 'u', area: '330502001' }

describe('introductions', () => {
  it.each([
    ['an id', 'gw1', true, null],
    ['no id with a clean session', '', true, null],
    ['no id with a session to keep', '', false, 'client_id'],
    ['an id with a slash', 'a/b', true, 'client_id'],
    ['a wildcard', '+', true, 'client_id'],
    ['the platform itself', 'platform', true, 'client_id'],
  ])('%s', (_, clientId, clean, expected) => {
    expect(introductionFault({ clientId, username: clientId, clean, willTopic: undefined })).toBe(expected)
  })

  it.each([
    ['its own status', 'gateway', 'gw1', 'city/v1/from/gw1/status', null],
    ["somebody else's status", 'gateway', 'gw1', 'city/v1/from/gw2/status', 'will'],
    ['an observation', 'gateway', 'gw1', 'city/v1/from/gw1/observation/cover/c', 'will'],
    ['a consumer with a will', 'consumer', 'x', 'city/v1/from/gw1/status', 'will'],
    ['a gateway under another name', 'gateway', 'gw2', undefined, 'client_id'],
  ] as const)('will: %s', (_, kind, username, willTopic, expected) => {
    expect(sessionFault({ clientId: 'gw1', username, clean: true, willTopic }, kind)).toBe(expected)
  })
})

describe('filters are checked level by level', () => {
  it.each<[Session, string, boolean]>([
    [gateway, 'city/v1/to/gw1/reject', true],
    [gateway, 'city/v1/to/gw1/#', true],
    [gateway, 'city/v1/to/gw1/command/+', true],
    [gateway, 'city/v1/to/gw1', false],
    [gateway, 'city/v1/to/gw10/#', false],
    [gateway, 'city/v1/to/+/reject', false],
    [gateway, 'city/v1/to/#', false],
    [gateway, 'city/v1/from/gw1/#', false],
    [gateway, '#', false],
    [gateway, '+/+/+/+/+', false],
    [gateway, '$SYS/#', false],
    [gateway, '$share/x/city/v1/to/gw1/#', false],
    [gateway, 'city/v1/alert/#', false],
    [city, 'city/v1/alert/#', true],
    [city, 'city/v1/case/+/x', true],
    [city, 'city/v1/+/330502/x', false],
    [city, 'city/v1/to/gw1/#', false],
    [city, 'city/v1/from/#', false],
    [city, '$SYS/broker/clients', false],
    [city, '$share/g/city/v1/alert/#', false],
    [street, 'city/v1/alert/330502/#', true],
    [street, 'city/v1/alert/330503/#', false],
    [street, 'city/v1/alert/+/x', false],
    [street, 'city/v1/alert/+/#', false],
    [street, 'city/v1/alert/#', true],
    [street, 'city/v1/case/#', true],
    [street, 'city/v1/to/#', false],
    [street, 'city/v1/#', false],
    [{ ...street, area: '3305' }, 'city/v1/alert/330502/+', true],
    [{ ...street, area: '3305' }, 'city/v1/alert/330602/+', false],
  ])('%j %s → %s', (session, filter, expected) => {
    expect(maySubscribe(session, filter)).toBe(expected)
  })
})

describe('messages', () => {
  it.each<[Session, string, boolean]>([
    [gateway, 'city/v1/from/gw1/status', true],
    [gateway, 'city/v1/from/gw10/status', false],
    [gateway, 'city/v1/to/gw1/reject', false],
    [gateway, '$SYS/x', false],
    [city, 'city/v1/from/c/status', false],
  ])('%j may publish %s: %s', (session, topic, expected) => {
    expect(mayPublish(session, topic)).toBe(expected)
  })

  it.each<[Session, string, string | undefined, boolean]>([
    [street, 'city/v1/alert/330502/a', '330502001003', true],
    [street, 'city/v1/alert/330502/a', '330502002', false],
    [street, 'city/v1/alert/330502/a', undefined, false],
    [city, 'city/v1/alert/330502/a', undefined, true],
    [city, 'city/v1/to/gw1/reject', '', false],
    [gateway, 'city/v1/to/gw1/reject', '', true],
    [gateway, 'city/v1/to/gw2/reject', '', false],
  ])('%j receives %s of %s: %s', (session, topic, area, expected) => {
    expect(mayReceive(session, topic, area)).toBe(expected)
  })
})
