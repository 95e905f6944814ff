import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MINUTE } from '../domain/time.ts'
import { drawnOn } from '../fixtures/browser.fixture.ts'
import { openAccess } from '../store/access/access.ts'
import { type Platform, startPlatform } from './app.ts'
import { openPageBrowser } from './browser.fixture.ts'
import { loadConfig } from './config.ts'
import { createLog } from './log.ts'
import { dataPaths } from './paths.ts'

/** A person's way through the built page, in a real browser, on the real platform with the demo city. */

let folder: string
let platform: Platform
let browser: Browser
let page: Page
let started = 0
const broken: string[] = []

beforeAll(async () => {
  browser = await openPageBrowser()
  folder = mkdtempSync(join(tmpdir(), 'person-'))
  const config = loadConfig({ env: {}, overrides: { data: folder, http: { port: 0 }, mqtt: { port: 0 }, log: { level: 'error' } } })
  platform = await startPlatform(config, { demo: true, log: createLog('error'), now: Date.now })
  started = Date.now()
  const access = openAccess(dataPaths(folder).access, { now: Date.now })
  await access.keys.addUser('lin', 'dispatcher', '', 'a long password')
  access.close()
  page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
  page.on('pageerror', (error) => broken.push(error.message))
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await platform?.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

/** The map is drawn by a software's pen, beside other tests. */
const SOON = { timeout: 60_000 }

/** What the API says to this person. */
async function fetched<T>(path: string): Promise<T> {
  return (await page.evaluate(async (url) => (await fetch(url)).json(), `/api/v1/${path}`)) as T
}

describe('a person’s way', () => {
  it('logs in, sees the city on the map and an alert arrive within a minute, confirms it, dispatches it, sees the case', { timeout: 240_000 }, async () => {
    await page.goto(`http://127.0.0.1:${platform.http}/`)
    await page.getByTestId('login-name').fill('lin')
    await page.getByTestId('login-password').fill('wrong password')
    await page.getByTestId('login-submit').click()
    await page.getByText('auth.wrong').or(page.getByRole('alert')).first().waitFor()
    await page.getByTestId('login-password').fill('a long password')
    await page.getByTestId('login-submit').click()

    await page.locator('[data-testid=feed-state][data-state=live]').waitFor()
    const before = await page.getByTestId('alert-row').count()
    // Without a reload, within the minute that is promised.
    await page
      .getByTestId('alert-row')
      .nth(before)
      .waitFor({ timeout: Math.max(1, started + MINUTE - Date.now()) })

    await page.locator('[data-testid=map][data-loaded=true]').waitFor(SOON)
    const drawn = async (): Promise<Record<string, boolean>> => {
      const { points, clusters, vehicles, alerts } = await drawnOn(page)
      const some = (kind: 'cover' | 'camera'): boolean => points[kind].length + clusters[kind].length > 0
      return { covers: some('cover'), cameras: some('camera'), trucks: vehicles.length > 0, alerts: alerts.length > 0 }
    }
    await expect.poll(drawn, SOON).toEqual({ covers: true, cameras: true, trucks: true, alerts: true })
    const first = new Map((await drawnOn(page)).vehicles.map(({ id, lon, lat }) => [id, `${lon} ${lat}`]))
    const moved = async (): Promise<boolean> => (await drawnOn(page)).vehicles.some(({ id, lon, lat }) => first.has(id) && first.get(id) !== `${lon} ${lat}`)
    await expect.poll(moved, SOON).toBe(true)

    // A row that arrives now would be the first one.
    const id = (await page.getByTestId('alert-row').first().getAttribute('data-alert-id')) ?? ''
    await page.locator(`[data-testid=alert-row][data-alert-id="${id}"]`).click()
    await page.getByTestId('alert-panel').waitFor()
    await expect.poll(async () => (await drawnOn(page)).alerts.flatMap(({ ids }) => ids), SOON).toContain(id)
    await page.getByTestId('btn-verdict-confirmed').click()
    await page.getByTestId('btn-dispatch').click()
    await page.getByTestId('case-state').first().waitFor()

    const alert = await fetched<{ case: string }>(`alerts/${id}`)
    expect(alert).toMatchObject({ id, verdict: 'confirmed' })
    const found = await fetched(`cases/${alert.case}`)
    expect(found).toMatchObject({ state: 'reported', alerts: [id] })
    expect(broken).toEqual([])
  })
})
