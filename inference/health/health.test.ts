import { existsSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../domain/time.ts'
import { readFrames } from '../../drivers/ffmpeg-frames.ts'
import { Random } from '../../fixtures/city/random.ts'
import { Health, type HealthChange } from './health.ts'

const MATERIAL = join(import.meta.dirname, '../../../shared/material')
const SIZE = { width: 128, height: 72 }
const FRAMING = { input: { ...SIZE, fit: 'stretch' as const }, picture: SIZE }
const PICTURES = ['bus.jpg', 'dog.jpg', 'udacity_test1.jpg', 'udacity_test4.jpg', 'road_SB__24.jpg', 'road_SB__114.jpg', 'fastestdet_3.jpg']

type Rgb = Uint8Array
const rgbOf = async (picture: Sharp): Promise<Rgb> =>
  new Uint8Array(
    await picture
      .resize({ ...SIZE, fit: 'fill' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer(),
  )

const NOISE = Int8Array.from(
  { length: 3 * SIZE.width * SIZE.height },
  (() => {
    const random = new Random(7)
    return () => Math.round(random.between(-4, 4))
  })(),
)

/** A street as a camera sees it that lives: the same pixels with the noise of a sensor, another one every time. */
function living(rgb: Rgb, turn: number): Rgb {
  const out = new Uint8ClampedArray(rgb.length)
  let at = (turn * 7919) % NOISE.length
  for (let i = 0; i < out.length; i++) {
    out[i] = (rgb[i] ?? 0) + (NOISE[at] ?? 0)
    if (++at === NOISE.length) at = 0
  }
  return new Uint8Array(out.buffer)
}

/** A camera that is looked at every `everyMs`: what it shows until when, and what was told of it. */
class Watched {
  readonly health: Health
  readonly told: HealthChange[] = []
  #turn = 0
  readonly #everyMs: number
  at = 0

  constructor(everyMs = 2 * SECOND, health = new Health()) {
    this.#everyMs = everyMs
    this.health = health
  }

  show(rgb: Rgb, ms: number, { noise = true } = {}): this {
    for (const until = this.at + ms; this.at < until; this.at += this.#everyMs) this.told.push(...this.health.look(this.at, noise ? living(rgb, this.#turn++) : rgb, FRAMING))
    return this
  }

  fail(attempts: number, everyMs: number): this {
    for (let n = 0; n < attempts; n++) {
      this.at += everyMs
      this.told.push(...this.health.lost(this.at))
    }
    return this
  }

  /** States in order, with the seconds at which they were told. */
  get states(): [string, number][] {
    return this.told.map(({ state, picture, at }) => [picture ?? state, at / SECOND])
  }
}

describe.skipIf(!existsSync(MATERIAL))('the health of a picture (needs ../shared/material)', () => {
  const whole = (name: string): Sharp => sharp(join(MATERIAL, 'images', name))
  /** What a camera sees that is turned aside by these shares of its view: four fifths of the whole picture are its view. */
  const turned = async (name: string, x: number, y: number): Promise<Sharp> => {
    const { width, height } = await whole(name).metadata()
    const view = { width: Math.floor(width * 0.8), height: Math.floor(height * 0.8) }
    const part = { left: Math.round(width * 0.1 + view.width * x), top: Math.round(height * 0.1 + view.height * y), ...view }
    return sharp(await whole(name).extract(part).png().toBuffer())
  }
  const open = (name: string): Promise<Sharp> => turned(name, 0, 0)
  /** What may befall a camera, made of its own picture. */
  const variants: [string, (name: string) => Promise<Sharp>][] = [
    ['dark', async (name) => (await open(name)).linear(0.03, 0)],
    ['bright', async (name) => (await open(name)).linear(4, 80)],
    ['covered', async (name) => covered(name, 0.85)],
    ['covered', async (name) => blurred(name)],
    ['moved', async (name) => turned(name, 0.1, 0)],
    ['moved', async (name) => turned(name, 0.06, -0.05)],
    ['moved', (name) => open(name === 'dog.jpg' ? 'udacity_test1.jpg' : 'dog.jpg')],
  ]
  const covered = async (name: string, share: number): Promise<Sharp> => {
    const view = await open(name)
    const { width, height } = await view.metadata()
    const hand = await sharp({ create: { width: Math.round(width * share), height, channels: 3, background: '#704030' } })
      .png()
      .toBuffer()
    return sharp(await view.composite([{ input: hand, left: 0, top: 0 }]).toBuffer())
  }
  const blurred = async (name: string): Promise<Sharp> => {
    const view = await open(name)
    return view.blur(((await view.metadata()).width ?? 0) / 12)
  }

  it.each(PICTURES.flatMap((name) => variants.map(([state, make], n) => [name, state, n, make] as const)))(
    '%s: tells %s (variant %i), and that it is well again',
    async (name, state, _, make) => {
      const [good, bad] = await Promise.all([open(name).then(rgbOf), make(name).then(rgbOf)])
      const camera = new Watched()
        .show(good, 3 * MINUTE)
        .show(bad, MINUTE)
        .show(good, MINUTE)
      expect(camera.states.map(([what]) => what)).toEqual(['ok', state, 'ok'])
      const [, began, ended] = camera.states.map(([, at]) => at)
      expect(began).toBeLessThanOrEqual(180 + 24)
      expect(ended).toBeLessThanOrEqual(240 + 8)
    },
  )

  it.each(PICTURES)('%s: tells a frozen picture within a minute, also with a clock that runs in it', async (name) => {
    const good = await rgbOf(await open(name))
    const camera = new Watched().show(good, 3 * MINUTE)
    for (let second = 0; second < 80; second += 2) camera.show(withClock(good, second), 2 * SECOND, { noise: false })
    camera.show(good, MINUTE)
    expect(camera.states.map(([what]) => what)).toEqual(['ok', 'frozen', 'ok'])
    expect((camera.states[1]?.[1] ?? 0) - 180).toBeGreaterThanOrEqual(60)
    expect((camera.states[1]?.[1] ?? 0) - 180).toBeLessThan(65)
  })

  it.each(PICTURES)('%s: says nothing of a passing lorry, clouds, a tremor and the evening', async (name) => {
    const good = await rgbOf(await open(name))
    const [lorry, cloud, dawn, tremor] = await Promise.all([
      covered(name, 0.7).then(rgbOf),
      rgbOf((await open(name)).linear(0.6, 10)),
      rgbOf((await open(name)).linear(0.35, 0)),
      turned(name, 0.008, 0).then(rgbOf),
    ])
    const camera = new Watched()
      .show(good, 3 * MINUTE)
      .show(lorry, 8 * SECOND)
      .show(good, 20 * SECOND)
      .show(cloud, 2 * MINUTE)
      .show(good, MINUTE)
    camera.show(tremor, MINUTE).show(dawn, 5 * MINUTE)
    expect(camera.states).toEqual([['ok', 0]])
  })

  it('a camera that was covered before the restart is so after it, and well when it shows its street', async () => {
    const [good, bad] = await Promise.all([open('bus.jpg').then(rgbOf), turned('bus.jpg', 0.1, 0).then(rgbOf)])
    const before = new Watched().show(good, 3 * MINUTE).show(bad, MINUTE)
    const memory = before.health.save()
    expect(memory?.state).toBe('moved')
    const after = new Watched(2 * SECOND, new Health(JSON.parse(JSON.stringify(memory)))).show(bad, MINUTE).show(good, MINUTE)
    expect(after.states.map(([what]) => what)).toEqual(['moved', 'ok'])
  })

  it('a camera that is looked at every ten minutes is told of at the second look', async () => {
    const [good, bad] = await Promise.all([open('dog.jpg').then(rgbOf), rgbOf((await open('dog.jpg')).linear(0.03, 0))])
    const camera = new Watched(10 * MINUTE).show(good, 3 * HOUR).show(bad, HOUR)
    expect(camera.states).toEqual([
      ['ok', 0],
      ['dark', (3 * HOUR + 10 * MINUTE) / SECOND],
    ])
  })

  it.each([1, 5, 12.5])('car-detection.mp4 at %d pictures a second, round and round: no false alarm', async (fps) => {
    const input = { type: 'video' as const, path: join(MATERIAL, 'video/car-detection.mp4'), loop: false, realtime: false }
    const request = { input, fps, ...SIZE, filter: `scale=${SIZE.width}:${SIZE.height},format=rgb24`, still: { every: 1e6, maxWidth: 64 }, stallMs: 20_000 }
    const frames: Rgb[] = []
    for await (const { rgb } of readFrames(request, AbortSignal.timeout(60_000))) frames.push(rgb)
    const health = new Health()
    const told: HealthChange[] = []
    for (let n = 0; n < 8 * frames.length; n++) told.push(...health.look(Math.round((n * 1000) / fps), frames[n % frames.length] as Rgb, FRAMING))
    expect(told).toEqual([{ at: 0, state: 'online', picture: 'ok' }])
  })
})

/** A box in the corner whose pixels change every second, as a camera writes the time. */
function withClock(rgb: Rgb, second: number): Rgb {
  const copy = Uint8Array.from(rgb)
  for (let y = 2; y < 6; y++) for (let x = 2; x < 34; x++) copy.fill((x * 7 + second * 40) % 256, (y * SIZE.width + x) * 3, (y * SIZE.width + x) * 3 + 3)
  return copy
}

describe('lost and back', () => {
  const grey = new Uint8Array(SIZE.width * SIZE.height * 3).map((_, i) => (i * 37) % 251)
  it('is lost after ten seconds and two attempts, once, and back with the first picture', () => {
    const camera = new Watched().show(grey, 2 * SECOND).fail(1, 5 * SECOND)
    expect(camera.told).toHaveLength(1)
    camera.fail(5, 4 * SECOND)
    expect(camera.told.slice(1)).toEqual([{ at: 11_000, state: 'offline' }])
    camera.show(grey, 1)
    expect(camera.told.slice(2)).toEqual([{ at: camera.at - 2 * SECOND, state: 'online', picture: 'ok' }])
  })

  it('is not lost when it reconnects at once', () => {
    const camera = new Watched()
      .show(grey, 5 * SECOND)
      .fail(2, SECOND)
      .show(grey, 5 * SECOND)
      .fail(1, 20 * SECOND)
      .show(grey, SECOND)
    expect(camera.told).toHaveLength(1)
  })

  it('is lost when it never gave a picture, and back when frames come that nobody looks at', () => {
    const camera = new Watched().fail(4, 5 * SECOND)
    expect(camera.told).toEqual([{ at: 15_000, state: 'offline' }])
    expect(camera.health.back(20_000)).toEqual([{ at: 20_000, state: 'online' }])
    expect(camera.health.back(21_000)).toEqual([])
  })

  it('tells a state again before it grows stale', () => {
    const camera = new Watched(10 * MINUTE).show(grey, 25 * HOUR)
    expect(camera.told.map(({ at }) => at / HOUR)).toEqual([0, 12, 24])
  })
})
