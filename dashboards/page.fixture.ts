import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { openBrowser } from '../fixtures/browser.fixture.ts'
import { alertWith } from './alerts/alert.fixture.ts'
import { Platform, raised } from './platform.fixture.ts'

export const row = (id: string): string => `[data-testid=alert-row][data-alert-id="${id}"]`

export interface Opened {
  platform: Platform
  page: Page
  address: string
  /** Calls to others than its own server, what its policy refused, and errors that nobody caught. */
  strange: string[]
  /** Logged in, with the first alerts shown. */
  enter: (path?: string) => Promise<void>
}

/** For each test of the suite: the page as it is built, in a browser, with a platform of its own that has two alerts. */
export function eachOpensThePage(put: (opened: Opened) => void): void {
  // There `npm test` has just built it; who runs one test while working wants the page as it is now.
  const own = process.env.CI ? null : mkdtempSync(join(tmpdir(), 'wanglou-page-'))
  const dist = own ?? join(import.meta.dirname, 'dist')
  let browser: Browser | undefined
  beforeAll(async () => {
    if (own) await build({ root: import.meta.dirname, configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'silent', build: { outDir: own, emptyOutDir: true } })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    if (own) rmSync(own, { recursive: true, force: true })
  })
  beforeEach(async () => {
    const platform = new Platform(dist)
    await new Promise<void>((resolve) => platform.server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(platform.server.address() as AddressInfo).port}`
    platform.alerts = [alertWith({ id: 'a2', raisedAt: raised(2) }), alertWith({ id: 'a1', raisedAt: raised(1) })]
    const context = await (browser as Browser).newContext({ viewport: { width: 1366, height: 768 } })
    const page = await context.newPage()
    const strange: string[] = []
    page.on('request', (request) => void (request.url().startsWith(address) || /^(blob|data):/.test(request.url()) || strange.push(request.url())))
    page.on('console', (message) => void (message.text().includes('Content Security Policy') && strange.push(message.text())))
    page.on('pageerror', (error) => strange.push(error.message))
    const enter = async (path = '/'): Promise<void> => {
      platform.signedIn = true
      await page.goto(address + path)
      await page.waitForSelector(row('a1'))
    }
    put({ platform, page, address, strange, enter })
    return async () => {
      await context.close()
      platform.server.closeAllConnections()
      await new Promise((resolve) => platform.server.close(resolve))
    }
  })
}
