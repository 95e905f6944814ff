import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { topics } from '../domain/topics.ts'
import { type BridgeStats, runBridge } from './bridge.ts'
import { TestBroker } from './test-broker.ts'

let dir: string
let platform: TestBroker
let far: TestBroker
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bridge-'))
  platform = new TestBroker()
  far = new TestBroker()
  await Promise.all([platform.start(), far.start()])
})
afterEach(async () => {
  await Promise.all([platform.stop(), far.stop()])
  rmSync(dir, { recursive: true })
})

it('tells what Frigate and ONVIF cameras see, survives their broker, and accounts for every message', async () => {
  const stop = new AbortController()
  let stats: BridgeStats | undefined
  const frigate = { url: far.url, prefix: 'frigate', cameras: { front: { camera: 'cam-1', width: 100, height: 100 } } }
  const running = runBridge(
    {
      ...{ url: platform.url, dataDir: dir, gateway: 'gw-bridge', password: () => undefined, env: {}, frigate, onvif: { url: far.url, cameras: { Bosch: 'cam-2' } } },
      progress: (now) => {
        stats = now
      },
    },
    stop.signal,
  )
  const seen = (what: string) => platform.arrivals.filter(({ topic }) => topic.includes(what))
  /** What is sent before the bridge has subscribed is lost: send until it is heard. */
  const tell = async (topic: string, json: unknown, heard: string) => {
    const before = seen(heard).length
    const again = setInterval(() => far.send(topic, json), 100)
    await platform.until(() => seen(heard).length > before)
    clearInterval(again)
  }
  const car = { id: 'a', camera: 'front', frame_time: Date.now() / 1000, label: 'car', score: 0.8, box: [10, 10, 60, 60], current_zones: [] }
  await tell('frigate/events', { type: 'new', after: car }, 'scene/cam-1')
  await tell('Bosch/onvif-ej/VideoSource/ImageTooDark', { UtcTime: new Date().toISOString(), Data: { State: true } }, 'presence/cam-2')
  expect(seen('scene/cam-1')[0]).toMatchObject({
    topic: topics.observation('gw-bridge', 'scene', 'cam-1'),
    json: { model: 'frigate', objects: [{ label: 'car', box: [0.1, 0.1, 0.5, 0.5] }] },
  })

  await far.stop()
  await far.start()
  await tell('frigate/events', { type: 'new', after: { ...car, id: 'b' } }, 'scene/cam-1')
  // What Frigate saw before its broker went away is not known any more.
  expect(seen('scene/cam-1').at(-1)?.json.objects).toMatchObject([{ track: 'b' }])
  far.send('frigate/events', { type: 'new' })
  const { length } = seen('scene/cam-1')
  await platform.until(() => seen('scene/cam-1').length >= length)
  stop.abort()
  const final = await running
  expect(stats).toBeDefined()
  expect(final.heard).toBe(final.told + Object.values(final.passedOver).reduce((sum, count) => sum + count, 0))
})
