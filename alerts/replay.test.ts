import { expect, it } from 'vitest'
import { startOf } from './replay.ts'

const kept = (...offsets: number[]): { offset: number }[] => offsets.map((offset) => ({ offset }))

it.each<[string, number[], number, number | undefined, number | undefined]>([
  ['a whole journal is run from its beginning', [50], 1, undefined, 0],
  ['a journal that lost its beginning from its first snapshot', [120, 300], 100, undefined, 120],
  ['a snapshot right before the kept journal leaves no gap', [99, 300], 100, undefined, 99],
  ['one from earlier would', [50, 300], 100, undefined, 300],
  ['without any there is nowhere to begin', [50], 100, undefined, undefined],
  ['a time is reached from the newest snapshot before it', [120, 300, 500], 100, 400, 300],
  ['a time before the first snapshot of a whole journal from its beginning', [120], 1, 60, 0],
  ['a time before all that is kept cannot be reached', [120], 100, 110, undefined],
])('S14 %s', (_what, snapshots, oldest, begin, offset) => {
  expect(startOf(kept(...snapshots), oldest, begin)).toBe(offset)
})
