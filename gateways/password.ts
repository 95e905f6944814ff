import { readFileSync } from 'node:fs'
import { CodedError } from '../domain/errors.ts'

/**
 * Where gateways' passwords come from, never the command line, which every user of the machine can read:
 * `WANGLOU_PASSWORD_{ID}` (upper case, other signs as `_`), then the file named by `WANGLOU_PASSWORDS_FILE`,
 * then `WANGLOU_PASSWORD` for all. The file has a line for each gateway, as `wanglou gateway add ID --json` prints it.
 * Throws `config.invalid` with the line when the file cannot be read.
 */
export function passwordsFrom(env: Readonly<Record<string, string | undefined>>): (gateway: string) => string | undefined {
  const file = env.WANGLOU_PASSWORDS_FILE
  const listed = file === undefined ? new Map<string, string>() : readList(file)
  return (gateway) => env[`WANGLOU_PASSWORD_${gateway.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`] ?? listed.get(gateway) ?? env.WANGLOU_PASSWORD
}

function readList(file: string): Map<string, string> {
  const listed = new Map<string, string>()
  readText(file)
    .split('\n')
    .forEach((line, i) => {
      if (line.trim() === '') return
      const entry = parseLine(line)
      // The line itself is a secret and stays out of the message.
      if (!entry) throw new CodedError('config.invalid', `${file}:${i + 1} is not {"id": …, "password": …}.`)
      listed.set(entry.id, entry.password)
    })
  return listed
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CodedError('config.invalid', `The passwords file ${file} cannot be read.`, { cause })
  }
}

function parseLine(line: string): { id: string; password: string } | undefined {
  try {
    const { id, password } = JSON.parse(line) as { id?: unknown; password?: unknown }
    return typeof id === 'string' && typeof password === 'string' ? { id, password } : undefined
  } catch {
    return undefined
  }
}
