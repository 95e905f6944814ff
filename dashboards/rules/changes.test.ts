import { expect, it } from 'vitest'
import { changesOf } from './changes.ts'

it('names what changed, what came and what went', () => {
  const before = { params: { tiltDeg: { value: 15, unit: 'deg' }, hold: { value: '2s' } }, when: 'a', inform: 'b', overrides: [{ asset: 'x', params: { tiltDeg: 1 } }] }
  const after = { params: { tiltDeg: { value: 20, unit: 'deg' }, hold: { value: '2s' } }, when: 'c', coolDown: '1h', overrides: [{ asset: 'x', params: { tiltDeg: 2 } }] }
  expect(changesOf(before, after)).toEqual([
    { path: 'params.tiltDeg', before: 15, after: 20 },
    { path: 'when', before: 'a', after: 'c' },
    { path: 'coolDown', before: undefined, after: '1h' },
    { path: 'overrides.1.params.tiltDeg', before: 1, after: 2 },
    { path: 'inform', before: 'b', after: undefined },
  ])
  expect(changesOf(after, structuredClone(after))).toEqual([])
})
