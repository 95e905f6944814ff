import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../drivers/sqlite.ts'
import { type AccessStore, openAccess } from './access.ts'

const CHEAP = { N: 2 ** 8, r: 8, p: 1 }
const HOUR = 3_600_000
let folder: string
let path: string
let clock: number
let store: AccessStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-access-'))
  path = join(folder, 'access.db')
  clock = Date.UTC(2026, 10, 21)
  store = open()
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

function open(): AccessStore {
  return openAccess(path, { now: () => clock, cost: CHEAP })
}

/** The file as another process would change it. */
async function elsewhere(change: (other: AccessStore) => unknown): Promise<void> {
  const other = open()
  await change(other)
  other.close()
}

const code = (code: string): unknown => expect.objectContaining({ code })

describe('people', () => {
  beforeEach(() => store.keys.addUser('王芳', 'operator', '310104', 'correct horse'))

  it('come in with name and password, and are known by the session', async () => {
    const { session, principal } = await store.access.login('王芳', 'correct horse', '10.0.0.1')
    expect(principal).toEqual({ name: '王芳', role: 'operator', area: '310104' })
    expect(await store.access.session(session)).toEqual(principal)
    await store.access.logout(session)
    expect(await store.access.session(session)).toBeUndefined()
  })

  it.each([
    ['王芳', 'wrong horse', 'a wrong password'],
    ['王方', 'correct horse', 'a name that nobody bears'],
    ['demo', '', 'a user who has no password'],
  ])('%s / %s is refused: %s', async (name, password) => {
    store.keys.makeLoginCode({ name: 'demo', role: 'admin', area: '' })
    await expect(store.access.login(name, password, '10.0.0.1')).rejects.toEqual(code('auth.wrong'))
  })

  it('spend the same work on a name that nobody bears', async () => {
    const dear = openAccess(path, { now: () => clock, cost: { N: 2 ** 15, r: 8, p: 1 } })
    await dear.keys.addUser('known', 'viewer', '', 'correct horse')
    const time = async (name: string): Promise<number> => {
      const begin = performance.now()
      await dear.access.login(name, 'wrong', '10.0.0.1').catch(() => undefined)
      return performance.now() - begin
    }
    await time('warm')
    const [known, unknown] = [Math.min(await time('known'), await time('known')), Math.min(await time('x'), await time('y'))]
    dear.close()
    expect(unknown).toBeGreaterThan(known / 3)
  })

  it('lose their sessions when they are removed, and change role at once, from another process', async () => {
    const { session } = await store.access.login('王芳', 'correct horse', '10.0.0.1')
    const raw = openDatabase(path, { synchronous: 'FULL' })
    raw.prepare("UPDATE principal SET role = 'viewer' WHERE name = '王芳'").run()
    raw.close()
    expect(await store.access.session(session)).toMatchObject({ role: 'viewer' })
    const before = store.version()
    await elsewhere((other) => other.keys.removeUser('王芳'))
    expect(store.version()).not.toBe(before)
    expect(await store.access.session(session)).toBeUndefined()
  })

  it('stay in while they work, twelve hours at most without, seven days at most at all', async () => {
    const idle = await store.access.login('王芳', 'correct horse', '10.0.0.1')
    clock += 11 * HOUR
    expect(await store.access.session(idle.session)).toBeDefined()
    clock += 11 * HOUR
    expect(await store.access.session(idle.session)).toBeDefined()
    clock += 12 * HOUR
    expect(await store.access.session(idle.session)).toBeUndefined()
    const busy = await store.access.login('王芳', 'correct horse', '10.0.0.1')
    for (let hours = 0; hours < 7 * 24 - 1; hours++) {
      clock += HOUR
      expect(await store.access.session(busy.session)).toBeDefined()
    }
    clock += HOUR
    expect(await store.access.session(busy.session)).toBeUndefined()
  })

  it('come in once by a login link, and not after its time', async () => {
    const link = store.keys.makeLoginCode({ name: 'demo', role: 'admin', area: '' })
    const { session, principal } = await store.access.redeem(link)
    expect(principal).toEqual({ name: 'demo', role: 'admin', area: '' })
    expect(await store.access.session(session)).toEqual(principal)
    await expect(store.access.redeem(link)).rejects.toEqual(code('auth.wrong'))
    const late = store.keys.makeLoginCode({ name: 'demo', role: 'admin', area: '' }, 1000)
    clock += 1000
    await expect(store.access.redeem(late)).rejects.toEqual(code('auth.wrong'))
  })
})

