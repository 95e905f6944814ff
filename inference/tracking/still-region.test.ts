import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { overlap } from '../../domain/box.ts'
import type { PictureZone } from '../../domain/camera.ts'
import type { Box } from '../../domain/observation.ts'
import { Random } from '../../fixtures/city/random.ts'
import { placePicture } from '../letterbox.ts'
import { readPicture } from '../picture.ts'
import { appearanceSampler } from './appearance.ts'
import { StillRegions } from './still-region.ts'

/** A street painted pixel by pixel: asphalt with its grain, a white line, a kerb, and what happens on it. */
const [WIDTH, HEIGHT] = [480, 270]
const ROAD: PictureZone = {
  id: 'lane',
  type: 'road',
  polygon: [
    [0, 0.3],
    [1, 0.3],
    [1, 1],
    [0, 1],
  ],
}
const SPOT: Box = [0.42, 0.6, 0.14, 0.12]

type Colour = readonly [r: number, g: number, b: number]
interface Patch {
  box: Box
  colour: Colour
  /** Deviation of its grain. */
  grain: number
}
interface Weather {
  /** Brightness of the whole picture, by colour. */
  light?: Colour
  /** What lies in the shade, and how dark. */
  shade?: { box: Box; dark: Colour }
  /** The camera trembles by so many pixels. */
  shake?: readonly [x: number, y: number]
}

const noise = new Random('noise')
const GRAIN = Float32Array.from({ length: WIDTH * HEIGHT }, () => noise.gauss())
const NOISE = Float32Array.from({ length: WIDTH * HEIGHT * 4 }, () => 2.5 * (noise.next() + noise.next() - 1))

const EMPTY: readonly Patch[] = [
  { box: [0, 0, 1, 0.3], colour: [120, 130, 110], grain: 3 },
  { box: [0, 0.3, 1, 0.7], colour: [96, 97, 100], grain: 3 },
  ...Array.from({ length: 8 }, (_, i): Patch => ({ box: [i / 8, 0.492, 1 / 16, 0.016], colour: [220, 220, 215], grain: 3 })),
]

function paint(patches: readonly Patch[], { light = ONE, shade, shake = [0, 0] }: Weather, look: number): Uint8Array {
  const ground = new Float32Array(WIDTH * HEIGHT * 3)
  const fill = ([x, y, w, h]: Box, set: (pixel: number) => void): void => {
    for (let row = Math.max(0, Math.round(y * HEIGHT)); row < Math.min(HEIGHT, Math.round((y + h) * HEIGHT)); row++)
      for (let column = Math.max(0, Math.round(x * WIDTH)); column < Math.min(WIDTH, Math.round((x + w) * WIDTH)); column++) set(row * WIDTH + column)
  }
  for (const { box, colour, grain } of [...EMPTY, ...patches])
    fill(box, (pixel) => {
      for (let channel = 0; channel < 3; channel++) ground[pixel * 3 + channel] = ((colour[channel] as number) + grain * (GRAIN[pixel] as number)) * (light[channel] as number)
    })
  if (shade)
    fill(shade.box, (pixel) => {
      for (let channel = 0; channel < 3; channel++) ground[pixel * 3 + channel] = (ground[pixel * 3 + channel] as number) * (shade.dark[channel] as number)
    })
  const rgb = new Uint8ClampedArray(WIDTH * HEIGHT * 3)
  const start = (look * 7919) % NOISE.length
  for (let y = 0, to = 0; y < HEIGHT; y++) {
    const row = Math.min(HEIGHT - 1, Math.max(0, y + shake[1])) * WIDTH
    for (let x = 0; x < WIDTH; x++) {
      const from = (row + Math.min(WIDTH - 1, Math.max(0, x + shake[0]))) * 3
      for (let channel = 0; channel < 3; channel++, to++) rgb[to] = (ground[from + channel] as number) + (NOISE[(start + to) % NOISE.length] as number)
    }
  }
  return new Uint8Array(rgb.buffer)
}
const ONE: Colour = [1, 1, 1]
const SOIL: Patch = { box: SPOT, colour: [126, 98, 66], grain: 12 }

interface Look extends Weather {
  patches?: Patch[]
  /** What the model sees. */
  boxes?: Box[]
}
type Found = ReturnType<StillRegions['update']>

