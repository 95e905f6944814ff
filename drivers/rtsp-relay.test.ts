import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { RtspCutter, type RtspPiece } from './rtsp-cutter.ts'
import { type Relay, relayRtsp } from './rtsp-relay.ts'

const ANSWER = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nv=0\r\n'
const PACKET = Buffer.from([0x24, 0, 0, 6, 1, 2, 0x52, 0x54, 0x53, 0x50])

describe('RtspCutter', () => {
  it.each([1, 2, 3, 7, 40, 1000])('finds the same messages and packets in pieces of %i bytes', (size) => {
    const stream = Buffer.concat([Buffer.from(ANSWER), PACKET, PACKET, Buffer.from(`\r\n${ANSWER}`), PACKET])
    const cutter = new RtspCutter()
    const found: RtspPiece[] = []
    for (let at = 0; at < stream.length; at += size) found.push(...cutter.push(stream.subarray(at, at + size)))
    const messages = found.filter((piece) => 'head' in piece)
    expect(messages.map(({ head, body }) => [head.split('\r\n')[0], body.toString()])).toEqual(Array.from({ length: 2 }, () => ['RTSP/1.0 200 OK', 'v=0\r\n']))
    const binary = Buffer.concat(found.flatMap((piece) => ('binary' in piece ? [piece.binary] : [])))
    expect(binary).toEqual(Buffer.concat([PACKET, PACKET, PACKET]))
  })

  it.each([
    ['a line without end', 'A'.repeat(2 * 1024 * 1024)],
    ['a body without end', 'RTSP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n'],
  ])('gives up on %s', (_, text) => {
    expect(() => new RtspCutter().push(Buffer.from(text))).toThrow(/more than/)
  })
})

describe('relayRtsp', () => {
  const open: (Server | Socket | Relay)[] = []
  afterEach(() => {
    for (const one of open.splice(0)) 'destroy' in one ? one.destroy() : one.close()
  })

  /** A camera that answers each request as it is told to, and what it was asked. */
  async function camera(answer: (request: string, turn: number) => string): Promise<{ url: string; asked: string[]; relay: Relay }> {
    const asked: string[] = []
    const server = createServer((socket) => {
      open.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', (data) => socket.write(answer(String(data), asked.push(String(data)) - 1)))
    }).listen(0, '127.0.0.1')
    open.push(server)
    await once(server, 'listening')
    const url = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/ch1?sub=1`
    const relay = await relayRtsp(url.replace('//', '//admin:secret@'))
    open.push(relay)
    return { url, asked, relay }
  }

  function ask(relay: Relay, path = new URL(relay.url).pathname): { socket: Socket; say(method: string, cseq: number, suffix?: string): void } {
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1')
    open.push(socket)
    socket.on('error', () => undefined)
    const base = relay.url.replace(new URL(relay.url).pathname, path)
    return { socket, say: (method, cseq, suffix = '') => void socket.write(`${method} ${base}${suffix} RTSP/1.0\r\nCSeq: ${cseq}\r\n\r\n`) }
  }
  const hear = async (socket: Socket): Promise<string> => String(((await once(socket, 'data')) as [Buffer])[0])
  const cseqOf = (request: string): string => /CSeq: (\d+)/.exec(request)?.[1] ?? ''

  it('asks for the real address, logs in unseen, and keeps the numbers of whoever asks', async () => {
    const { url, asked, relay } = await camera((request) =>
      request.includes('Authorization: Digest')
        ? `RTSP/1.0 200 OK\r\nCSeq: ${cseqOf(request)}\r\n\r\n`
        : `RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseqOf(request)}\r\nWWW-Authenticate: Digest realm="cam", nonce="n1"\r\n\r\n`,
    )
    const { socket, say } = ask(relay)
    say('DESCRIBE', 41)
    expect(await hear(socket)).toBe('RTSP/1.0 200 OK\r\nCSeq: 41\r\n\r\n')
    say('SETUP', 42, '/track1')
    expect(await hear(socket)).toContain('CSeq: 42')
    expect(asked.map((request) => request.split(' RTSP')[0])).toEqual([`DESCRIBE ${url}`, `DESCRIBE ${url}`, `SETUP ${url}/track1`])
    expect(asked.map((request) => request.includes('Authorization'))).toEqual([false, true, true])
    expect(relay.failure()).toBeUndefined()
    expect(relay.url).not.toContain('secret')
  })

  it('follows no redirect', async () => {
    const { relay } = await camera((request) => `RTSP/1.0 302 Found\r\nCSeq: ${cseqOf(request)}\r\nLocation: rtsp://10.9.9.9/\r\n\r\n`)
    const { socket, say } = ask(relay)
    say('DESCRIBE', 1)
    const heard = await hear(socket)
    expect(heard).toContain('403 Forbidden')
    expect(heard).not.toContain('10.9.9.9')
    expect(relay.failure()).toMatch(/elsewhere/)
  })

  it('lets nobody in who does not know the way, and only one who does', async () => {
    const { relay, asked } = await camera((request) => `RTSP/1.0 200 OK\r\nCSeq: ${cseqOf(request)}\r\n\r\n`)
    const stranger = ask(relay, '/ch1')
    stranger.say('DESCRIBE', 1)
    await once(stranger.socket, 'close')
    const first = ask(relay)
    first.say('DESCRIBE', 1)
    await hear(first.socket)
    const second = ask(relay)
    await new Promise((resolve) => second.socket.once('close', resolve))
    expect(asked).toHaveLength(1)
  })

  it('ends a camera that floods, and says why', async () => {
    const { relay } = await camera(() => 'A'.repeat(2 * 1024 * 1024))
    const { socket, say } = ask(relay)
    say('DESCRIBE', 1)
    await once(socket, 'close')
    expect(relay.failure()).toMatch(/more than/)
  })

  it('says why when there is no camera', async () => {
    const relay = await relayRtsp('rtsp://127.0.0.1:9/ch1')
    open.push(relay)
    const { socket, say } = ask(relay)
    say('DESCRIBE', 1)
    await once(socket, 'close')
    expect(relay.failure()).toMatch(/ECONNREFUSED/)
  })

  it.each(['http://cam/', 'rtsp', 'file:///etc/passwd'])('refuses %s', async (address) => {
    await expect(relayRtsp(address)).rejects.toMatchObject({ code: 'source.failed' })
  })
})
