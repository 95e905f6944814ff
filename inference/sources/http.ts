import { setTimeout as wait } from 'node:timers/promises'
import { CodedError, messageOf } from '../../domain/errors.ts'
import { readPicture, toStill } from '../picture.ts'
import { type Frame, type SourceNeeds, STILL_WIDTH, stallMs } from './frame.ts'

const MAX_BYTES = 16 * 1024 * 1024

/** A camera that gives one picture per request, asked `fps` times a second. */
export async function* httpFrames(url: string, needs: SourceNeeds, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const { address, headers } = requestOf(url)
  const interval = 1000 / needs.fps
  for (let due = needs.now(); !signal.aborted; due = Math.max(due + interval, needs.now())) {
    if (!(await pause(due - needs.now(), signal))) return
    const frame = await ask(address, headers, needs, signal)
    if (frame) yield frame
  }
}

async function ask(address: URL, headers: Record<string, string>, needs: SourceNeeds, signal: AbortSignal): Promise<Frame | undefined> {
  try {
    // The address was set by an admin; one that it redirects to was not.
    const response = await fetch(address, { headers, redirect: 'error', signal: AbortSignal.any([signal, AbortSignal.timeout(stallMs(needs.fps))]) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    const at = needs.now()
    const bytes = await bodyOf(response)
    const [picture, jpeg] = await Promise.all([readPicture(bytes, needs.input), toStill(bytes, STILL_WIDTH)])
    return { at, rgb: picture.rgb, picture: picture.size, jpeg }
  } catch (error) {
    if (signal.aborted) return undefined
    throw new CodedError('source.failed', `${address.origin}${address.pathname}: ${messageOf(error)}`)
  }
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MAX_BYTES) throw new Error(`the picture is larger than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Name and password move from the address, where fetch refuses them, into a header. */
function requestOf(url: string): { address: URL; headers: Record<string, string> } {
  if (!URL.canParse(url)) throw new CodedError('source.failed', 'the address of an HTTP source is not a URL')
  const address = new URL(url)
  if (address.protocol !== 'http:' && address.protocol !== 'https:') throw new CodedError('source.failed', 'the address of an HTTP source begins with http:// or https://')
  const { username, password } = address
  address.username = ''
  address.password = ''
  if (!username) return { address, headers: {} }
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { address, headers: { authorization: `Basic ${secret}` } }
}

/** False when aborted meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
