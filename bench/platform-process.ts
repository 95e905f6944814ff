import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startPlatform } from '../app/app.ts'
import { loadConfig } from '../app/config.ts'
import { createLog } from '../app/log.ts'
import { dataPaths } from '../app/paths.ts'
import { openAccess } from '../store/access/access.ts'
import { FLOW_RULES } from './node-red/flow.ts'

/**
 * The whole platform in a process of its own, as `wanglou start` runs it, with what a load needs: gateways, a reader's
 * token, and of the book the nine rules that the peer runs too. Prints `ready {…}`, answers `measure` with what it measured of itself, and removes its folder on SIGTERM.
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
await takeOutOtherRules()
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

/** What is compared must judge the same: the rest of the book goes back to draft, as an author would do it. */
async function takeOutOtherRules(): Promise<void> {
  const api = `http://127.0.0.1:${platform.http}/api/v1`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${api}/rules?limit=10000`, { headers })
  const { items } = (await answer.json()) as { items: { id: string; version: number }[] }
  for (const { id, version } of items.filter((rule) => !FLOW_RULES.includes(rule.id))) {
    const moved = await fetch(`${api}/rules/${id}/versions/${version}/draft`, { method: 'POST', headers, body: '{}' })
    if (!moved.ok) throw new Error(`${id}: ${moved.status} ${await moved.text()}`)
  }
}