function look(count: number, at: (look: number, random: Random) => Look, everyS = 1): Found[] {
  const [regions, sample] = [new StillRegions(), appearanceSampler(WIDTH, { x: 0, y: 0, width: WIDTH, height: HEIGHT })]
  const random = new Random('looks')
  return Array.from({ length: count }, (_, i) => {
    const { patches = [], boxes = [], ...weather } = at(i, random)
    return regions.update(i * everyS * 1000, sample(paint(patches, weather, i)), [ROAD], boxes)
  })
}
const TRUCK = (i: number): Box => [0.1 * i - 0.2, 0.45, 0.25, 0.3]
const truck = (box: Box): Patch => ({ box, colour: [180, 60, 40], grain: 5 })

describe('what has come to lie on the road', () => {
  it.each<[string, Patch, Weather]>([
    ['soil', SOIL, {}],
    ['soil, in the shade', SOIL, { light: [0.6, 0.62, 0.68] }],
    ['yellow sand', { box: SPOT, colour: [190, 165, 120], grain: 9 }, {}],
    ['grey gravel on grey asphalt', { box: SPOT, colour: [112, 112, 113], grain: 22 }, {}],
    ['soil under a trembling camera', SOIL, { shake: [2, 1] }],
  ])('%s: found behind the truck, confirmed after three looks and three seconds, gone when it is swept', (_, patch, weather) => {
    // The truck passes at looks 10 to 20; it lies there from look 16 on, and is swept at 30.
    const found = look(36, (i, random) => {
      const passes = i >= 10 && i < 20
      const shake = weather.shake ? ([random.int(3) - 1, random.int(3) - 1] as const) : undefined
      return {
        ...weather,
        ...(shake && { shake }),
        patches: [...(i >= 16 && i < 30 ? [patch] : []), ...(passes ? [truck(TRUCK(i - 10))] : [])],
        boxes: passes ? [TRUCK(i - 10)] : [],
      }
    })
    const first = found.findIndex((each) => each.length > 0)
    expect(first).toBeGreaterThanOrEqual(19)
    expect(first).toBeLessThanOrEqual(24)
    const shown = found.slice(first, 30).filter((each) => each.length > 0).length
    expect(shown).toBeGreaterThanOrEqual(weather.shake ? 5 : 30 - first)
    for (const [i, each] of found.entries()) expect([i, each.length]).toEqual([i, i >= first && i < 30 ? Math.min(1, each.length) : 0])
    const [one] = found.findLast((each) => each.length > 0) as Found
    expect(one).toMatchObject({ label: 'new-object' })
    expect(overlap(one?.box as Box, SPOT)).toBeGreaterThan(0.6)
    expect(one?.score).toBeGreaterThan(0.5)
  })

  it('keeps what it knows while a car stands over it', () => {
    const cover: Box = [0.35, 0.5, 0.3, 0.3]
    const found = look(30, (i) => ({ patches: [...(i >= 5 ? [SOIL] : []), ...(i >= 15 && i < 20 ? [truck(cover)] : [])], boxes: i >= 15 && i < 20 ? [cover] : [] }))
    expect(found.map((each) => each.length)).toEqual(found.map((_, i) => (i >= 8 ? 1 : 0)))
  })
})

