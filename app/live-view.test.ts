import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openAccess } from '../store/access/access.ts'
import { openPageBrowser } from './browser.fixture.ts'
import { dataPaths } from './paths.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** A person looks through a camera in the built page, in a real browser. */

let platform: TestPlatform
let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await openPageBrowser()
  platform = await startTestPlatform()
  const access = openAccess(dataPaths(platform.data).access, { now: Date.now })
  await access.keys.addUser('guan', 'operator', '', 'a long password')
  access.close()
  const path = join(platform.data, 'street.png')
  writeFileSync(
    path,
    await sharp({ create: { width: 320, height: 180, channels: 3, background: '#204060' } })
      .png()
      .toBuffer(),
  )
  await platform.ask('assets/cam-1', { kind: 'camera', name: '海滨路摄像机' }, 'PUT')
  await platform.ask('cameras/cam-1', { version: 0, source: { type: 'file', path, loop: true, realtime: true } }, 'PUT')
  page = await (await browser.newContext()).newPage()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await platform?.remove()
}, 60_000)

it('sees the picture move by a link that names no source, and is written down once', { timeout: 60_000 }, async () => {
  await page.goto(`${platform.url()}/cameras/cam-1`)
  await page.getByTestId('login-name').fill('guan')
  await page.getByTestId('login-password').fill('a long password')
  await page.getByTestId('login-submit').click()
  await page.getByTestId('btn-live').click()
  const live = page.locator('.stage-frame img[src*="/api/v1/live/cam-1?"]')
  await expect.poll(() => live.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth), { timeout: 30_000 }).toBe(320)
  expect(await live.getAttribute('src')).not.toMatch(/street\.png|file/)
  await page.getByTestId('btn-live').click()
  await live.waitFor({ state: 'detached' })
  const { items } = await platform.ask<{ items: { what: string; by: string; target: string }[] }>('audit?limit=100')
  expect(items.filter(({ what }) => what === 'camera.live')).toMatchObject([{ by: 'guan', target: 'cam-1' }])
})
