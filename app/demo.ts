import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import type { City } from '../fixtures/city/city.ts'
import { SIMULATE_GATEWAYS } from '../gateways/simulate.ts'
import type { Keys } from '../store/access/keys.ts'
import type { Places } from '../store/book/places.ts'
import type { Log } from './log.ts'

/** The demo city in the register: areas, covers, trucks, cameras, zones. At the first start only. */
export async function registerDemoCity(city: City, places: Places, journal: ControlAppender): Promise<void> {
  await places.replace(city.areas)
  const controls: Control[] = city.assets.map((asset) => ({ type: asset.kind === 'zone' ? 'zone' : 'asset', by: 'demo', asset: places.located(asset) }))
  for (const { id, config } of city.cameras) controls.push({ type: 'camera', by: 'demo', id, version: 1, config })
  await journal.append(controls)
}

/** Passwords of the demo's gateways: made once, readable by this user only. */
export async function demoPasswords(folder: string, keys: Keys): Promise<string> {
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

/** The living city as a process of its own, as real gateways are; it is started again if it dies. */
export function startDemoTraffic({ url, folder, passwords, log }: { url: string; folder: string; passwords: string; log: Log }): { close(): Promise<void> } {
  let child: ChildProcess | undefined
  let closed = false
  const run = (): void => {
    child = spawn(process.execPath, [join(import.meta.dirname, 'cli.ts'), 'gateway-run', 'simulate', '--url', url, '--outbox', folder, '--quiet'], {
      env: { ...process.env, WANGLOU_PASSWORDS_FILE: passwords },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', (code) => {
      if (closed) return
      log.warn({ code }, 'the demo traffic ended and starts again')
      setTimeout(run, 2000).unref()
    })
  }
  run()
  return {
    close: async () => {
      closed = true
      if (!child || child.exitCode !== null) return
      const gone = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGTERM')
      const timer = setTimeout(() => child?.kill('SIGKILL'), 12_000)
      await gone
      clearTimeout(timer)
    },
  }
}
