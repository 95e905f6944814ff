import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AN_EVENT } from './desk-conformance.ts'
import { type DeskConfig, DeskConfigSchema, openDesks } from './desks.ts'
import { openReceiver, SECRET } from './receiver.ts'
import { CASE_EVENTS } from './routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'wanglou-desks-'))
afterAll(() => rmSync(folder, { recursive: true }))
const deps = { env: { CITY_SECRET: SECRET }, site: 'binhai', now: () => Date.now() }
const config = (given: object = {}): DeskConfig => DeskConfigSchema.parse({ name: 'city', url: 'http://127.0.0.1:9/hook', secret: { env: 'CITY_SECRET' }, ...given })

describe('desks of the configuration', () => {
  it.each([
    ['the environment', { env: 'CITY_SECRET' }],
    ['a file', { file: join(folder, 'secret') }],
    ['both while it changes', [{ file: join(folder, 'secret') }, { env: 'CITY_SECRET' }]],
  ])('sign with a secret from %s', async (_where, secret) => {
    writeFileSync(join(folder, 'secret'), `${SECRET}\n`)
    const receiver = await openReceiver()
    const { desks } = openDesks([config({ url: receiver.url.href, secret, allow: ['127.0.0.1'] })], deps)
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
    const wrong = [config({ secret: { env: 'NOBODY' } }), config({ allow: ['10.0.0.0/99'] }), config({ name: 'x', secret: { file: join(folder, 'none') } })]
    expect(() => openDesks(wrong, deps)).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        details: [
          { where: 'desks.0 (city)', why: 'the environment has no NOBODY' },
          { where: 'desks.1.name', why: 'city is the name of another desk' },
          { where: 'desks.1 (city)', why: '10.0.0.0/99 is neither a CIDR block, nor an address, nor a host name' },
          { where: 'desks.2 (x)', why: expect.stringContaining('ENOENT') },
        ],
      }),
    )
  })

  it.each([{ url: 'ftp://x/' }, { url: 'file:///etc/passwd' }, { secret: SECRET }, { secret: [] }, { name: '../x' }, { extra: 1 }])('are not of the form with %j', (given) => {
    expect(() => config(given)).toThrow()
  })
})
