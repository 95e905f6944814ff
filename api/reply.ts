import type { ServerResponse } from 'node:http'
import type { Packed } from './packed.ts'

/** What a handler gives back; reply → response is the server's business. `session` begins one, null ends it. */
export type Reply =
  | { json: unknown; status?: 200 | 201 | 202 | 503; session?: string; location?: string }
  /** JSON that is the same for everybody and large: made once, sent with an ETag. */
  | { packed: Packed }
  | { text: string; type: string }
  /** `tag` names the content for good: it may be kept for ever. Without, it may not be kept. */
  | { bytes: Uint8Array; type: string; tag?: string; headers?: Record<string, string> }
  | { redirect: string; session: string }
  | { nothing: true; session?: null }
  | { stream: (response: ServerResponse) => void }

export const json = (value: unknown): Reply => ({ json: value })
/** Work that goes on: how it stands can be asked at `location`. */
export const accepted = (value: unknown, location: string): Reply => ({ json: value, status: 202, location })
export const created = (value: unknown): Reply => ({ json: value, status: 201 })
