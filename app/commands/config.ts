import { existsSync } from 'node:fs'
import { loadConfig } from '../config.ts'
import { settingsJsonSchema } from '../settings.ts'
import { settingsTable } from '../settings-table.ts'

/** Where the configuration stands if nobody says so. */
export const DEFAULT_FILE = 'wanglou.yaml'

/** The configuration's JSON Schema, or its settings as a table. */
export function printSchema({ table }: { table?: boolean }): number {
  process.stdout.write(`${table ? settingsTable() : JSON.stringify(settingsJsonSchema(), null, 2)}\n`)
  return 0
}

/** Checks a configuration as a start would, with the variables and secrets of this environment. Throws `config.invalid` with every error. */
export function checkConfig(given: string | undefined): number {
  const file = given ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined)
  loadConfig({ ...(file !== undefined && { file }), env: process.env })
  process.stdout.write(`${file ?? 'what the environment says'} is valid\n`)
  return 0
}
