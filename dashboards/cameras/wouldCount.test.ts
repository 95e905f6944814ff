import { describe, expect, it } from 'vitest'
import type { PictureZone } from '../../domain/camera.ts'
import type { Box } from '../../domain/observation.ts'
import { askOf, countOf, scoreBins, tallyOf } from './wouldCount.ts'

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
const rule = { objects: { labels: ['car'], zone: 'no-parking' }, params: { score: { value: 0.4 } } }
const LEFT: Box = [0.1, 0.6, 0.2, 0.2]
const RIGHT: Box = [0.7, 0.6, 0.2, 0.2]
const ask = askOf(rule, { zones: [], params: {} }, [kerb, lane])

describe('which stored objects would count', () => {
  it.each([
    [{ label: 'car', score: 0.4, box: LEFT }, 'counts'],
    [{ label: 'car', score: 0.39, box: LEFT }, 'tooWeak'],
    [{ label: 'car', score: 0.9, box: RIGHT }, 'outside'],
    [{ label: 'dog', score: 0.9, box: LEFT }, 'otherLabel'],
  ] as const)('%j: %s', (object, expected) => {
    expect(countOf(object, ask)).toBe(expected)
  })

  it('follows the camera’s own zones and score', () => {
    const own = askOf(rule, { zones: ['lane'], params: { score: 0.2 } }, [kerb, lane])
    expect(countOf({ label: 'car', score: 0.25, box: RIGHT }, own)).toBe('counts')
    expect(countOf({ label: 'car', score: 0.9, box: LEFT }, own)).toBe('outside')
  })

  it('counts none in a zone that is not there any more', () => {
    expect(countOf({ label: 'car', score: 0.9, box: LEFT }, askOf(rule, { zones: ['gone'], params: {} }, [kerb]))).toBe('outside')
  })

  it('adds up, and shows where the scores lie whatever the limit is', () => {
    const objects = [0.1, 0.35, 0.5, 1].map((score) => ({ label: 'car', score, box: LEFT }))
    expect(tallyOf(objects, ask)).toEqual({ counts: 2, tooWeak: 2, outside: 0, otherLabel: 0 })
    const bins = scoreBins(objects, ask, 10)
    expect(bins.reduce((sum, count) => sum + count, 0)).toBe(objects.length)
    expect(bins[9]).toBe(1)
  })
})
