import { describe, expect, it } from 'vitest'
import { authorize, chooseChallenge, parseAddress } from './credentials.ts'

const MUFASA = { username: 'Mufasa', password: 'Circle of Life' }
const asked = { method: 'GET', uri: '/dir/index.html', count: 1, cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' }
const NONCE = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
const rfc7616 = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${NONCE}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`

describe('authorize', () => {
  // RFC 7616, 3.9.1; RFC 2617 has none without qop, so that row is worked out by its formula (RFC 2069).
  it.each([
    ['MD5', rfc7616('MD5'), MUFASA, '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', rfc7616('SHA-256'), MUFASA, '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('answers as the standard does: %s', (_, header, credentials, response) => {
    const challenge = chooseChallenge([header])
    expect(challenge).toBeDefined()
    if (challenge) expect(authorize(challenge, credentials, asked)).toContain(`response="${response}"`)
  })

  it('answers a camera that knows no qop, and one that wants the password plain', () => {
    const old = chooseChallenge(['Digest realm="IP Camera", nonce="abc"'])
    const basic = chooseChallenge(['Basic realm="cam"'])
    expect(old && authorize(old, { username: 'a', password: 'b' }, { ...asked, method: 'DESCRIBE', uri: 'rtsp://cam/1' })).not.toMatch(/nc=|cnonce|qop/)
    expect(basic && authorize(basic, { username: 'a', password: 'b:c' }, asked)).toBe(`Basic ${Buffer.from('a:b:c').toString('base64')}`)
  })
})

describe('chooseChallenge', () => {
  it.each<[string, string[], string | undefined]>([
    ['the strongest of several headers', ['Basic realm="x"', rfc7616('MD5'), rfc7616('SHA-256')], 'SHA-256'],
    ['the strongest in one header', [`Basic realm="a, b", ${rfc7616('MD5')}`], 'MD5'],
    ['none that it cannot answer', [rfc7616('SHA-512-256'), 'Bearer realm="x"', 'Digest realm="x", qop="auth-int", nonce="1"'], undefined],
    ['none without a nonce', ['Digest realm="x"'], undefined],
    ['none where there is none', [], undefined],
  ])('takes %s', (_, headers, algorithm) => {
    expect(chooseChallenge(headers)?.algorithm).toBe(algorithm)
  })
})

describe('parseAddress', () => {
  it.each([
    ['rtsp://admin:p%40ss@10.0.0.8:554/ch1?sub=1', 'rtsp://10.0.0.8:554/ch1?sub=1', { username: 'admin', password: 'p@ss' }],
    ['rtsp://admin:100%@10.0.0.8/ch1', 'rtsp://10.0.0.8/ch1', { username: 'admin', password: '100%' }],
    ['http://10.0.0.8/still.jpg', 'http://10.0.0.8/still.jpg', null],
  ])('takes the secret out of %s', (text, address, credentials) => {
    const parsed = parseAddress(text)
    expect([parsed?.address.href, parsed?.credentials]).toEqual([address, credentials])
  })

  it('knows what is no address', () => {
    expect(parseAddress('nonsense')).toBeUndefined()
  })
})
