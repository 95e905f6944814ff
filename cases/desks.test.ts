import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AN_EVENT } from './desk-conformance.ts'
import { type DeskConfig, desksSchema, openDesks } from './desks.ts'
import { openReceiver, SECRET } from './receiver.ts'
import { CASE_EVENTS } from './routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'wanglou-desks-'))
afterAll(() => rmSync(folder, { recursive: true }))
const deps = { env: { CITY_SECRET: SECRET, NEW_SECRET: `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}` }, site: 'binhai', now: () => Date.now() }
const config = (given: Partial<DeskConfig> = {}): DeskConfig => ({ name: 'city', url: 'http://127.0.0.1:9/hook', allow: [], secretEnv: 'CITY_SECRET', ...given })

describe('desks of the configuration', () => {
  it.each([
    ['the environment', { secretEnv: 'CITY_SECRET' }],
    ['a file', { secretEnv: undefined, secretFile: join(folder, 'secret') }],
    ['both while it changes', { secretEnv: 'NEW_SECRET', secretFile: join(folder, 'secret') }],
  ])('sign with a secret from %s', async (_where, secret) => {
    writeFileSync(join(folder, 'secret'), `${SECRET}\n`)
    const receiver = await openReceiver()
    const { desks } = openDesks([config({ url: receiver.url.href, ...secret, allow: ['127.0.0.1'] })], deps)
    await desks[0]?.deliver(AN_EVENT)
    await receiver.close()
    expect(receiver.requests.map(({ valid }) => valid)).toEqual([true])
  })

  it('deny every target and follow their cases unless told otherwise', async () => {
    const { desks, routes } = openDesks([config()], deps)
    expect(await desks[0]?.deliver(AN_EVENT)).toMatchObject({ outcome: 'failed', why: '127.0.0.1 is not on the allow-list' })
    expect(routes).toEqual([{ desk: 'city', events: CASE_EVENTS, receives: 'dispatched' }])
  })

  it('say everything that is wrong with them at once, and never the secret', () => {
    writeFileSync(join(folder, 'empty'), '\n')
    writeFileSync(join(folder, 'plain'), 'hunter2!')
    const wrong: unknown[] = [
      config({ secretEnv: 'NOBODY' }),
      { ...config({ allow: ['10.0.0.0/8', '10.0.0.0/99'] }), url: 'ftp://desk' },
      config({ name: 'x', secretFile: join(folder, 'none') }),
      { ...config({ name: 'y', secretEnv: undefined }), receive: 'everything' },
      config({ name: 'z', secretEnv: undefined, secretFile: join(folder, 'empty') }),
      config({ name: 'v', secretEnv: undefined, secretFile: join(folder, 'plain') }),
      null,
    ]
    const issues = desksSchema(deps.env)
      .safeParse(wrong)
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    expect(issues?.toSorted()).toEqual([
      '0.secretEnv: the environment has no NOBODY',
      '1.allow.1: 10.0.0.0/99 is neither a CIDR block, nor an address, nor a host name',
      '1.name: city is the name of another desk',
      '1.url: must be an http or https address',
      expect.stringMatching(/^2\.secretFile: ENOENT/),
      '3: Unrecognized key: "receive"',
      '3: a desk needs a secret: secretEnv or secretFile',
      `4.secretFile: ${join(folder, 'empty')} is empty`,
      '5.secretFile: the secret is not whsec_ and base64 text',
      '6: Invalid input: expected object, received null',
    ])
  })
})
