import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loginPath } from '../api/routes/session.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { basemap } from '../fixtures/city/basemap.ts'
import { buildCity, type City } from '../fixtures/city/city.ts'
import { SIMULATE_GATEWAYS } from '../gateways/simulate.ts'
import type { Keys } from '../store/access/keys.ts'
import type { Book } from '../store/book/book.ts'
import type { Places } from '../store/book/places.ts'
import { showClips } from './demo-clips.ts'
import type { Log } from './log.ts'
import type { BookAppender } from './rule-book.ts'

/** The demo city, registered and ready to be driven. */
export interface Demo {
  site: City['site']
  basemap: object
  /** Logs in once, as the demo's administrator. */
  loginLink(http: string): string
  /** Starts the traffic; the answer stops it. */
  drive(mqtt: string, log: Log): () => Promise<void>
  /** Gives some cameras clips to look at; the answer stops it. */
  show(log: Log): () => Promise<void>
}

/** At the first start the city goes into the register; later starts find it there. Areas stand in the book alone, so a new book gets them again. */
export async function prepareDemo({ folder, keys, book, places, journal }: { folder: string; keys: Keys; book: Book; places: Places; journal: BookAppender }): Promise<Demo> {
  const city = buildCity()
  if ((await book.assets.areas('district')).length === 0) await places.replace(city.areas.map(({ code, level, name, polygon }) => ({ code, level, name, polygon })))
  const landmark = city.assets[0]?.id ?? ''
  if (!(await book.assets.find(landmark))) await journal.shown()
  if (!(await book.assets.find(landmark))) {
    await registerCity(city, places, journal)
    await journal.shown()
  }
  const passwords = await gatewayPasswords(folder, keys)
  return {
    site: city.site,
    basemap: basemap(city),
    loginLink: (http) => `${http}${loginPath(keys.makeLoginCode({ name: 'demo', role: 'admin', area: '' }))}`,
    drive: (mqtt, log) => drive({ mqtt, folder, passwords, log }),
    show: (log) => showClips({ folder: join(folder, 'clips'), cameras: book.assets, journal, log }),
  }
}

async function registerCity(city: City, places: Places, journal: ControlAppender): Promise<void> {
  const controls: Control[] = city.assets.map((asset) => ({ type: asset.kind === 'zone' ? 'zone' : 'asset', by: 'demo', asset: places.located(asset) }))
  for (const { id, config } of city.cameras) controls.push({ type: 'camera', by: 'demo', id, version: 1, config })
  await journal.append(controls)
}

/** Made once, readable by this user only. */
async function gatewayPasswords(folder: string, keys: Keys): Promise<string> {
  const file = join(folder, 'passwords')
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lines: string[] = []
  for (const id of Object.values(SIMULATE_GATEWAYS)) {
    if (keys.gateways().some((gateway) => gateway.id === id)) keys.removeGateway(id)
    lines.push(JSON.stringify({ id, password: await keys.addGateway(id) }))
  }
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return file
}

const AGAIN_MS = 2000
const PATIENCE_MS = 12_000

/** The living city as a process of its own, as real gateways are; it is started again if it dies, and ends when this process does. */
function drive({ mqtt, folder, passwords, log }: { mqtt: string; folder: string; passwords: string; log: Log }): () => Promise<void> {
  let child: ChildProcess | undefined
  let closed = false
  const run = (): void => {
    if (closed) return
    child = spawn(process.execPath, [join(import.meta.dirname, 'cli.ts'), 'gateway-run', 'simulate', '--url', mqtt, '--outbox', folder, '--quiet'], {
      env: { ...process.env, WANGLOU_PASSWORDS_FILE: passwords, WANGLOU_LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.once('exit', (code) => {
      if (closed) return
      log.warn({ code }, 'the demo traffic ended and starts again')
      setTimeout(run, AGAIN_MS).unref()
    })
  }
  run()
  return async () => {
    closed = true
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child?.kill('SIGKILL'), PATIENCE_MS)
    await gone
    clearTimeout(timer)
  }
}
