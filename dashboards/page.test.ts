import type { Page } from 'playwright-core'
import { describe, expect, it, vi } from 'vitest'
import type { Candidate } from '../domain/attribution.ts'
import { alertWith, quietBy } from './alerts/alert.fixture.ts'
import { evidenceCity } from './alerts/evidence.fixture.ts'
import { eachOpensThePage, type Opened, row } from './page.fixture.ts'
import { type Platform, raised } from './platform.fixture.ts'

describe('the page in a browser', () => {
  let platform: Platform
  let page: Page
  let address: string
  let strange: string[]
  let enter: Opened['enter']
  eachOpensThePage((opened) => {
    ;({ platform, page, address, strange, enter } = opened)
  })
  const posted = (path: string): unknown[] => platform.posted.filter((one) => one.path === path).map(({ body }) => body)

  it('lets in who knows the password, and says why not', async () => {
    await page.goto(address)
    await page.fill('[data-testid=login-name]', 'wang')
    await page.fill('[data-testid=login-password]', 'wrong')
    await page.click('[data-testid=login-submit]')
    await page.getByText('auth.wrong').waitFor()
    await page.fill('[data-testid=login-password]', 'right')
    await page.click('[data-testid=login-submit]')
    await page.waitForSelector(row('a1'))
    await page.waitForSelector('[data-testid=feed-state][data-state=live]')
  })

  it('shows a new alert when the feed says so', async () => {
    await enter()
    platform.say('alert', alertWith({ id: 'a3', raisedAt: raised(3), severity: 'critical' }))
    await page.waitForSelector(row('a3'))
    expect(await page.locator('[data-testid=alert-row]').first().getAttribute('data-alert-id')).toBe('a3')
  })

  it('is worked by the keyboard alone: next, open, acknowledge, judge with a reason', async () => {
    await enter()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-testid=alert-panel]')
    expect(new URL(page.url()).pathname).toBe('/alerts/a1')
    await page.keyboard.press('a')
    await page.waitForSelector('[data-testid=btn-acknowledge]:disabled')
    await page.keyboard.press('2')
    await page.locator('[data-testid=verdict-reason]').waitFor()
    await page.keyboard.type('14 ducks')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-testid=btn-verdict-false_alarm][aria-pressed=true]')
    expect(posted('/alerts/a1/acknowledge')).toHaveLength(1)
    expect(posted('/alerts/a1/verdict')).toEqual([{ verdict: 'false_alarm', reason: '14 ducks' }])
  })

  it('dispatches with one press and shows the case', async () => {
    await enter('/alerts/a1')
    await page.click('[data-testid=btn-dispatch]')
    await page.waitForSelector('[data-testid=case-state][data-state=reported]')
    expect(posted('/alerts/a1/dispatch')).toHaveLength(1)
  })

  it('does not pretend: a refused verdict is not shown as given', async () => {
    await enter('/alerts/a1')
    platform.refuse = { status: 503, code: 'journal.unwritable' }
    await page.click('[data-testid=btn-verdict-confirmed]')
    await page.getByText('· journal.unwritable').waitFor()
    expect(await page.getAttribute('[data-testid=btn-verdict-confirmed]', 'aria-pressed')).toBe('false')
  })

  it('reads the rules again when an alert comes of a version that it does not know', async () => {
    await enter()
    const reads = (): number => platform.asked.filter((call) => call === 'GET /rules').length
    const before = reads()
    platform.say('alert', alertWith({ id: 'a3', raisedAt: raised(3), ruleVersion: 2 }))
    await page.waitForSelector(row('a3'))
    await vi.waitFor(() => expect(reads()).toBe(before + 1))
  })

  it('shows whose vehicle it may have been, unknown among them, and that a camera casts doubt', async () => {
    const near = { distanceM: 4, when: raised(1), why: ['passed', 'loaded'] as Candidate['why'] }
    platform.candidates = [
      { rank: 1, vehicle: 'truck-1', plate: '鲁FA0001', probability: 0.715, ...near },
      { rank: 2, vehicle: null, plate: null, probability: 0.2, distanceM: null, when: null, why: ['no_terminal'] },
      { rank: 3, vehicle: 'truck-2', plate: null, probability: 0.085, ...near },
    ]
    platform.alerts = [alertWith({ id: 'a1', certainty: 'doubted', doubt: { camera: 'cam-7', label: 'cover-closed', looks: 3, of: 4, at: raised(2) } })]
    await enter('/alerts/a1')
    await page.locator('[data-testid=certainty][data-certainty=doubted]').getByText('cam-7').waitFor()
    const rows = page.locator('[data-testid=candidates] li')
    await rows.nth(2).waitFor()
    expect((await rows.allTextContents()).map((text) => text.match(/鲁FA0001|truck-2|\d+%/g))).toEqual([['鲁FA0001', '71%'], ['20%'], ['truck-2', '8%']])
    expect(await rows.nth(1).locator('button').count()).toBe(0)
    expect(await rows.nth(0).locator('button').getAttribute('aria-pressed')).toBe('true')
    await rows.nth(2).locator('button').click()
    expect(await rows.nth(2).locator('button').getAttribute('aria-pressed')).toBe('true')
    await vi.waitFor(() => expect(platform.asked.filter((call) => call === 'GET /observations').length).toBeGreaterThan(1))
  })

  it('goes on when a part of it breaks, says so, and mends it when asked', async () => {
    platform.strangeTimeline = true
    await enter('/alerts/a1')
    await page.getByTestId('broken').getByText('TypeError').waitFor()
    expect(await page.getByTestId('broken').count()).toBe(1)
    platform.strangeTimeline = false
    await page.click('[data-testid=btn-acknowledge]')
    await page.waitForSelector('[data-testid=btn-acknowledge]:disabled')
    await page.getByTestId('broken').getByRole('button').first().click()
    await page.waitForSelector('[data-testid=broken]', { state: 'detached' })
  })

  it('says that the feed is down, comes back by itself, and reads all again after a reset', async () => {
    await enter()
    platform.breakFeeds()
    await page.waitForSelector('[data-testid=feed-state][data-state=down]')
    await page.waitForSelector('[data-testid=feed-state][data-state=live]')
    platform.alerts = [alertWith({ id: 'a9', raisedAt: raised(9) })]
    platform.say('reset', {})
    await page.waitForSelector(row('a9'))
    await page.waitForSelector(row('a1'), { state: 'detached' })
  })

  it('asks for the password again when the session has ended', async () => {
    await enter()
    platform.signedIn = false
    platform.say('reset', {})
    await page.waitForSelector('[data-testid=login-name]')
  })

  it('hides what is kept quiet, says how much and why, and shows it when asked', async () => {
    const group = { id: 'g-a1', by: 'grouped', members: 3, changes: null, since: raised(0), until: raised(9) } as const
    platform.alerts = [
      alertWith({ id: 'a5', raisedAt: raised(5), attention: { ...quietBy('silence'), until: raised(59) } }),
      alertWith({ id: 'a3', raisedAt: raised(3), asset: 'c-3', attention: quietBy('grouped'), group }),
      alertWith({ id: 'a2', raisedAt: raised(2), asset: 'c-2', attention: quietBy('grouped'), group }),
      alertWith({ id: 'a1', raisedAt: raised(1), group }),
    ]
    await enter()
    expect(await page.locator('[data-testid=alert-row]').count()).toBe(1)
    expect(await page.locator('[data-testid=quiet-bar]').innerText()).toMatch(/3 条未提示.*静默 1.*归并 2/s)
    await page.locator('[data-testid=quiet-bar] button').first().click()
    await page.waitForSelector(row('a5'))
    expect(await page.locator('[data-testid=alert-row]').count()).toBe(4)
    await page.click(row('a1'))
    await page.click('[data-testid=members] summary')
    expect(await page.locator('[data-testid=members] li').count()).toBe(2)
    await page.click('[data-testid=group-together]')
    await page.click('[data-testid=btn-verdict-confirmed]')
    await page.waitForSelector('[data-testid=btn-verdict-confirmed][aria-pressed=true]')
    expect(posted('/alerts/a1/verdict')).toEqual([{ verdict: 'confirmed', reason: '', members: true }])
  })

  it('draws what the model saw and its zone over still and clip, moves it as the clip plays, and hides it when asked', { timeout: 90_000 }, async () => {
    const { alert, files } = await evidenceCity()
    platform.alerts = [alert]
    platform.files = files
    await enter('/alerts/a1')
    const strip = page.getByTestId('evidence')
    await strip.locator('.box-strong').first().waitFor()
    expect(await strip.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640)
    expect(await strip.innerText()).toMatch(/首次发现.*到期删除/s)
    expect(await strip.locator('polygon[data-zone=kerb]').count()).toBe(2)
    await strip.locator('.evidence-picture').nth(1).locator('button').click()
    const large = page.getByTestId('evidence-large')
    const box = large.locator('.box-strong')
    await box.waitFor()
    expect(await box.innerText()).toContain('87% 鲁F12345')
    const left = async (): Promise<number> => Number.parseFloat((await box.getAttribute('style'))?.match(/left: ([\d.]+)%/)?.[1] ?? '')
    expect(await left()).toBeCloseTo(20)
    await large.locator('video').evaluate((video: HTMLVideoElement) => {
      video.currentTime = 2.5
    })
    await vi.waitFor(async () => expect(await left()).toBeCloseTo(40), { timeout: 20_000 })
    await page.getByTestId('evidence-boxes').last().click()
    await box.waitFor({ state: 'detached' })
    expect(strange).toEqual([])
  })

  it('hands out the blurred copy to everybody, the originals to operators only', { timeout: 60_000 }, async () => {
    const { alert, files } = await evidenceCity()
    platform.alerts = [alert]
    platform.files = files
    for (const [role, links] of [
      ['viewer', ['/api/v1/alerts/a1/evidence.zip']],
      ['operator', ['/api/v1/alerts/a1/evidence.zip', '/api/v1/alerts/a1/evidence.zip?original=true']],
    ] as const) {
      platform.role = role
      await enter('/alerts/a1')
      await page.getByTestId('evidence-export').click()
      await page.locator('a[href*="evidence.zip"]').first().waitFor()
      expect(await page.locator('a[href*="evidence.zip"]').evaluateAll((all) => all.map((link) => link.getAttribute('href')))).toEqual(links)
    }
  })

  it('silences with a reason and an end, lists who did it and why, and ends it', async () => {
    await enter('/alerts/a1')
    await page.click('[data-testid=btn-silence]')
    expect(await page.locator('[data-testid=btn-silence-send]').isDisabled()).toBe(true)
    await page.fill('[data-testid=silence-reason]', 'roadworks')
    await page.click('[data-testid=btn-silence-send]')
    await page.waitForSelector('[data-testid=silence-form]', { state: 'detached' })
    expect(posted('/silences')).toMatchObject([
      { kind: 'silence', matchers: { asset: 'c-0001', rule: 'cover-displaced', severity: ['major', 'minor', 'info'] }, reason: 'roadworks' },
    ])
    await page.click('[data-testid=btn-silences]')
    await page.getByText('roadworks').waitFor()
    await page.click('[data-testid=btn-silence-end]')
    await page.getByText('roadworks').waitFor({ state: 'detached' })
    expect(platform.posted.at(-1)?.path).toBe('/silences/s-1')
  })

  it('shows what was not looked at, hour by hour, with the cause', async () => {
    platform.signedIn = true
    await page.goto(`${address}/coverage`)
    await page.locator('.strip-blind').nth(1).waitFor()
    // Twenty-four hours or the one more that they touch, and of all but one nothing is known.
    expect(await page.locator('.strip .strip-unknown').count()).toBeGreaterThanOrEqual(23)
    const text = (await page.getByTestId('coverage').textContent()) ?? ''
    for (const word of ['cam-1', 'cover-displaced', '42.5 分钟', '没有画面', '12 / 60']) expect(text).toContain(word)
    await page.getByRole('link', { name: '覆盖' }).waitFor()
    expect(strange).toEqual([])
  })

  it('opens its help with a question mark and closes it with Escape', async () => {
    await enter()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  })
})
