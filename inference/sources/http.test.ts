import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { ManifestSchema } from '../models/manifest.ts'
import type { Frame } from './frame.ts'
import { httpFrames } from './http.ts'

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

async function take(url: string, count: number): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of httpFrames(url, needs, AbortSignal.timeout(20_000))) if (frames.push(frame) === count) break
  return frames
}

describe('httpFrames', () => {
  it('asks for pictures at its rate, with name and password in a header', async () => {
    const asked: (string | undefined)[] = []
    const picture = await jpeg()
    const url = await serve((request, response) => {
      asked.push(request.headers.authorization)
      response.end(picture)
    }, 'admin:p%40ss@')
    const before = Date.now()
    const frames = await take(url, 3)
    expect(Date.now() - before).toBeGreaterThanOrEqual(95)
    expect(asked).toEqual(Array.from({ length: 3 }, () => `Basic ${Buffer.from('admin:p@ss').toString('base64')}`))
    expect(frames[0]).toMatchObject({ picture: { width: 1600, height: 800 } })
    expect((await sharp(frames[0]?.jpeg as Uint8Array).metadata()).width).toBe(1280)
    expect([frames[0]?.rgb[0], frames[0]?.rgb.at(-1)]).toEqual([254, 114])
  })

  it.each<[string, RequestListener, RegExp]>([
    ['refuses', (_, response) => response.writeHead(403).end(), /HTTP 403/],
    ['sends elsewhere', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), /source|redirect|fetch/i],
    ['sends no picture', (_, response) => response.end('<html>'), /not a readable picture/],
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
