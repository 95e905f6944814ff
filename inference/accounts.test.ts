import { expect, it } from 'vitest'
import type { CoverageHour } from '../domain/coverage.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { Accounts } from './accounts.ts'
import type { Watch } from './watch.ts'

const T0 = 100 * HOUR
const hourOf = (camera: string, at: number, frames: number): CoverageHour => ({
  ...{ camera, algorithm: 'a', hour: at - (at % HOUR), through: at, frames, inferred: frames, gated: {}, dropped: {}, blindMs: {} },
})

/** A camera that has counted one frame more each time that it is asked. */
function counting(camera: string, now: () => number): Watch {
  let frames = 0
  return { note: () => undefined, takeCoverage: () => [hourOf(camera, now(), ++frames)], takeHealth: () => undefined } as unknown as Watch
}

it('what the book does not take is held once for each hour, and the newest state of it is kept when it does', async () => {
  let now = T0
  let full = true
  const tried: CoverageHour[][] = []
  const keep = async (hours: CoverageHour[]) => {
    tried.push(hours)
    if (full) throw new Error('ENOSPC')
  }
  const cam = counting('cam', () => now)
  const accounts = new Accounts({
    sink: { before: [], keep, tell: async () => undefined },
    watches: new Map([['cam', cam]]),
    log: { info: () => undefined, warn: () => undefined },
    now: () => now,
  })
  accounts.leave(
    'gone',
    counting('gone', () => now),
  )
  for (let minute = 0; minute < 90; minute++) {
    await accounts.keep()
    now += MINUTE
  }
  expect(tried.map((hours) => hours.length)).toEqual([...Array(60).fill(2), ...Array(30).fill(3)])
  full = false
  await accounts.keep()
  expect(tried.at(-1)).toEqual([hourOf('gone', T0, 1), hourOf('cam', T0 + 59 * MINUTE, 60), hourOf('cam', T0 + 90 * MINUTE, 91)])
})

it('a camera that goes while the book is being written is not put back to what was written', async () => {
  const refused = Promise.withResolvers<void>()
  const tried: CoverageHour[][] = []
  const keep = async (hours: CoverageHour[]) => {
    tried.push(hours)
    if (tried.length === 1) await refused.promise
  }
  const cam = counting('cam', () => T0)
  const watches = new Map([['cam', cam]])
  const accounts = new Accounts({ sink: { before: [], keep, tell: async () => undefined }, watches, log: { info: () => undefined, warn: () => undefined }, now: () => T0 })
  const first = accounts.keep()
  await expect.poll(() => tried.length, { interval: 1 }).toBe(1)
  accounts.leave('cam', cam)
  watches.delete('cam')
  refused.reject(new Error('ENOSPC'))
  await first
  await accounts.keep()
  expect(tried.map((hours) => hours.map(({ frames }) => frames))).toEqual([[1], [2]])
})
