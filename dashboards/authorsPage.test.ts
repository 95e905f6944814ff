import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { AssetId } from '../domain/ids.ts'
import { eachOpensThePage, type Opened } from './page.fixture.ts'
import { RULE, raised, SOURCE } from './platform.fixture.ts'
import { readRule } from './rules/ruleText.ts'

const covers = ['c-1', 'c-2', 'c-3'].map((id, index) => ({
  id: id as AssetId,
  kind: 'cover' as const,
  area: '370602',
  grid: index < 2 ? 'g-1' : 'g-2',
  lon: 117.7 + index / 1000,
  lat: 39,
}))

const LOOKS_AT_GARBAGE = {
  ...RULE,
  id: 'garbage',
  sees: { asks: [{ label: 'garbage', zone: 'street', share: null }], score: 'look' },
  file: { ...RULE.file, rule: 'garbage', on: 'scene', params: { score: { value: 0.4, unit: '1', min: 0.05, max: 1 } }, when: 'objects("garbage", "street") > 0' },
}

describe('authors', () => {
  let opened: Opened
  eachOpensThePage((now) => {
    opened = now
  })
  const posted = (path: string): unknown[] => opened.platform.posted.filter((one) => one.path === path).map(({ body }) => body)
  const openRule = async (): Promise<Page> => {
    const { page, platform, address } = opened
    platform.role = 'author'
    platform.signedIn = true
    await page.goto(`${address}/rules/cover-displaced`)
    await page.locator('#param-tiltDeg').waitFor()
    return page
  }

  it('see how a backtest runs, and are warned of confirmed alerts that an edit would lose', async () => {
    const { platform } = opened
    const page = await openRule()
    await page.locator('#param-tiltDeg').fill('20')
    await page.getByTestId('tab-backtest').click()
    await page.getByTestId('btn-backtest').click()
    await page.locator('[role=progressbar][aria-valuenow="40"]').waitFor()
    platform.backtestOver = true
    await page.locator('[data-testid=backtest-sentence][data-tone=loses]').waitFor()
    expect(posted('/rules/cover-displaced/backtest')).toMatchObject([{ source: SOURCE.replace('value: 15', 'value: 20') }])
    expect(await page.locator('.report-lost').count()).toBe(2)
    expect(await page.locator('.report a[href="/alerts/c-1"]').count()).toBe(1)
    expect(await page.locator('.band-live text, .band-edit text').allTextContents()).toEqual([expect.stringContaining('15°'), expect.stringContaining('20°')])
  })

  it('try a rule that was saved and never live', async () => {
    opened.platform.versions = [{ ...RULE, state: 'draft', inForce: [] }]
    const page = await openRule()
    await page.getByTestId('tab-backtest').click()
    await page.getByTestId('btn-backtest').click()
    await page.locator('[role=progressbar][aria-valuenow="40"]').waitFor()
    expect(posted('/rules/cover-displaced/backtest')).toMatchObject([{ version: 1 }])
  })

  it('see of each param the range, the live value and the one that it began with', async () => {
    const live = {
      ...RULE,
      version: 2,
      newest: 2,
      source: SOURCE.replace('value: 15', 'value: 20'),
      file: { ...RULE.file, params: { tiltDeg: { value: 20, unit: 'deg', min: 2, max: 90 } } },
    }
    opened.platform.versions = [live, { ...RULE, state: 'draft' }]
    const page = await openRule()
    expect(await page.locator('[data-testid=param-tiltDeg] .param-facts').innerText()).toBe('2° 至 90° · 默认 15°')
  })

  it('see at once what another one saves', async () => {
    await opened.page.clock.install()
    const page = await openRule()
    const { platform } = opened
    // A page whose clock stands asks for nothing by itself.
    await page.clock.pauseAt(new Date(Date.now() + 2000))
    platform.versions = [{ ...RULE, version: 2, state: 'draft', author: 'lin' }, RULE]
    platform.say('rule', { id: 'cover-displaced', version: 2, state: 'draft', areas: null, by: 'lin', at: raised(1), note: '' })
    await page.locator('.dock-from').getByText('v2').waitFor()
  })

  it('are told by the platform that another one was faster before the page heard of it, and keep their text', async () => {
    const page = await openRule()
    const { platform } = opened
    await page.locator('#param-tiltDeg').fill('20')
    await page.getByTestId('btn-save').click()
    await page.getByTestId('publish-note').fill('fewer')
    platform.versions = [{ ...RULE, version: 2, state: 'draft', author: 'lin' }, RULE]
    platform.refuse = { status: 409, code: 'version.stale' }
    await page.locator('#btn-publish').click()
    await page.getByTestId('conflict').waitFor()
    expect(await page.locator('#param-tiltDeg').inputValue()).toBe('20')
    expect(posted('/rules/cover-displaced')).toMatchObject([{ version: 1, note: 'fewer' }])
  })

  it('put a version on trial in a grid, with a guard', async () => {
    opened.platform.assets = covers
    const page = await openRule()
    await page.locator('#param-tiltDeg').fill('20')
    await page.getByTestId('btn-live').click()
    await page.getByRole('dialog').locator('input[type=radio][value=some]').click()
    await page.locator('#reach-areas').fill('g-1')
    await page.locator('.ant-select-item-option').getByText('网格 g-1（2）').click()
    await page.locator('#guard-alerts').fill('7')
    await page.getByTestId('publish-note').fill('one grid first')
    await page.locator('#btn-publish').click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(posted('/rules/cover-displaced')).toEqual([
      { version: 1, source: SOURCE.replace('15', '20'), note: 'one grid first', state: 'live', areas: ['g-1'], guard: { alertsPerHour: 7, falseAlarmShare: 0.5, judged: 10 } },
    ])
  })

  it('guard a version that goes live everywhere, and let another run in shadow', async () => {
    const page = await openRule()
    for (const [button, note] of [
      ['btn-live', 'guarded'],
      ['btn-shadow', 'compared'],
    ] as const) {
      await page.locator('#param-tiltDeg').fill('20')
      await page.getByTestId(button).click()
      if (button === 'btn-live') await page.getByRole('dialog').getByRole('checkbox').check()
      await page.getByTestId('publish-note').fill(note)
      await page.locator('#btn-publish').click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
    const saved = { version: 1, source: SOURCE.replace('15', '20') }
    expect(posted('/rules/cover-displaced')).toEqual([
      { ...saved, note: 'guarded', state: 'live', guard: { alertsPerHour: 20, falseAlarmShare: 0.5, judged: 10 } },
      { ...saved, note: 'compared', state: 'shadow' },
    ])
  })

  it('see on the map what a rule watches, and give one asset params of its own in the table', async () => {
    opened.platform.assets = covers
    const page = await openRule()
    await page.getByTestId('tab-where').click()
    await page.getByTestId('rule-map').locator('canvas').first().waitFor()
    expect(await page.locator('.where-count strong').innerText()).toBe('3')
    await page.locator('.where-add input').fill('c-2')
    await page.locator('.ant-select-item-option').click()
    const cell = page.locator('.override-number input')
    expect(await cell.inputValue()).toBe('15')
    await cell.fill('30')
    await page.locator('.where-note').fill('leans by itself')
    await page.getByTestId('btn-save').click()
    await page.getByTestId('publish-note').fill('c-2 apart')
    await page.locator('#btn-publish').click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    const [{ source }] = posted('/rules/cover-displaced') as [{ source: string }]
    expect(readRule(source)).toMatchObject({ rule: { overrides: [{ asset: 'c-2', params: { tiltDeg: 30 }, note: 'leans by itself' }] } })
  })

  it('are shown where verdicts suggest another threshold, and give that asset its own', async () => {
    const { platform, address } = opened
    platform.assets = covers
    const stats = { ...RULE.stats, rejections: [{ asset: 'c-2', rejected: 3 }] }
    platform.lists.rules = [{ ...RULE, stats }]
    platform.role = 'author'
    platform.signedIn = true
    await opened.page.goto(`${address}/rules`)
    const hint = opened.page.getByTestId('rule-cover-displaced').locator('.rule-hint')
    expect(await hint.innerText()).toBe('c-2 7 天内有 3 条被判误报')
    await hint.click()
    await opened.page.getByTestId('tab-where').click()
    await opened.page.getByTestId('rejections').getByRole('button').click()
    await opened.page.locator('.override-number input').waitFor()
    expect(await opened.page.locator('.where-target').innerText()).toBe('c-2')
  })

  it('see on a camera which stored objects would count, by the label that the rule names', async () => {
    const { platform, page, address } = opened
    const object = (label: string, score: number): object => ({ label, score, box: [0.4, 0.4, 0.2, 0.2] })
    platform.lists = { rules: [LOOKS_AT_GARBAGE], observations: [{ at: raised(1), objects: [object('garbage', 0.9), object('car', 0.9), object('garbage', 0.2)] }] }
    platform.role = 'author'
    platform.signedIn = true
    await page.goto(`${address}/cameras/cam-1`)
    const tally = page.getByTestId('algorithm-garbage').getByTestId('tally')
    await tally.and(page.locator('[data-counts="1"]')).waitFor()
    expect(await tally.innerText()).toBe('会计入 1，分数或大小不够 1，不在区域内 0')
  })
})
