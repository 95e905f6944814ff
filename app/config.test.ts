import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CodedError } from '../domain/errors.ts'
import { loadConfig } from './config.ts'

const OPERATING = join(import.meta.dirname, '../docs/operating.md')

function wrong(overrides: Record<string, unknown>): string[] {
  try {
    loadConfig({ env: {}, overrides })
    return []
  } catch (thrown) {
    return (thrown as CodedError).details.map(({ why }) => why)
  }
}

describe('limits.tooOldDays', () => {
  it.each([
    ['the horizon of deduplication, if nobody says more', {}, 7],
    ['what the variable says', { WANGLOU_LIMITS_TOOOLDDAYS: '30' }, 30],
  ])('is %s', (_, env, days) => {
    expect(loadConfig({ env }).limits.tooOldDays).toBe(days)
  })

  it.each([
    ['0 days', { limits: { tooOldDays: 0 } }, /limits\.tooOldDays: Too small/],
    ['more than the history keeps', { limits: { tooOldDays: 400 } }, /retain\.historyDays: must be above limits\.tooOldDays/],
    ['a history shorter than it', { retain: { historyDays: 7 } }, /retain\.historyDays: must be above limits\.tooOldDays/],
  ])('refuses %s', (_, overrides, why) => {
    expect(wrong(overrides)).toEqual([expect.stringMatching(why)])
  })
})

describe('docs/operating.md', () => {
  it('shows a configuration that is one', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync(OPERATING, 'utf8')) ?? []
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    const file = join(folder, 'wanglou.yaml')
    writeFileSync(file, yaml)
    try {
      expect(loadConfig({ file, env: {} })).toMatchObject({ site: { id: 'yantai' } })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
