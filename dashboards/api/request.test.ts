import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Problem, problemOf, readProblem } from './problem.ts'
import { eachPage, request, withQuery } from './request.ts'

let server: Server
let base: string

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://page')
    const answer = (status: number, body: string): void => void outgoing.writeHead(status).end(body)
    if (url.pathname === '/list') {
      const from = Number(url.searchParams.get('cursor') ?? 0)
      const to = from + Number(url.searchParams.get('limit'))
      return answer(200, JSON.stringify({ items: Array.from({ length: Math.min(to, 10) - from }, (_, n) => from + n), next: to < 10 ? String(to) : null }))
    }
    if (url.pathname === '/illegal') return answer(409, JSON.stringify({ code: 'case.illegal_move', detail: 'no', allowed: ['closed', 7] }))
    if (url.pathname === '/proxy') return answer(200, '<html>')
    if (url.pathname === '/gone') return answer(204, '')
    if (url.pathname === '/echo') return void incoming.pipe(outgoing)
    answer(502, '<html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const problemFrom = (path: string, at = base): Promise<Problem> => request(path, {}, at).then(() => expect.unreachable(), problemOf)

describe('a call', () => {
  it('sends and reads JSON, and nothing for nothing', async () => {
    expect(await request('/echo', { method: 'POST', body: { verdict: 'benign' } }, base)).toEqual({ verdict: 'benign' })
    expect(await request('/gone', {}, base)).toBeUndefined()
  })

  it('gives a refusal its code and what is allowed instead', async () => {
    expect(await problemFrom('/illegal')).toMatchObject({ code: 'case.illegal_move', status: 409, allowed: ['closed'], retry: false })
  })

  it('names a refusal that is not ours by its status', async () => {
    expect(await problemFrom('/broken')).toMatchObject({ code: 'http.502', retry: true })
  })

  it('does not take a proxy page for data', async () => {
    expect(await problemFrom('/proxy')).toMatchObject({ code: 'network' })
  })

  it('says when nobody answers, and that trying again can help', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const port = (free.address() as AddressInfo).port
    await new Promise((resolve) => free.close(resolve))
    expect(await problemFrom('/', `http://127.0.0.1:${port}`)).toMatchObject({ code: 'network', retry: true })
  })

  it('that was called off is no problem of the network', async () => {
    const abort = new AbortController()
    abort.abort()
    await expect(request('/echo', { signal: abort.signal }, base)).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a list', () => {
  it('is handed over page by page to its end', async () => {
    const pages: number[][] = []
    expect(await eachPage<number>('/list', { limit: 4, most: 100 }, (items) => pages.push(items), base)).toBeNull()
    expect(pages).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
  })

  it('stops at its measure and says where it goes on', async () => {
    const seen: number[] = []
    expect(await eachPage<number>('/list', { limit: 4, most: 4, cursor: '2' }, (items) => seen.push(...items), base)).toBe('6')
    expect(seen).toEqual([2, 3, 4, 5])
  })
})

it('leaves empty questions out of the address', () => {
  expect(withQuery('/a', { b: 1, c: undefined, d: '', e: 'x y' })).toBe('/a?b=1&e=x+y')
  expect(withQuery('/a')).toBe('/a')
})

it.each([[null], ['text'], [{ code: 7 }]])('reads a problem from %o without failing', (body) => {
  expect(readProblem(500, body)).toMatchObject({ code: 'http.500', status: 500 })
})
