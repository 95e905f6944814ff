import { expect, it } from 'vitest'
import type { Quarantine } from '../../rules/state.ts'
import { eachOnce } from './quarantines.ts'

const out = (rule: string, version: number, from: number): Quarantine => ({ rule, version, from, why: '' })

it('what a thread finds again after it was started anew is journalled once, and waited for by both', async () => {
  const written: Quarantine[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const journalled = eachOnce((quarantine) => {
    written.push(quarantine)
    return promise
  })
  const both = [journalled(out('heavy', 1, 7)), journalled(out('heavy', 1, 7))]
  resolve()
  await Promise.all(both)
  expect(written).toEqual([out('heavy', 1, 7)])
})

it('another version, and one that was moved live again and is out from further on, are others', async () => {
  const written: Quarantine[] = []
  const journalled = eachOnce(async (quarantine) => void written.push(quarantine))
  const all = [out('heavy', 1, 7), out('heavy', 2, 9), out('light', 1, 7), out('heavy', 1, 20)]
  for (const each of all) await journalled(each)
  expect(written).toEqual(all)
})
