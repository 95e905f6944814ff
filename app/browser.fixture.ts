import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** What `npm run build` leaves. */
const BUILT_PAGE = join(import.meta.dirname, '../dashboards/dist/index.html')
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
// Software GL, and no calls home.
const ARGS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The system's Chromium, else the one from npm. Throws when the page is not built. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(BUILT_PAGE)) throw new Error('the page is not built: npm run build')
  if (SYSTEM !== undefined) return chromium.launch({ executablePath: SYSTEM, args: ARGS })
  const { default: packaged } = await import('@sparticuz/chromium')
  return chromium.launch({ executablePath: await packaged.executablePath(), args: [...packaged.args, ...ARGS] })
}
