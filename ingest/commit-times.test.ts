import { expect, it } from 'vitest'
import { COMMIT_BUCKETS, CommitTimes } from './commit-times.ts'

it('counts each commit in the first bucket that holds it, and what is slower than all beyond them', () => {
  const times = new CommitTimes()
  expect(times.stats()).toMatchObject({ commits: 0, p99Ms: 0, sumMs: 0 })
  for (const bound of COMMIT_BUCKETS) times.record(bound * 1000, bound * 900)
  times.record(60_000, 50_000)
  const { commits, buckets, sumMs, maxMs } = times.stats()
  expect(buckets).toEqual([...COMMIT_BUCKETS.map(() => 1), 1])
  expect(commits).toBe(COMMIT_BUCKETS.length + 1)
  expect(sumMs).toBeCloseTo(COMMIT_BUCKETS.reduce((sum, bound) => sum + bound * 1000, 60_000))
  expect(maxMs).toBeGreaterThanOrEqual(60_000)
})
