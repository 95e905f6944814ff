import { existsSync } from 'node:fs'
import { startPlatform } from '../app.ts'
import { loadConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { DEFAULT_FILE } from './config.ts'

interface StartFlags {
  config?: string
  data?: string
  http?: number
  mqtt?: number
  demo?: boolean
}

/** Starts the platform, prints `ready http=… mqtt=…`, and closes in order on SIGTERM or SIGINT. */
export async function commandStart(flags: StartFlags): Promise<undefined> {
  const file = flags.config ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined)
  const config = loadConfig({
    ...(file === undefined ? {} : { file }),
    env: process.env,
    overrides: { data: flags.data, http: flags.http === undefined ? {} : { port: flags.http }, mqtt: flags.mqtt === undefined ? {} : { port: flags.mqtt } },
  })
  const log = createLog(config.log.level)
  // From here on there is something to close in order: a signal that comes while it starts ends it when it has.
  const told = untilSignal()
  const platform = await startPlatform(config, { demo: flags.demo === true, log, now: Date.now })
  process.stdout.write(`ready http=http://${host(config.http.host)}:${platform.http} mqtt=mqtt://${host(config.mqtt.host)}:${platform.mqtt}\n`)
  if (platform.loginLink !== undefined) process.stdout.write(`log in once with ${platform.loginLink}\n`)
  await told
  await platform.close()
  return undefined
}

function host(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
  })
}