describe('what is nothing', () => {
  it.each<[string, (look: number, random: Random) => Look]>([
    ['a road on which nothing happens', () => ({})],
    ['a cloud that comes and goes', (i) => ({ light: i >= 10 && i < 30 ? [0.62, 0.64, 0.68] : ONE })],
    ['the evening', (i) => ({ light: [1 - i * 0.015, 1 - i * 0.016, 1 - i * 0.0165] })],
    ['a shade that falls and stays', (i) => ({ ...(i >= 10 && { shade: { box: [0.3, 0.5, 0.4, 0.3], dark: [0.52, 0.54, 0.6] } }) })],
    ['a shade that lay there and leaves', (i) => ({ ...(i < 15 && { shade: { box: [0.3, 0.5, 0.4, 0.3], dark: [0.52, 0.54, 0.6] } }) })],
    ['a shade that wanders', (i) => ({ shade: { box: [0.02 * i, 0.5, 0.2, 0.2], dark: [0.5, 0.52, 0.58] } })],
    ['a camera that trembles', (_, random) => ({ shake: [random.int(5) - 2, random.int(5) - 2] })],
    ['a car that no model sees, passing', (i) => ({ patches: [truck([0.06 * (i % 18) - 0.2, 0.5, 0.2, 0.2])] })],
    ['one that stops for two seconds', (i) => ({ patches: i >= 10 && i < 13 ? [truck([0.4, 0.5, 0.2, 0.2])] : [] })],
    ['soil that lay there from the beginning', () => ({ patches: [SOIL] })],
    ['soil that lay there and is swept', (i) => ({ patches: i < 15 ? [SOIL] : [] })],
    ['a car that the model sees, parked', (i) => ({ patches: i >= 5 ? [truck([0.4, 0.5, 0.2, 0.2])] : [], boxes: i >= 5 ? [[0.4, 0.5, 0.2, 0.2]] : [] })],
    ['a camera that is turned', (i) => ({ shake: i >= 10 ? [0, -90] : [0, 0] })],
    ['soil beside the road', (i) => ({ patches: i >= 10 ? [{ ...SOIL, box: [0.4, 0.1, 0.2, 0.15] }] : [] })],
  ])('%s', (_, at) => {
    expect(look(40, at).map((each) => each.length)).toEqual(Array.from({ length: 40 }, () => 0))
  })
})

const MATERIAL = join(import.meta.dirname, '../../../shared/material')
const INPUT = { width: 640, height: 640, fit: 'letterbox', padValue: 114 } as const

/**
 * A real street, with real things laid on it, through JPEG as a camera sends it: it trembles by a pixel, its light
 * wanders, and its compression is poor.
 */
describe.skipIf(!existsSync(MATERIAL))('on real pictures (needs ../shared/material)', () => {
  const STREETS = ['road_SB__114.jpg', 'road_SB__24.jpg', 'udacity_test1.jpg'] as const
  const [wide, high] = [960, 540]

  async function looks(street: string, laid: { at: number; picture: string } | null): Promise<{ found: Found[]; place: Box }> {
    const random = new Random(street)
    const ground = await sharp(readFileSync(join(MATERIAL, 'images', street)))
      .resize(wide + 8, high + 8, { fit: 'fill' })
      .toBuffer()
    const place: Box = [0.45, 0.7, 0.12, 0.12]
    const [left, top, w, h] = [place[0] * wide, place[1] * high, place[2] * wide, place[3] * high].map(Math.round) as [number, number, number, number]
    const thing =
      laid &&
      (await sharp(readFileSync(join(MATERIAL, 'images', laid.picture)))
        .resize(w, h, { fit: 'cover' })
        .png()
        .toBuffer())
    const regions = new StillRegions()
    const found: Found[] = []
    for (let i = 0; i < 24; i++) {
      const composed =
        laid && thing && i >= laid.at
          ? await sharp(ground)
              .composite([{ input: thing, left: left + 4, top: top + 4 }])
              .png()
              .toBuffer()
          : ground
      const light = 1 + 0.2 * Math.sin(i / 4)
      const jpeg = await sharp(composed)
        .extract({ left: 3 + random.int(3), top: 3 + random.int(3), width: wide, height: high })
        .linear(light, 0)
        .jpeg({ quality: 60 })
        .toBuffer()
      const { rgb } = await readPicture(jpeg, INPUT)
      const placed = placePicture(INPUT.fit, { width: wide, height: high }, INPUT)
      found.push(regions.update(i * 1000, appearanceSampler(INPUT.width, placed)(rgb), [ROAD], []))
    }
    return { found, place }
  }

  it.each(STREETS)('%s: nothing is new where nothing is', async (street) => {
    const { found } = await looks(street, null)
    expect(found.map((each) => each.length)).toEqual(found.map(() => 0))
  })

  it.each(STREETS)('%s: what is laid there is found', async (street) => {
    const { found, place } = await looks(street, { at: 8, picture: 'dog.jpg' })
    expect(found.slice(0, 10).flat()).toEqual([])
    const after = found.slice(12)
    expect(after.filter((each) => each.length > 0).length).toBeGreaterThan(after.length / 2)
    for (const one of after.flat()) expect(overlap(one.box, place)).toBeGreaterThan(0.3)
  })
})
