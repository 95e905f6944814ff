import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeedEvent } from '../domain/feed.ts'
import type { Role } from '../domain/role.ts'
import { formatInstant } from '../domain/time.ts'
import { type AccessStore, openAccess } from '../store/access/access.ts'
import type { ApiDeps, FeedStore } from './deps.ts'
import { alertIn, NOW, partsOf } from './doubles.ts'
import { createFeed, type Feed, type FeedLimits } from './feed.ts'
import { createApi } from './server.ts'

/** Events as the book keeps them; `horizon` is the last seq that is gone. */
export class MemoryFeedStore implements FeedStore {
  readonly events: Extract<FeedEvent, { seq: number }>[] = []
  horizon = 0
  seq = 0
  /** Holds the read of this number, counted from 1, until `release`: lets things happen while a viewer catches up. */
  holdRead = 0
  reads = 0
  readonly #held = Promise.withResolvers<void>()
  release = this.#held.resolve

  alert(area: string, size = 0): Extract<FeedEvent, { seq: number }> {
    const seq = ++this.seq
    const event = { event: 'alert', seq, area, data: { ...alertIn(area, `a${seq}`), key: 'x'.repeat(size) } } as const
    this.events.push(event)
    return event
  }

  rule(id: string): Extract<FeedEvent, { seq: number }> {
    const data = { id, version: 2, state: 'draft', areas: null, by: 'lin', at: formatInstant(NOW), note: '' } as const
    const event = { event: 'rule', seq: ++this.seq, area: null, data } as const
    this.events.push(event)
    return event
  }

  async since(seq: number, limit: number): Promise<FeedEvent[] | 'gone'> {
    // The answer is what the book held when it was asked, as with a database.
    const answer = seq < this.horizon ? 'gone' : this.events.filter((event) => event.seq > seq && event.seq > this.horizon).slice(0, limit)
    if (++this.reads === this.holdRead) await this.#held.promise
    return answer
  }

  head = async (): Promise<number> => this.seq
}

export interface TestCity {
  url: string
  store: AccessStore
  feed: Feed
  book: MemoryFeedStore
  deps: ApiDeps
  /** What was logged as an error. */
  errors: object[]
  /** Tokens by `role` and by `role in area`. */
  token(role: Role, area?: string): string
  /** One request below /api/v1. */
  ask(path: string, ask?: Ask): Promise<Response>
  close(): Promise<void>
}

export interface Ask {
  /** Sends the token of this role. */
  as?: Role
  method?: string
  headers?: Record<string, string>
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown
}

function asked(url: string, token: string | undefined, { method = 'GET', headers = {}, body }: Ask): Promise<Response> {
  return fetch(url, {
    ...{ method, redirect: 'manual' },
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

export async function startCity(change: Partial<ApiDeps> = {}, limits: Partial<FeedLimits> = {}): Promise<TestCity> {
  const folder = mkdtempSync(join(tmpdir(), 'wanglou-api-'))
  const store = openAccess(join(folder, 'access.db'), { now: () => NOW, cost: { N: 2 ** 8, r: 8, p: 1 } })
  const errors: object[] = []
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push(fields) }
  const book = new MemoryFeedStore()
  const feed = createFeed({ store: book, log, limits: { tickMs: 20, checkMs: 20, ...limits } })
  const deps = { ...partsOf(store, feed), log, ...change }
  const server = await createApi(deps).listen('127.0.0.1', 0)
  const url = `http://127.0.0.1:${server.port}`
  const tokens = new Map<string, string>()
  const token = (role: Role, area = ''): string => {
    const name = `${role} ${area}`.trim()
    const known = tokens.get(name) ?? store.keys.addToken(name, role, area)
    tokens.set(name, known)
    return known
  }
  return {
    ...{ url, store, feed, book, deps, errors, token },
    ask: (path, ask = {}) => asked(`${url}/api/v1/${path}`, ask.as && token(ask.as), ask),
    async close() {
      await server.close()
      store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
