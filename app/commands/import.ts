import { existsSync } from 'node:fs'
import { CodedError } from '../../domain/errors.ts'
import { diffRules } from '../../rules/diff.ts'
import { openBook } from '../../store/book/book.ts'
import { parseAssetFile } from '../asset-file.ts'
import type { InboxEntry } from '../inbox.ts'
import { readTextFile } from '../located.ts'
import { dataPaths } from '../paths.ts'
import { parentsFirst } from '../rule-book.ts'
import { BY, leave } from './leave.ts'
import { checkRules } from './rules.ts'

/** Everything in the file, or nothing of it. */
export function importAssets(file: string, { data }: { data: string }): Promise<number> {
  const assets = parseAssetFile(file, readTextFile(file, 'assets.invalid'))
  return imported(
    data,
    assets.map((asset) => ({ type: 'asset', by: BY, asset })),
    'assets',
  )
}

/** Says of each file what it changes in the rule book, then leaves all of them to the platform, parents first. */
export async function importRules(paths: readonly string[], { data }: { data: string }): Promise<number> {
  const { rules, faults } = checkRules(paths)
  if (faults.length > 0) throw new CodedError('rules.invalid', undefined, { details: faults })
  const entries = rules.map(({ id, source, file }) => ({ type: 'rule', by: BY, id, source, note: `from ${file}` }) as const)
  for (const line of await differences(entries, dataPaths(data).book)) process.stdout.write(`${line}\n`)
  return imported(data, parentsFirst(entries), 'rules')
}

/** One line for each file that differs from what is live; empty before the first start, and for a book that the platform has yet to migrate. */
async function differences(entries: readonly { id: string; source: string }[], path: string): Promise<string[]> {
  if (!existsSync(path)) return []
  const book = await openBook(path, { readonly: true })
  try {
    const live = await book.rules.live(entries.map(({ id }) => id))
    return entries.flatMap(({ id, source }) => {
      const present = live.get(id)
      if (present?.source === source) return []
      return [present ? `${id}: differs from version ${present.version} by ${present.author}, ${diffRules(present.source, source).sentence.en}` : `${id}: not live yet`]
    })
  } catch {
    return []
  } finally {
    await book.close()
  }
}

async function imported(data: string, entries: readonly InboxEntry[], what: string): Promise<number> {
  const taken = await leave(data, entries)
  process.stdout.write(taken ? `${entries.length} ${what} imported\n` : `${entries.length} ${what} wait for the next start of the platform\n`)
  return 0
}
