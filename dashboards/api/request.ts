import { Problem, readProblem } from './problem.ts'

export const API = '/api/v1'

/** Cursor-paged list of the contract. */
export interface List<T> {
  items: T[]
  next: string | null
}

export type Query = Record<string, string | number | undefined>

export function withQuery(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]]))
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  query?: Query
  body?: unknown
  signal?: AbortSignal | undefined
}

/** One call of the API. Throws Problem for a refusal and for silence (`network`); an aborted call throws the abort. */
export async function request<T>(path: string, call: Call = {}, base: string = API): Promise<T> {
  const { method = 'GET', query, body, signal = null } = call
  const init: RequestInit = { method, signal, credentials: 'same-origin', headers: { accept: 'application/json' } }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...init.headers, 'content-type': 'application/json' }
  }
  const response = await send(withQuery(base + path, query), init)
  const text = await response.text()
  const json = parse(text)
  if (!response.ok) throw readProblem(response.status, json)
  // An answer that is not ours, for example a proxy's login page with status 200, must not pass for data.
  if (json === undefined && text !== '') throw new Problem('network', response.status, 'The answer is not JSON.')
  return json as T
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new Problem('network', 0, cause instanceof Error ? cause.message : String(cause))
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Every page of a list, handed over as each arrives so that the first is seen at once; stops at `most` items. Answers the cursor left over. */
export async function eachPage<T>(
  path: string,
  call: { query?: Query; limit: number; most: number; cursor?: string; signal?: AbortSignal | undefined },
  take: (items: T[]) => void,
  base: string = API,
): Promise<string | null> {
  let cursor: string | null = call.cursor ?? null
  let seen = 0
  do {
    const page: List<T> = await request<List<T>>(path, { query: { ...call.query, limit: call.limit, cursor: cursor ?? undefined }, signal: call.signal }, base)
    take(page.items)
    seen += page.items.length
    cursor = page.items.length === 0 ? null : page.next
  } while (cursor !== null && seen < call.most)
  return cursor
}
