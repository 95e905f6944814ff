import { readFileSync } from 'node:fs'
import { CodedError } from '../../domain/errors.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { parseAssetFile } from '../asset-file.ts'
import { Inbox, type InboxEntry } from '../inbox.ts'
import { checkRules, ruleFiles } from './rules.ts'

const BY = 'command-line'

/** Everything in the file, or nothing of it. */
export function importAssets(file: string, { data }: { data: string }): Promise<number> {
  const assets = parseAssetFile(file, readText(file))
  return leave(
    data,
    assets.map((asset) => ({ type: 'asset', by: BY, asset })),
    'assets',
  )
}

export function importRules(paths: readonly string[], { data }: { data: string }): Promise<number> {
  const { errors } = checkRules(paths)
  if (errors.length > 0) throw new CodedError('rules.invalid', undefined, { details: errors.map((why) => ({ why })) })
  const entries = ruleFiles(paths).map((file): InboxEntry => {
    const source = readText(file)
    const parsed = parseRuleFile(source)
    if ('errors' in parsed) throw new CodedError('rules.invalid')
    return { type: 'rule', by: BY, id: parsed.file.rule, source, note: `from ${file}` }
  })
  return leave(data, entries, 'rules')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CodedError('request.invalid', `${file} cannot be read.`, { cause })
  }
}

/** A running platform takes it within a second; if none does, it waits for the next start. */
async function leave(data: string, entries: readonly InboxEntry[], what: string): Promise<number> {
  const inbox = new Inbox(data)
  try {
    inbox.add(entries, Date.now())
    for (let i = 0; i < 20 && inbox.waiting > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100))
    process.stdout.write(inbox.waiting > 0 ? `${entries.length} ${what} wait for the next start of the platform\n` : `${entries.length} ${what} imported\n`)
    return 0
  } finally {
    inbox.close()
  }
}
