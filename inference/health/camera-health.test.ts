import { expect, it } from 'vitest'
import { CameraConfigSchema } from '../../domain/camera.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { CameraHealth, type KeptHealth, KeptHealthSchema } from './camera-health.ts'
import type { Framing } from './health.ts'

const FRAMING: Framing = { input: { width: 64, height: 36, fit: 'stretch' }, picture: { width: 64, height: 36 } }
const SOURCE = { type: 'rtsp', url: 'rtsp://viewer:s3cret@10.0.0.9/stream' }
const config = (more: object = {}) => CameraConfigSchema.parse({ source: SOURCE, ...more })
const kerb = (x: number) => ({
  zones: [
    {
      id: 'kerb',
      type: 'no-parking',
      polygon: [
        [x, 0],
        [1, 0],
        [1, 1],
      ],
    },
  ],
})

/** A street of posts, `moved` by so many pixels, with some noise. */
function street(at: number, moved = 0): Uint8Array {
  const rgb = new Uint8Array(64 * 36 * 3)
  for (let pixel = 0; pixel < 64 * 36; pixel++) {
    const x = (pixel % 64) + moved
    const noise = Math.imul(pixel + Math.imul(at / SECOND, 7919), 2_654_435_761) >>> 28
    rgb.fill(60 + (x % 16 < 6 ? 120 : 0) + (Math.floor(pixel / 64) > 18 ? 30 : 0) + noise, pixel * 3, pixel * 3 + 3)
  }
  return rgb
}

/** One life of the platform: what it told of the camera, and what it kept. */
function life(before?: KeptHealth) {
  const told: string[] = []
  const health = new CameraHealth({ before: () => before, tell: (changes) => told.push(...changes.map(({ state, picture }) => picture ?? state)) })
  const show = (from: number, until: number, moved = 0) => {
    for (let at = from; at < until; at += 2 * SECOND) health.look(at, street(at, moved), FRAMING)
  }
  return { health, told, show }
}

/** A camera that was turned in its last life. */
function turned(): KeptHealth {
  const { health, told, show } = life()
  health.set(config(kerb(0)))
  show(0, 3 * MINUTE)
  show(3 * MINUTE, 5 * MINUTE, 7)
  expect(told).toEqual(['ok', 'moved'])
  return KeptHealthSchema.parse(JSON.parse(JSON.stringify(health.take(5 * MINUTE))))
}

it('a camera that was moved before a restart is so after it, and well when it shows its street again', () => {
  const memory = turned()
  expect(JSON.stringify(memory)).not.toContain('s3cret')
  const { health, told, show } = life(memory)
  health.set(config(kerb(0)))
  show(10 * MINUTE, 12 * MINUTE, 7)
  show(12 * MINUTE, 14 * MINUTE)
  expect(told).toEqual(['moved', 'ok'])
})

it.each([
  ['its zones are drawn anew', config(kerb(0.1))],
  ['it has another source', config({ ...kerb(0), source: { type: 'rtsp', url: 'rtsp://10.0.0.10/stream' } })],
])('what is usual is learnt anew when %s', (_, next) => {
  const { health, told, show } = life(turned())
  health.set(next)
  show(10 * MINUTE, 14 * MINUTE, 7)
  expect(told).toEqual(['ok'])
})

it('what does not concern the view changes nothing, and a file has no health', () => {
  const { health, told, show } = life(turned())
  health.set(config(kerb(0)))
  show(10 * MINUTE, 11 * MINUTE, 7)
  health.set(config({ ...kerb(0), fps: 3 }))
  show(11 * MINUTE, 14 * MINUTE, 7)
  expect(told).toEqual(['moved'])
  health.set(config({ source: { type: 'file', path: '/a.mp4' } }))
  show(14 * MINUTE, 15 * MINUTE)
  expect(told).toEqual(['moved'])
})

it('is kept when something is wrong or well again, and now and then', () => {
  const { health, show } = life()
  health.set(config())
  expect(health.take(0)).toBeUndefined()
  show(0, 3 * MINUTE)
  expect(health.take(3 * MINUTE)?.state).toBe('ok')
  expect(health.take(4 * MINUTE)).toBeUndefined()
  show(3 * MINUTE, 5 * MINUTE, 7)
  expect(health.take(5 * MINUTE)?.state).toBe('moved')
  expect(health.take(6 * MINUTE)).toBeUndefined()
  expect(health.take(16 * MINUTE)?.state).toBe('moved')
})
