import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Backoff } from '../inference/sources/backoff.ts'
import { EdgeCamerasSchema, runCameras } from './camera.ts'
import { TestBroker } from './test-broker.ts'

let dir: string
let broker: TestBroker
let jpeg: Buffer
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edge-'))
  broker = new TestBroker()
  await broker.start()
  jpeg = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer()
})
afterEach(async () => {
  await broker.stop()
  rmSync(dir, { recursive: true })
})

it('sends pictures of files and HTTP cameras, and one that fails holds no other up', async () => {
  let asked = 0
  const server = createServer((_, response) => (asked++ === 1 ? response.writeHead(503).end() : response.end(jpeg))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const path = join(dir, 'street.jpg')
  writeFileSync(path, jpeg)
  const { cameras } = EdgeCamerasSchema.parse({
    cameras: {
      still: { source: { type: 'file', path, loop: true }, fps: 5, maxWidth: 320 },
      asked: { source: { type: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/still.jpg` }, fps: 5 },
      missing: { source: { type: 'file', path: join(dir, 'none.mp4') } },
    },
  })
  const stop = new AbortController()
  const before = Date.now()
  const running = runCameras({ url: broker.url, dataDir: dir, gateway: 'gw-cam', password: () => undefined, cameras, backoff: () => new Backoff(50, 50) }, stop.signal)
  const framesOf = (camera: string) => broker.arrivals.filter(({ topic }) => topic.startsWith(`city/v1/from/gw-cam/frame/${camera}/`))
  await broker.until(() => framesOf('still').length >= 3 && framesOf('asked').length >= 3)
  stop.abort()
  const stats = await running
  server.close()
  const times = framesOf('still').map(({ topic }) => Number(topic.split('/').at(-1)))
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(times[0]).toBeGreaterThanOrEqual(before)
  expect((await sharp(framesOf('still')[0]?.jpeg).metadata()).width).toBe(320)
  expect((await sharp(framesOf('asked')[0]?.jpeg).metadata()).width).toBe(640)
  expect(framesOf('missing')).toEqual([])
  expect(stats.frames.sent).toBeGreaterThanOrEqual(6)
  expect(stats.pending).toBe(0)
})

it.each([
  [{ cameras: { 'not an id': { source: { type: 'file', path: 'a' } } } }],
  [{ cameras: { cam: { source: { type: 'gateway' } } } }],
  [{ cameras: { cam: { source: { type: 'rtsp', url: 'rtsp://x/' }, fps: 0 } } }],
])('refuses %j', (file) => {
  expect(EdgeCamerasSchema.safeParse(file).success).toBe(false)
})
