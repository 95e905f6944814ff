import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AccessStore, openAccess } from '../store/access/access.ts'
import { watchAccess } from './access-watch.ts'
import { createConnections } from './connections.ts'

let folder: string
/** The platform's, and that of a command in another process. */
let [store, command]: AccessStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-connections-'))
  ;[store, command] = [1, 2].map(() => openAccess(join(folder, 'access.db'), { now: Date.now }))
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
  store?.close()
  command?.close()
  rmSync(folder, { recursive: true })
})

describe('what another process changed', () => {
  it('is seen within a quarter of a second, and only then', () => {
    const changed = vi.fn()
    const stop = watchAccess(store as AccessStore, changed)
    vi.advanceTimersByTime(10_000)
    expect(changed).toHaveBeenCalledTimes(0)
    command?.keys.addToken('wall', 'viewer', '')
    vi.advanceTimersByTime(250)
    expect(changed).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(10_000)
    expect(changed).toHaveBeenCalledTimes(1)
    stop()
    command?.keys.removeToken('wall')
    vi.advanceTimersByTime(10_000)
    expect(changed).toHaveBeenCalledTimes(1)
  })

  it('sends away those whose password or token was taken back, and nobody else', async () => {
    const connections = createConnections(store as AccessStore)
    const passwords = [await command?.keys.addGateway('gw-1'), await command?.keys.addGateway('gw-2'), command?.keys.addToken('wall', 'viewer', '')]
    for (const [index, clientId] of ['gw-1', 'gw-2', 'wall'].entries())
      expect(await connections.authenticate({ clientId, username: clientId, password: passwords[index] ?? '' })).toMatchObject({ kind: index < 2 ? 'gateway' : 'consumer' })
    command?.keys.removeGateway('gw-1')
    command?.keys.removeToken('wall')
    const disconnect = vi.fn()
    await connections.recheck({ disconnect })
    expect(disconnect.mock.calls).toEqual([['gw-1'], ['wall']])
    await connections.recheck({ disconnect })
    expect(disconnect).toHaveBeenCalledTimes(2)
  })
})
