import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AN_EVENT } from './desk-conformance.ts'
import { type DeskConfig, openDesks } from './desks.ts'
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

  it('say everything that is wrong with them at once', () => {
    const wrong = [
      config({ secretEnv: 'NOBODY' }),
      config({ allow: ['10.0.0.0/99'] }),
      config({ name: 'x', secretFile: join(folder, 'none') }),
      config({ name: 'y', secretEnv: undefined }),
    ]
    expect(() => openDesks(wrong, deps)).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        details: [
          { where: 'desks.0 (city)', why: 'the environment has no NOBODY' },
          { where: 'desks.1.name', why: 'city is the name of another desk' },
          { where: 'desks.1 (city)', why: '10.0.0.0/99 is neither a CIDR block, nor an address, nor a host name' },
          { where: 'desks.2 (x)', why: expect.stringContaining('ENOENT') },
          { where: 'desks.3 (y)', why: 'a desk needs a secret' },
        ],
      }),
    )
  })
})