describe('throttling', () => {
  const wrong = async (name: string, address: string): Promise<string> => {
    try {
      await store.access.login(name, 'wrong', address)
      return 'in'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  beforeEach(() => store.keys.addUser('an', 'viewer', '', 'correct horse'))

  it('lets ten attempts at one account through, one more after half a minute, many at once or not', async () => {
    const codes = await Promise.all(Array.from({ length: 15 }, (_, n) => wrong('an', `10.0.0.${n}`)))
    expect(codes.filter((c) => c === 'auth.wrong')).toHaveLength(10)
    expect(codes.filter((c) => c === 'auth.throttled')).toHaveLength(5)
    clock += 30_000
    expect([await wrong('an', '10.0.0.1'), await wrong('an', '10.0.0.1')]).toEqual(['auth.wrong', 'auth.throttled'])
  })

  it('says after how many seconds to come back', async () => {
    for (let n = 0; n < 10; n++) await wrong('an', '10.0.0.1')
    await expect(store.access.login('an', 'correct horse', '10.0.0.1')).rejects.toMatchObject({ code: 'auth.throttled', extra: { retryAfterS: 30 } })
  })

  it('stops an address that tries many accounts', async () => {
    const codes: string[] = []
    for (let n = 0; n < 51; n++) codes.push(await wrong(`user${n}`, '2001:db8:1:2::9'))
    expect(codes.slice(0, 50)).not.toContain('auth.throttled')
    expect(codes[50]).toBe('auth.throttled')
    expect(await wrong('another', '2001:db8:1:2:aaaa::1')).toBe('auth.throttled')
    expect(await wrong('another', '2001:db8:1:3::9')).toBe('auth.wrong')
  })

  it('does not lock the owner out of where they came in before', async () => {
    await store.access.login('an', 'correct horse', '10.0.0.7')
    for (let n = 0; n < 12; n++) await wrong('an', '10.9.9.9')
    expect(await wrong('an', '10.9.9.9')).toBe('auth.throttled')
    expect((await store.access.login('an', 'correct horse', '10.0.0.7')).principal.name).toBe('an')
  })

  it('does not count attempts that succeed', async () => {
    for (let n = 0; n < 30; n++) await store.access.login('an', 'correct horse', '10.0.0.7')
    expect((await store.access.login('an', 'correct horse', '10.0.0.7')).principal.name).toBe('an')
  })
})

describe('programs', () => {
  it('are known by their token until it is removed', async () => {
    const token = store.keys.addToken('desk', 'dispatcher', '')
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(await store.access.token(token)).toEqual({ name: 'desk', role: 'dispatcher', area: '' })
    expect(await store.access.token(`${token}x`)).toBeUndefined()
    await elsewhere((other) => other.keys.removeToken('desk'))
    expect(await store.access.token(token)).toBeUndefined()
  })

  it('a gateway is known by its password; a new one replaces it at once, even from another process', async () => {
    let password = await store.keys.addGateway('gw1')
    const old = password
    for (let n = 0; n < 2; n++) expect(await store.access.gateway('gw1', password)).toBe(true)
    expect(await store.access.gateway('gw1', 'wrong')).toBe(false)
    expect(await store.access.gateway('gw2', password)).toBe(false)
    await elsewhere(async (other) => {
      other.keys.removeGateway('gw1')
      password = await other.keys.addGateway('gw1')
    })
    expect([await store.access.gateway('gw1', old), await store.access.gateway('gw1', password)]).toEqual([false, true])
  })

  it('a user is no token and a token is no user', async () => {
    await store.keys.addUser('an', 'viewer', '', 'correct horse')
    const token = store.keys.addToken('bot', 'viewer', '')
    await expect(store.access.login('bot', token, '10.0.0.1')).rejects.toEqual(code('auth.wrong'))
    expect(await store.access.token('correct horse')).toBeUndefined()
  })
})

describe('keys', () => {
  it.each([
    ['a name that is taken', (s: AccessStore) => s.keys.addToken('an', 'viewer', ''), 'name.taken'],
    ['a reserved name', (s: AccessStore) => s.keys.addToken('platform', 'viewer', ''), 'request.invalid'],
    ['a name with a line break', (s: AccessStore) => s.keys.addToken('a\nb', 'viewer', ''), 'request.invalid'],
    ['an area that is no code', (s: AccessStore) => s.keys.addToken('b', 'viewer', 'north'), 'request.invalid'],
    ['a role that there is not', (s: AccessStore) => s.keys.addToken('b', 'root' as 'admin', ''), 'request.invalid'],
    ['a short password', (s: AccessStore) => s.keys.addUser('b', 'viewer', '', '1234567'), 'request.invalid'],
    ['a gateway id with a slash', (s: AccessStore) => s.keys.addGateway('a/b'), 'request.invalid'],
    ['a gateway that is there', (s: AccessStore) => s.keys.addGateway('gw1'), 'name.taken'],
    ['removing what is not there', async (s: AccessStore) => s.keys.removeUser('b'), 'not_found'],
  ])('refuses %s', async (_, act, expected) => {
    await store.keys.addUser('an', 'viewer', '', 'correct horse')
    await store.keys.addGateway('gw1')
    await expect((async () => act(store))()).rejects.toEqual(code(expected))
  })

  it('lists what was given out, and keeps no secret in the clear', async () => {
    await store.keys.addUser('an', 'viewer', '', 'correct horse')
    const secrets = [
      'correct horse',
      store.keys.addToken('bot', 'admin', '310104'),
      await store.keys.addGateway('gw1'),
      store.keys.makeLoginCode({ name: 'demo', role: 'admin', area: '' }),
    ]
    secrets.push((await store.access.login('an', 'correct horse', '10.0.0.1')).session)
    expect(store.keys.users().map((user) => user.name)).toEqual(['an', 'demo'])
    expect(store.keys.tokens()).toEqual([{ name: 'bot', role: 'admin', area: '310104', at: clock }])
    expect(store.keys.gateways()).toEqual([{ id: 'gw1', at: clock }])
    for (const secret of secrets) {
      const found = spawnSync('grep', ['-rlaF', '--', secret, folder], { encoding: 'utf8' })
      expect(found.stdout).toBe('')
      expect(found.status).toBe(1)
    }
    for (const file of ['access.db', 'access.db-wal']) expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
  })
})

describe('audit', () => {
  it('is listed newest first, page by page', async () => {
    for (let n = 0; n < 5; n++) store.audit.append({ at: new Date(clock + n).toISOString(), by: 'an', what: 'alert.verdict', target: `a${n}`, detail: '{}' })
    const first = await store.audit.list({ limit: 2 })
    const second = await store.audit.list({ limit: 2, cursor: first.next ?? '' })
    const third = await store.audit.list({ limit: 2, cursor: second.next ?? '' })
    expect([first, second, third].map((page) => page.items.map((entry) => entry.target))).toEqual([['a4', 'a3'], ['a2', 'a1'], ['a0']])
    expect(third.next).toBeNull()
    expect(first.items[0]).toEqual({ at: '2026-11-21T00:00:00.004Z', by: 'an', what: 'alert.verdict', target: 'a4', detail: '{}' })
    await expect(store.audit.list({ limit: 2, cursor: 'x' })).rejects.toEqual(code('cursor.invalid'))
  })

  it('tells of keys that the command line gave out', async () => {
    await store.keys.addUser('an', 'viewer', '310104', 'correct horse')
    expect((await store.audit.list({ limit: 1 })).items).toEqual([
      { at: '2026-11-21T00:00:00.000Z', by: 'command-line', what: 'user.add', target: 'an', detail: 'viewer in 310104' },
    ])
  })
})
