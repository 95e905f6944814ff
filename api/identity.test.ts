import { describe, expect, it } from 'vitest'
import { credentialsOf, isLocal, senderOf } from './identity.ts'

describe('credentialsOf', () => {
  it.each([
    [{}, { by: 'nothing' }],
    [{ authorization: 'Bearer abc-_' }, { by: 'token', token: 'abc-_' }],
    [{ authorization: 'bearer abc' }, { by: 'token', token: 'abc' }],
    [{ authorization: 'Basic YTpi' }, { by: 'unknown' }],
    [{ authorization: 'Bearer ' }, { by: 'unknown' }],
    [{ authorization: 'Bearer a b' }, { by: 'unknown' }],
    [{ cookie: 'a=b; wanglou_session=xyz; c=d' }, { by: 'cookie', session: 'xyz' }],
    [{ cookie: 'not_wanglou_session=xyz' }, { by: 'nothing' }],
    [{ cookie: 'wanglou_session=' }, { by: 'nothing' }],
    [
      { cookie: 'wanglou_session=xyz', authorization: 'Bearer abc' },
      { by: 'token', token: 'abc' },
    ],
    [{ cookie: 'wanglou_session=xyz', authorization: 'nonsense' }, { by: 'unknown' }],
  ])('%j → %j', (headers, expected) => expect(credentialsOf(headers)).toEqual(expected))
})

describe('senderOf', () => {
  const host = 'city.example:8080'
  it.each([
    [{}, 'unsaid'],
    [{ origin: 'http://city.example:8080' }, 'same'],
    [{ origin: 'https://city.example' }, 'foreign'],
    [{ origin: 'http://city.example.evil:8080' }, 'foreign'],
    [{ origin: 'null' }, 'foreign'],
    [{ origin: '' }, 'foreign'],
    [{ referer: 'http://city.example:8080/alerts?x=1' }, 'same'],
    [{ referer: 'http://evil/?http://city.example:8080/' }, 'foreign'],
    [{ origin: 'http://evil', referer: 'http://city.example:8080/' }, 'foreign'],
    [{ 'sec-fetch-site': 'same-origin' }, 'same'],
    [{ 'sec-fetch-site': 'none' }, 'foreign'],
    [{ 'sec-fetch-site': 'cross-site' }, 'foreign'],
  ])('%j is %s', (headers, expected) => expect(senderOf(headers, host)).toBe(expected))
})

describe('isLocal', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:8080', {}, true],
    ['127.8.8.8', 'localhost', {}, true],
    ['::1', '[::1]:8080', {}, true],
    ['::ffff:127.0.0.1', 'localhost:1', {}, true],
    ['10.0.0.1', 'localhost', {}, false],
    ['127.0.0.1', 'city.example', {}, false],
    ['127.0.0.1', '127.0.0.1.evil.example', {}, false],
    ['127.0.0.1', '', {}, false],
    ['127.0.0.1', 'localhost', { 'x-forwarded-for': '' }, false],
    ['127.0.0.1', 'localhost', { forwarded: 'for=1' }, false],
    [undefined, 'localhost', {}, false],
  ])('%s asking %s with %j: %s', (address, host, headers, expected) => expect(isLocal(address, host, headers)).toBe(expected))
})
