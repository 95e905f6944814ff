import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runKills } from '../bench/kill-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'wanglou-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the promises under kill -9', () => {
  it('loses nothing, does nothing twice and replays equal (S1, S8, S10, S14, S16)', { timeout: 120_000 }, async () => {
    const { acknowledged, alerts, cases, replay, ...wrong } = await runKills({ rounds: 3, seed: 7, covers: 60, steps: 120, folder })
    expect(wrong).toEqual({ rounds: 3, lost: 0, doubled: 0, alertsWrong: 0, casesWrong: 0, wrong: [] })
    expect({ acknowledged, cases, differences: replay.differences }).toEqual({ acknowledged: 60 * 120, cases: 9, differences: 0 })
    // Each alert was at least raised, recovering and resolved.
    expect(alerts).toBeGreaterThan(60)
    expect(replay.compared).toBeGreaterThanOrEqual(3 * alerts)
  })
})
