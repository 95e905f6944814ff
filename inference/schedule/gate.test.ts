import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PictureZone } from '../../domain/camera.ts'
import { placePicture } from '../letterbox.ts'
import { cellsIn, Gate, type Pass, type Standing } from './gate.ts'
import { gridOf, type Luma, lumaSampler } from './luma.ts'

const GRID = { width: 64, height: 36 }
const zone = (id: string, left: number, top: number, right: number, bottom: number): PictureZone => ({
  id,
  type: 'no-parking',
  polygon: [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ],
})
const ZONES = [zone('west', 0, 0, 0.5, 1), zone('east', 0.5, 0, 1, 1)]
const QUIET: Standing = { zones: ['west', 'east'], occupied: false, holdMs: 0, sinceLookMs: 0, frameMs: 1000, everyMs: Infinity }

interface Thing {
  x: number
  y: number
  size: number
  brightness: number
}

/** A grey street with things on it; `noise` gives each cell its unrest. */
function picture(things: readonly Thing[], { base = 100, noise = (_: number): number => 0 } = {}): Luma {
  const values = Uint8Array.from({ length: GRID.width * GRID.height }, (_, cell) => {
    const [x, y] = [(cell % GRID.width) / GRID.width, Math.floor(cell / GRID.width) / GRID.height]
    const on = things.findLast((thing) => x >= thing.x && x < thing.x + thing.size && y >= thing.y && y < thing.y + thing.size)
    return Math.max(0, Math.min(255, (on?.brightness ?? base) + noise(cell)))
  })
  return { ...GRID, values }
}

/** One judgement per second. */
function follow(pictures: readonly Luma[], standing: Partial<Standing> | ((second: number) => Partial<Standing>) = {}, gate = new Gate({ share: 0.01, floor: 10 })): Pass[] {
  return pictures.map((each, second) => gate.judge(second * 1000, each, ZONES, { ...QUIET, ...(typeof standing === 'function' ? standing(second) : standing) }))
}
const repeat = (count: number, make: (second: number) => Luma): Luma[] => Array.from({ length: count }, (_, second) => make(second))
const car = (x: number): Thing => ({ x, y: 0.6, size: 0.12, brightness: 200 })

/** The same noise in every run: a small generator. */
function noisy(seed: number, strength: number): (cell: number) => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.round(((state / 2 ** 32) * 2 - 1) * strength)
  }
}

describe('Gate', () => {
  it('looks at the first picture, and at no other of a street on which nothing happens', () => {
    expect(follow(repeat(60, () => picture([])))).toEqual(['moved', ...Array(59).fill(null)])
  })

  it('does not take the noise of a camera for motion', () => {
    const passes = follow(repeat(200, (second) => picture([], { noise: noisy(second, 4) })))
    expect(passes.filter((pass) => pass !== null)).toEqual(['moved'])
  })

  it('learns a place that never rests, and still sees what comes into it', () => {
    // Leaves: the right third flickers by up to 30.
    const leaves = (second: number) => (cell: number) => (cell % GRID.width > 42 ? noisy(second * 4096 + cell, 30)(cell) : 0)
    const pictures = repeat(300, (second) => picture(second < 290 ? [] : [{ x: 0.75, y: 0.5, size: 0.2, brightness: 220 }], { noise: leaves(second) }))
    const passes = follow(pictures)
    expect(passes.slice(100, 290).filter((pass) => pass === 'moved').length).toBeLessThan(10)
    expect(passes[290]).toBe('moved')
  })

  it('looks while something moves and a while after, and not in a zone that nobody asks about', () => {
    const passing = repeat(60, (second) => picture(second >= 10 && second < 20 ? [car(0.02 * (second - 10))] : []))
    const passes = follow(passing)
    expect(passes.slice(10, 20)).toEqual(Array(10).fill('moved'))
    expect(passes.slice(50)).toEqual(Array(10).fill(null))
    expect(follow(passing, { zones: ['east'] }).slice(1)).toEqual(Array(59).fill(null))
    expect(follow(passing, { zones: null })[12]).toBe('moved')
  })

  it('takes a change of the light for one event', () => {
    const passes = follow(repeat(40, (second) => picture([], { base: second < 20 ? 100 : 160 })))
    expect(passes.flatMap((pass, second) => (pass === null ? [] : [second]))).toEqual([0, 20])
  })

  it('looks at what stands still at every frame until its rule must have judged, then when it is due', () => {
    let last = 0
    const gate = new Gate({ share: 0.01, floor: 10 })
    const looks: [number, Pass][] = []
    for (let second = 0; second < 200; second++) {
      const standing = { ...QUIET, occupied: true, holdMs: 60_000, everyMs: 30_000, sinceLookMs: second === 0 ? Infinity : second * 1000 - last }
      const pass = gate.judge(second * 1000, picture([car(0.1)]), ZONES, standing)
      if (pass === null) continue
      last = second * 1000
      looks.push([second, pass])
    }
    expect(looks.slice(0, 62)).toEqual(Array.from({ length: 62 }, (_, second) => [second, second === 0 ? 'moved' : 'standing']))
    expect(looks.slice(62)).toEqual([90, 119, 148, 177].map((second) => [second, 'due']))
  })

  it('never lets a pair wait longer than its interval, whatever the pictures are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 30, maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (bases, everyS) => {
        const gate = new Gate({ share: 0.01, floor: 10 })
        let last: number | undefined
        for (const [second, base] of bases.entries()) {
          const sinceLookMs = last === undefined ? Infinity : (second - last) * 1000
          const pass = gate.judge(second * 1000, picture([], { base }), ZONES, { ...QUIET, sinceLookMs, everyMs: everyS * 1000 })
          if (pass !== null) last = second
          expect(second - (last ?? -1)).toBeLessThan(everyS)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('cellsIn', () => {
  it.each([
    ['a half', zone('z', 0, 0, 0.5, 1), 32 * 36],
    ['the whole', zone('z', 0, 0, 1, 1), 64 * 36],
    ['a zone smaller than a cell', zone('z', 0.501, 0.501, 0.503, 0.503), 1],
    [
      'a line',
      {
        id: 'l',
        type: 'line',
        polygon: [],
        line: [
          [0, 0.5],
          [0.999, 0.5],
        ],
      } satisfies PictureZone,
      64,
    ],
  ])('%s', (_, given, count) => {
    expect(cellsIn(given, GRID).length).toBe(count)
  })
})

describe('lumaSampler', () => {
  it('gives the brightness of the picture without its padding, cell by cell', () => {
    const input = { width: 416, height: 416 }
    const at = placePicture('letterbox', { width: 1920, height: 1080 }, input)
    const rgb = new Uint8Array(416 * 416 * 3).fill(114)
    for (let y = 0; y < at.height; y++)
      for (let x = 0; x < at.width; x++) {
        const value = x < at.width / 2 ? 40 : 200
        rgb.set([value, value, value], ((at.y + y) * 416 + at.x + x) * 3)
      }
    const luma = lumaSampler(416, at)(rgb)
    expect({ width: luma.width, height: luma.height }).toEqual(gridOf(at))
    for (let row = 0; row < luma.height; row++)
      for (let column = 0; column < luma.width; column++) expect(luma.values[row * luma.width + column]).toBe(column < luma.width / 2 ? 40 : 200)
  })
})
