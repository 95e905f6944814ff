import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect as connectPlain, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { CodedError, messageOf } from '../domain/errors.ts'
import { authorize, type Challenge, type Credentials, chooseChallenge, parseAddress } from './credentials.ts'
import { headerOf, headersOf, RtspCutter, type RtspPiece, withHeader } from './rtsp-cutter.ts'

/** Where ffmpeg finds a camera without knowing its address, name or password. */
export interface Relay {
  /** On this machine, good for one connection. */
  url: string
  /** Why the camera could not be reached or went away, if that is what happened. */
  failure(): string | undefined
  close(): void
}

const PORTS = { 'rtsp:': 554, 'rtsps:': 322 }

/**
 * Opens a relay to an RTSP camera. What a process is started with can be read by everybody on the machine: so ffmpeg is given an
 * address of this machine, and the relay logs in at the camera (Basic, Digest with MD5 or SHA-256), speaks TLS and follows no
 * redirect. Throws `source.failed` for an address that is none.
 */
export async function relayRtsp(address: string): Promise<Relay> {
  const camera = parseAddress(address)
  if (!camera || !/^rtsps?:$/.test(camera.address.protocol)) throw new CodedError('source.failed', 'the address of an RTSP source begins with rtsp:// or rtsps://')
  const secret = randomBytes(16).toString('hex')
  const server = createServer({ allowHalfOpen: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}`
  const line = new Line(camera, url)
  server.on('connection', (socket: Socket) => line.take(socket, server))
  return {
    url,
    failure: () => line.failure,
    close: () => {
      server.close()
      line.close()
    },
  }
}

/** A request that the camera has not answered yet. */
interface Asked {
  head: string
  body: Buffer
  method: string
  uri: string
  /** ffmpeg's own number for it. */
  cseq: string
  authorized: number
}

/** Answering a challenge twice means that the password is wrong; once more is for a nonce that grew old. */
const MOST_ANSWERS = 2

/** One connection of ffmpeg, and the one to the camera that belongs to it. */
class Line {
  readonly #camera: { address: URL; credentials: Credentials | null }
  readonly #base: string
  readonly #asked = new Map<string, Asked>()
  #near: Socket | undefined
  #far: Socket | undefined
  #challenge: Challenge | undefined
  #count = 0
  #cseq = 0
  #closed = false
  failure: string | undefined

  constructor(camera: { address: URL; credentials: Credentials | null }, base: string) {
    this.#camera = camera
    this.#base = base
  }

  /** The first that knows the secret is ffmpeg; nobody else gets in. */
  take(near: Socket, server: Server): void {
    near.on('error', () => near.destroy())
    near.once('data', (first: Buffer) => {
      near.pause()
      if (this.#near || this.#closed || !first.toString('latin1').split('\r\n', 1)[0]?.includes(this.#base)) return void near.destroy()
      this.#near = near
      server.close()
      this.#connect(near, first)
    })
  }

  close(): void {
    this.#closed = true
    this.#near?.destroy()
    this.#far?.destroy()
  }

  #connect(near: Socket, first: Buffer): void {
    const { protocol, hostname, port } = this.#camera.address
    const host = hostname.replace(/^\[|\]$/g, '')
    const at = { host, port: Number(port || PORTS[protocol as keyof typeof PORTS]) }
    // Cameras sign their certificates themselves; TLS keeps listeners out all the same.
    const far = protocol === 'rtsps:' ? connectTls({ ...at, rejectUnauthorized: false }) : connectPlain(at)
    this.#far = far
    far.on('error', (error) => this.#fail(messageOf(error)))
    far.on('close', () => near.end())
    near.on('close', () => far.destroy())
    this.#join(near, far, (piece) => this.#request(piece))
    this.#join(far, near, (piece) => this.#answer(piece))
    near.emit('data', first)
    near.resume()
  }

  /** Passes on what comes from one side, as far as the other takes it. */
  #join(from: Socket, to: Socket, pass: (piece: RtspPiece) => Buffer | undefined): void {
    const cutter = new RtspCutter()
    from.on('data', (chunk: Buffer) => {
      try {
        for (const piece of cutter.push(chunk)) {
          const out = pass(piece)
          if (out && !to.destroyed && !to.write(out)) from.pause()
        }
      } catch (error) {
        this.#fail(messageOf(error))
      }
    })
    to.on('drain', () => from.resume())
  }

  #fail(why: string): void {
    if (!this.#closed) this.failure ??= why
    this.close()
  }

  #request(piece: RtspPiece): Buffer | undefined {
    if ('binary' in piece) return piece.binary
    const [line = '', ...rest] = piece.head.split('\r\n')
    const [method = '', uri = '', version = ''] = line.split(' ')
    // What ffmpeg answers to a camera's own question goes as it is.
    if (method.startsWith('RTSP/')) return written(piece.head, piece.body)
    const real = uri.startsWith(this.#base) ? this.#camera.address.href + uri.slice(this.#base.length) : uri
    const head = [`${method} ${real} ${version}`, ...rest].join('\r\n')
    return this.#ask({ head, body: piece.body, method, uri: real, cseq: headerOf(piece.head, 'CSeq') ?? '', authorized: 0 })
  }

  #ask(asked: Asked): Buffer {
    const cseq = String(++this.#cseq)
    this.#asked.set(cseq, asked)
    const { credentials } = this.#camera
    const { method, uri } = asked
    const header =
      this.#challenge && credentials ? authorize(this.#challenge, credentials, { method, uri, count: ++this.#count, cnonce: randomBytes(8).toString('hex') }) : undefined
    if (header) asked.authorized++
    return written(withHeader(withHeader(asked.head, 'CSeq', cseq), 'Authorization', header), asked.body)
  }

  #answer(piece: RtspPiece): Buffer | undefined {
    if ('binary' in piece) return piece.binary
    const status = Number(/^RTSP\/\d\.\d (\d{3})/.exec(piece.head)?.[1] ?? 0)
    const number = headerOf(piece.head, 'CSeq') ?? ''
    const asked = status === 0 ? undefined : this.#asked.get(number)
    if (!asked) return written(piece.head, piece.body)
    this.#asked.delete(number)
    if (status === 401 && this.#mayAnswer(asked, piece.head)) {
      this.#far?.write(this.#ask(asked))
      return undefined
    }
    if (status >= 300 && status < 400) {
      // Its address was set by an admin; the one that it names was not.
      this.failure ??= `the camera sends elsewhere (RTSP ${status})`
      return written(`RTSP/1.0 403 Forbidden\r\nCSeq: ${asked.cseq}`, Buffer.alloc(0))
    }
    if (status >= 400 && asked.method !== 'GET_PARAMETER' && asked.method !== 'OPTIONS') this.failure ??= piece.head.split('\r\n', 1)[0]
    return written(withHeader(piece.head, 'CSeq', asked.cseq), piece.body)
  }

  #mayAnswer(asked: Asked, head: string): boolean {
    const challenge = chooseChallenge(headersOf(head, 'WWW-Authenticate'))
    if (!challenge || !this.#camera.credentials) return false
    if (asked.authorized >= MOST_ANSWERS || (asked.authorized > 0 && challenge.nonce === this.#challenge?.nonce)) return false
    this.#challenge = challenge
    this.#count = 0
    return true
  }
}

function written(head: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body])
}
