import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startPlatform } from '../app/app.ts'
import { loadConfig } from '../app/config.ts'
import { createLog } from '../app/log.ts'
import { dataPaths } from '../app/paths.ts'
import { openAccess } from '../store/access/access.ts'

/**
 * The whole platform in a process of its own, as `wanglou start` runs it, with what a load needs: gateways, a reader's
 * token. Prints `ready {…}`, answers `measure` with what it measured of itself, and removes its folder on SIGTERM.
 */
const gateways = (process.argv[2] ?? 'bench').split(',')
mkdirSync('data', { recursive: true })
const folder = mkdtempSync(join('data', 'bench-'))
const config = loadConfig({
  env: {},
  overrides: { data: folder, http: { port: 0 }, mqtt: { port: 0 }, log: { level: 'error' }, limits: { messagesPerSecond: 1_000_000, newDevicesPerHour: 1_000_000 } },
})
const access = openAccess(dataPaths(folder).access, { now: Date.now })
const passwords: Record<string, string> = {}
for (const id of gateways) passwords[id] = await access.keys.addGateway(id)
const token = access.keys.addToken('bench-reader', 'admin', '')
access.close()
const platform = await startPlatform(config, { demo: false, log: createLog('error'), now: Date.now })
process.stdout.write(`ready ${JSON.stringify({ mqtt: platform.mqtt, http: platform.http, passwords, token })}\n`)
process.on('message', (message) => {
  if (message === 'measure') void platform.measures().then((measures) => process.send?.(measures))
})
process.once('SIGTERM', () => {
  void platform.close().then(() => {
    rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  })
})
