import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../fixtures/browser.fixture.ts'

/** What `npm run build` leaves. */
const BUILT_PAGE = join(import.meta.dirname, '../dashboards/dist/index.html')

/** A browser for the page that the platform serves. Throws when that is not built. */
export async function openPageBrowser(): Promise<Browser> {
  if (!existsSync(BUILT_PAGE)) throw new Error('the page is not built: npm run build')
  return openBrowser()
}
