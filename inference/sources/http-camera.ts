import { randomBytes } from 'node:crypto'
import { CodedError, messageOf } from '../../domain/errors.ts'
import { authorize, type Challenge, type Credentials, chooseChallenge, parseAddress } from '../../drivers/credentials.ts'

const MAX_BYTES = 16 * 1024 * 1024
/** Of what comes with a refusal only so much is read, for the sake of the connection. */
const MAX_REFUSAL_BYTES = 64 * 1024

/**
 * A camera that gives one picture per request. The connection is kept between requests, and so is what the camera wants to be shown
 * (Basic, Digest): name and password are never sent plain before it asks for them.
 */
export class HttpCamera {
  readonly #address: URL
  readonly #credentials: Credentials | null
  #challenge: Challenge | undefined
  #count = 0

  /** Throws `source.failed` for an address that is none. */
  constructor(url: string) {
    const parsed = parseAddress(url)
    if (!parsed) throw new CodedError('source.failed', 'the address of an HTTP source is not a URL')
    if (!/^https?:$/.test(parsed.address.protocol)) throw new CodedError('source.failed', 'the address of an HTTP source begins with http:// or https://')
    this.#address = parsed.address
    this.#credentials = parsed.credentials
  }

  /** The bytes of its picture now. Throws `source.failed`, with no secret in its text. */
  async picture(signal: AbortSignal): Promise<Uint8Array> {
    try {
      const first = await this.#ask(signal)
      const response = first.status === 401 && (await this.#challenged(first)) ? await this.#ask(signal) : first
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      const type = response.headers.get('content-type') ?? ''
      if (type.startsWith('multipart/')) throw new Error(`it sends a stream (${type.split(';')[0]}) where one picture is asked for`)
      return await bodyOf(response, MAX_BYTES)
    } catch (error) {
      throw new CodedError('source.failed', `${this.#address.origin}: ${reasonOf(error)}`)
    }
  }

  #ask(signal: AbortSignal): Promise<Response> {
    const uri = `${this.#address.pathname}${this.#address.search}`
    const asked = { method: 'GET', uri, count: ++this.#count, cnonce: randomBytes(8).toString('hex') }
    const headers: Record<string, string> = this.#challenge && this.#credentials ? { authorization: authorize(this.#challenge, this.#credentials, asked) } : {}
    // The address was set by an admin; one that it redirects to was not.
    return fetch(this.#address, { headers, redirect: 'error', signal })
  }

  /** True when there is something new to answer. A nonce that grew old is replaced; a wrong password stays wrong. */
  async #challenged(refusal: Response): Promise<boolean> {
    const challenge = chooseChallenge([refusal.headers.get('www-authenticate') ?? ''])
    const before = this.#challenge
    if (!challenge || !this.#credentials || (before && before.scheme === challenge.scheme && before.nonce === challenge.nonce)) return false
    this.#challenge = challenge
    this.#count = 0
    await bodyOf(refusal, MAX_REFUSAL_BYTES)
    return true
  }
}

/** fetch says "fetch failed" and tells the reason only in its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error && error.message === 'fetch failed' ? messageOf(error.cause) : messageOf(error)
}

async function bodyOf(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > most) throw new Error(`the picture is larger than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
