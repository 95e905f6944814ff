import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Snapshots } from './snapshots.ts'

let folder: string
let snapshots: Snapshots
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-snapshots-'))
  snapshots = new Snapshots(join(folder, 'snapshots.db'))
})
afterEach(() => {
  snapshots.close()
  rmSync(folder, { recursive: true })
})

describe('snapshots', () => {
  it('keep the newest four, and the first of each segment of the journal for a replay to begin at', () => {
    const segments = [1, 500, 1000]
    for (let offset = 99; offset < 2000; offset += 100)
      snapshots.put(
        { offset, hash: () => `h${offset}`, pieces: ['a', 'b'] },
        segments.filter((first) => first <= offset),
      )
    expect(snapshots.all().map(({ offset }) => offset)).toEqual([99, 499, 999, 1699, 1799, 1899, 1999])
    expect(snapshots.firstFrom(499)?.offset).toBe(499)
    expect([...snapshots.before(1000)].map(({ offset }) => offset)).toEqual([999, 499, 99])
  })

  it('go with the segment that they belong to', () => {
    for (const offset of [10, 20, 30, 40, 50, 60]) snapshots.put({ offset, hash: () => '', pieces: ['a', 'b'] }, [1])
    snapshots.put({ offset: 70, hash: () => '', pieces: ['a', 'b'] }, [45])
    expect(snapshots.all().map(({ offset }) => offset)).toEqual([40, 50, 60, 70])
  })
})
