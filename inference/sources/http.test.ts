import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { ManifestSchema } from '../models/manifest.ts'
import type { Frame } from './frame.ts'
import { httpFrames } from './http.ts'
import { withSize } from './sized.fixture.ts'

const input = ManifestSchema.shape.input.parse({ name: 'x', width: 32, height: 32, colour: 'rgb', fit: 'pad' })
const needs = { fps: 20, input, now: () => Date.now() }
let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(handler: RequestListener, user = ''): Promise<string> {
  server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://${user}127.0.0.1:${(server.address() as { port: number }).port}/still.jpg?token=hidden`
}
const jpeg = async () =>
  await sharp({ create: { width: 1600, height: 800, channels: 3, background: '#ff0000' } })
    .jpeg()
    .toBuffer()

/** Checks a digest as a camera does, with its own arithmetic (RFC 7616, 3.4.1). */
function isRight(header: string, { algorithm, nonce, uri }: { algorithm: string; nonce: string; uri: string }): boolean {
  const field = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(header)?.[1]
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex')
  const secret = hash('admin:cam:secret')
  return field('response') === hash(`${secret}:${nonce}:${field('nc')}:${field('cnonce')}:auth:${hash(`GET:${uri}`)}`)
}

async function take(url: string, count: number): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of httpFrames(url, needs, AbortSignal.timeout(20_000))) if (frames.push(frame) === count) break
  return frames
}

describe('httpFrames', () => {
  it('asks for pictures at its rate over one connection, and shows the password only where it is asked for', async () => {
    const asked: (string | undefined)[] = []
    const picture = await jpeg()
    const url = await serve((request, response) => {
      asked.push(request.headers.authorization)
      if (!request.headers.authorization) response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end('who are you?')
      else response.end(picture)
    }, 'admin:p%40ss@')
    let connections = 0
    server?.on('connection', () => connections++)
    const before = Date.now()
    const frames = await take(url, 3)
    expect(Date.now() - before).toBeGreaterThanOrEqual(95)
    const basic = `Basic ${Buffer.from('admin:p@ss').toString('base64')}`
    expect(asked).toEqual([undefined, basic, basic, basic])
    // The first may still be busy with the refusal when the answer to it goes out.
    expect(connections).toBeLessThanOrEqual(2)
    expect(frames[0]).toMatchObject({ picture: { width: 1600, height: 800 } })
    expect((await sharp(frames[0]?.jpeg as Uint8Array).metadata()).width).toBe(1280)
    expect([frames[0]?.rgb[0], frames[0]?.rgb.at(-1)]).toEqual([254, 114])
  })

  it.each(['MD5', 'SHA-256'])('logs in with a %s digest that it uses on, and takes a new nonce when the old one is stale', async (algorithm) => {
    const picture = await jpeg()
    const counts: string[] = []
    let nonce = 'n1'
    const url = await serve((request, response) => {
      const header = request.headers.authorization ?? ''
      counts.push(/nc=(\d+)/.exec(header)?.[1] ?? 'none')
      if (isRight(header, { algorithm, nonce, uri: request.url ?? '' })) response.end(picture)
      else response.writeHead(401, { 'www-authenticate': `Digest realm="cam", qop="auth", algorithm=${algorithm}, nonce="${nonce}"` }).end()
      if (counts.length === 3) nonce = 'n2'
    }, 'admin:secret@')
    expect(await take(url, 4)).toHaveLength(4)
    expect(counts).toEqual(['none', '00000001', '00000002', '00000003', '00000001', '00000002'])
  })

  it('asks with a wrong password once and no more', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.writeHead(401, { 'www-authenticate': 'Digest realm="cam", qop="auth", nonce="n1"' }).end()
    }, 'admin:secret@')
    await expect(take(url, 1)).rejects.toThrow(/HTTP 401/)
    expect(asked).toBe(2)
  })

  it.each<[string, RequestListener, RegExp]>([
    ['refuses', (_, response) => response.writeHead(403).end(), /HTTP 403/],
    ['sends elsewhere', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), /source|redirect|fetch/i],
    ['sends no picture', (_, response) => response.end('<html>'), /not a readable picture/],
    ['sends half a picture', async (_, response) => response.end((await jpeg()).subarray(0, 2000)), /not a readable picture/],
    [
      'sends one pixel',
      async (_, response) =>
        response.end(
          await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
            .jpeg()
            .toBuffer(),
        ),
      /1 × 1 pixels/,
    ],
    ['sends 20,000 × 20,000 pixels', async (_, response) => response.end(withSize(await jpeg(), 20_000, 20_000)), /20000 × 20000 pixels/],
    ['sends a stream', (_, response) => void response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=x' }).write('--x'), /a stream/],
    ['sends without end', (_, response) => void response.write(Buffer.alloc(20 * 1024 * 1024)), /larger than/],
  ])('says source.failed when the camera %s, and no secret', async (_, handler, why) => {
    const url = await serve(handler, 'admin:secret@')
    const error: unknown = await take(url, 1).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'source.failed' })
    expect(String(error)).toMatch(why)
    expect(String(error)).not.toMatch(/secret|hidden/)
  })

  it('refuses addresses of other kinds', async () => {
    for (const url of ['file:///etc/passwd', 'nonsense']) await expect(take(url, 1)).rejects.toMatchObject({ code: 'source.failed' })
  })

  it('ends at once when it is stopped', async () => {
    const stop = new AbortController()
    const url = await serve(() => stop.abort())
    const frames = httpFrames(url, needs, stop.signal)
    expect((await frames.next()).done).toBe(true)
  })
})
