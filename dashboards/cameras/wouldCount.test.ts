import { describe, expect, it } from 'vitest'
import type { PictureZone } from '../../domain/camera.ts'
import type { Box } from '../../domain/observation.ts'
import { askOf, countOf, type Seen, scoreBins, tallyOf, withTracks } from './wouldCount.ts'

const kerb: PictureZone = {
  id: 'kerb',
  type: 'no-parking',
  polygon: [
    [0, 0.5],
    [0.5, 0.5],
    [0.5, 1],
    [0, 1],
  ],
}
const lane: PictureZone = {
  id: 'lane',
  type: 'bus-lane',
  polygon: [
    [0.5, 0.5],
    [1, 0.5],
    [1, 1],
    [0.5, 1],
  ],
}
const LEFT: Box = [0.1, 0.6, 0.2, 0.2]
const RIGHT: Box = [0.7, 0.6, 0.2, 0.2]
const params = { score: { value: 0.4 } }
/** One that counts objects in looks, and one that judges them along their tracks. */
const counting = { file: { params }, sees: { asks: [{ label: 'car', zone: 'no-parking', share: null }], score: 'look' as const } }
const judging = { file: { each: 'object' as const, params }, sees: { ...counting.sees, score: 'best' as const } }
const ask = askOf(counting, { zones: [], params: {} }, [kerb, lane])
const seen = (label: string, score: number, box: Box, more: Partial<Seen> = {}): Seen => ({ label, score, box: [...box], bestScore: score, meanScore: score, ...more })

describe('which stored objects would count', () => {
  it.each([
    [seen('car', 0.4, LEFT), 'counts'],
    [seen('car', 0.39, LEFT), 'tooWeak'],
    [seen('car', 0.9, RIGHT), 'outside'],
    [seen('dog', 0.9, LEFT), 'otherLabel'],
  ] as const)('%j: %s', (object, expected) => {
    expect(countOf(object, ask)).toBe(expected)
  })

  it('counts each label in its own zone only, and nothing for a rule that asks of no object', () => {
    const two = { ...counting, sees: { asks: [...counting.sees.asks, { label: 'goods', zone: 'bus-lane', share: null }], score: 'look' as const } }
    const both = askOf(two, { zones: [], params: {} }, [kerb, lane])
    expect([seen('car', 0.9, LEFT), seen('goods', 0.9, RIGHT), seen('goods', 0.9, LEFT), seen('car', 0.9, RIGHT)].map((object) => countOf(object, both))).toEqual([
      ...['counts', 'counts'],
      ...['outside', 'outside'],
    ])
    expect(countOf(seen('car', 0.9, LEFT), askOf({ file: { params: {} }, sees: { asks: [], score: null } }, { zones: [], params: {} }, [kerb]))).toBe('otherLabel')
  })

  it('compares what the rule compares: the best or the mean score of the track, which what has no track has not', () => {
    const own = askOf(judging, { zones: [], params: {} }, [kerb])
    const weak = { track: 't1', bestScore: 0.6, meanScore: 0.3 }
    expect(countOf(seen('car', 0.1, LEFT, weak), own)).toBe('counts')
    expect(countOf(seen('car', 0.9, LEFT, weak), { ...own, of: 'mean' })).toBe('tooWeak')
    expect(countOf(seen('car', 0.9, LEFT), own)).toBe('otherLabel')
  })

  it('knows of each look what its tracks had shown by then; a track that was lost begins anew', () => {
    const looks = [
      [0, 0.2],
      [1000, 0.8],
      [2000, 0.2],
      [30_000, 0.1],
    ].map(([at = 0, score = 0]) => ({ at, objects: [{ label: 'car', score, box: [...LEFT] as [number, number, number, number], track: 't1' }] }))
    const scores = withTracks(looks).map(({ objects: [object] }) => [object?.bestScore, object?.meanScore?.toFixed(2)])
    expect(scores).toEqual([
      [0.2, '0.20'],
      [0.8, '0.50'],
      [0.8, '0.40'],
      [0.1, '0.10'],
    ])
  })

  it('follows the camera’s own zones and score', () => {
    // Of another type than the rule names: it stands for it, as the engine has it.
    for (const [rule, track] of [
      [counting, undefined],
      [judging, 't1'],
    ] as const) {
      const own = askOf(rule, { zones: ['lane'], params: { score: 0.2 } }, [kerb, lane])
      expect(countOf(seen('car', 0.25, RIGHT, { track }), own)).toBe('counts')
      expect(countOf(seen('car', 0.9, LEFT, { track }), own)).toBe('outside')
    }
  })

  it('asks for the size that the rule or the camera names', () => {
    const sized = { file: { params: { ...params, area: { value: 0.05 } } }, sees: { asks: [{ label: 'car', zone: 'no-parking', share: 'area' }], score: 'look' as const } }
    const small = seen('car', 0.9, LEFT)
    expect(countOf(small, askOf(sized, { zones: [], params: {} }, [kerb]))).toBe('tooSmall')
    expect(countOf(small, askOf(sized, { zones: [], params: { area: 0.01 } }, [kerb]))).toBe('counts')
  })

  it('counts none in a zone that is not there any more, but where the scene itself names it', () => {
    const gone = askOf(counting, { zones: ['gone'], params: {} }, [kerb])
    expect(countOf(seen('car', 0.9, LEFT), gone)).toBe('outside')
    expect(countOf(seen('car', 0.9, LEFT, { zones: ['no-parking'] }), askOf(counting, { zones: [], params: {} }, []))).toBe('counts')
  })

  it('adds up, and shows where the scores lie whatever the limit is', () => {
    const objects = [0.1, 0.35, 0.5, 1].map((score) => seen('car', score, LEFT))
    expect(tallyOf(objects, ask)).toEqual({ counts: 2, tooWeak: 2, tooSmall: 0, outside: 0, otherLabel: 0 })
    const bins = scoreBins(objects, ask, 10)
    expect(bins.reduce((sum, count) => sum + count, 0)).toBe(objects.length)
    expect(bins[9]).toBe(1)
  })
})
