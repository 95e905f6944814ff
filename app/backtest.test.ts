import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Alert } from '../domain/alert.ts'
import type { Backtest, BacktestResult } from '../domain/authoring.ts'
import { formatInstant, HOUR, MINUTE } from '../domain/time.ts'
import { buildCity } from '../fixtures/city/city.ts'
import { runSimulate, SIMULATE_GATEWAYS } from '../gateways/simulate.ts'
import { commandBacktest, removal } from './commands/backtest.ts'
import { Inbox } from './inbox.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

const SIZE = { covers: 30, trucks: 20, cameras: 4 }
let platform: TestPlatform
let outboxes: string
let span: { from: string; to: string }

/** A small city lives twenty minutes, as fast as the platform acknowledges. */
beforeAll(async () => {
  const begin = Date.now() - 2 * HOUR
  outboxes = mkdtempSync(join(tmpdir(), 'wanglou-outboxes-'))
  platform = await testPlatform()
  const passwords = new Map(await Promise.all(Object.values(SIMULATE_GATEWAYS).map(async (id) => [id, await platform.gateway(id)] as const)))
  await platform.start()
  const city = buildCity(1, SIZE)
  const inbox = new Inbox(platform.data)
  inbox.add(
    city.assets.map((asset) => ({ type: 'asset', by: 'test', asset })),
    begin,
  )
  await soon(() => inbox.waiting === 0)
  inbox.close()
  for (const { id, config } of city.cameras) await platform.ask(`cameras/${id}`, { ...(config as object), version: 0 }, 'PUT')
  await runSimulate(
    { url: platform.mqtt(), dataDir: outboxes, password: (id) => passwords.get(id), ...SIZE, seed: 1, start: begin, durationMs: 20 * MINUTE, pace: 'max', incidentsPerMinute: 6 },
    new AbortController().signal,
  )
  await platform.settled()
  span = { from: formatInstant(begin - HOUR), to: formatInstant(Date.now()) }
}, 180_000)
afterAll(async () => {
  await platform.remove()
  rmSync(outboxes, { recursive: true, force: true })
})

async function backtest(rule: string, edit: object): Promise<BacktestResult> {
  let state = await platform.ask<Backtest>(`rules/${rule}/backtest`, { ...span, ...edit })
  while (state.state === 'waiting' || state.state === 'running') state = await platform.ask<Backtest>(`backtests/${state.id}?wait=10s`)
  if (!state.result) throw new Error(`${state.state}: ${state.why}`)
  return state.result
}

const stands = ({ amended }: Alert): boolean => amended !== 'disproved' && amended !== 'merged'
const brief = ({ key, openedAt, resolvedAt, severity }: Pick<Alert, 'key' | 'openedAt' | 'resolvedAt' | 'severity'>): string => `${key} ${openedAt} ${resolvedAt} ${severity}`

function difference(backtest: ReadonlySet<string>, book: ReadonlySet<string>): { onlyBacktest: string[]; onlyBook: string[] } {
  return { onlyBacktest: [...backtest].filter((each) => !book.has(each)), onlyBook: [...book].filter((each) => !backtest.has(each)) }
}

describe('a backtest beside the platform that has lived', { timeout: 240_000 }, () => {
  it('an edit that raises nothing removes exactly what the book holds, alert by alert', async () => {
    const rules = new Set((await platform.alerts()).filter(stands).map(({ rule }) => rule))
    expect(rules.size).toBeGreaterThan(2)
    for (const rule of rules) {
      const { source } = await platform.ask<{ source: string }>(`rules/${rule}`)
      // A timer of the city may fall due between the two looks: then they are compared once more.
      await expect
        .poll(
          async () => {
            const { removed } = await backtest(rule, { source: source.replace(/^when: .*$/m, 'when: "1 > 2"') })
            const alerts = (await platform.alerts(`rule=${rule}`)).filter(stands)
            return difference(new Set(removed.map((each) => `${each.alert} ${brief(each)}`)), new Set(alerts.map((each) => `${each.id} ${brief(each)}`)))
          },
          { timeout: 60_000, interval: 1000 },
        )
        .toEqual({ onlyBacktest: [], onlyBook: [] })
    }
  })

  it('an edit that changes nothing changes no alert', async () => {
    const { counts } = await backtest('truck-speeding', { set: {} })
    expect(counts).toEqual({ live: counts.live, edit: counts.live, same: counts.live, added: 0, removed: 0, changed: 0 })
    expect(counts.live).toBeGreaterThan(0)
  })

  it('on the command line it says in words what the edit removes, beside the platform and without it', async () => {
    const [alert] = (await platform.alerts('rule=truck-speeding')).filter(stands)
    await platform.ask(`alerts/${alert?.id}/verdict`, { verdict: 'confirmed', reason: 'seen' })
    const flags = { data: platform.data, set: ['speedKmh=150'], ...span }
    const said = await command('truck-speeding', flags)
    expect(said.code).toBe(0)
    expect(said.out).toMatch(/^removes (.* and )?1 confirmed one|^removes 1 confirmed one/m)
    expect(said.out).toContain(`  - ${alert?.key}  ${alert?.openedAt}`)
    await platform.stop()
    const alone = await command('truck-speeding', { ...flags, json: true })
    const result = JSON.parse(alone.out) as BacktestResult
    expect([alone.code, result.counts.removed, result.verdicts.confirmed]).toEqual([0, result.counts.live, 1])
    expect((await command('truck-speeding', { ...flags, from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' })).code).toBe(2)
    await expect(command('truck-speeding', { ...flags, set: ['speed=1'] })).rejects.toMatchObject({ code: 'rules.invalid' })
    await expect(command('no-such', flags)).rejects.toMatchObject({ code: 'not_found' })
  })
})

async function command(rule: string, flags: Parameters<typeof commandBacktest>[1]): Promise<{ code: number; out: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const code = await commandBacktest(rule, flags)
    return { code, out: out.mock.calls.map(([chunk]) => String(chunk)).join('') }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

it.each([
  [{}, 'removes nothing'],
  [{ false_alarm: 41, confirmed: 2 }, 'removes 41 false alarms and 2 confirmed ones'],
  [{ confirmed: 1 }, 'removes 1 confirmed one'],
  [{ none: 3, benign: 1, false_alarm: 1 }, 'removes 1 false alarm, 1 benign one and 3 that nobody judged'],
])('%j reads "%s"', (verdicts, sentence) => {
  expect(removal({ verdicts })).toBe(sentence)
})
