import { readFileSync } from 'node:fs'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { parseRuleFile } from '../rules/file.ts'
import type { Book } from '../store/book/book.ts'
import { ruleFiles } from './commands/rules.ts'
import type { Log } from './log.ts'

/** Appends to the journal, and waits until all of the journal shows in the book: what is asked of the book before is of yesterday. */
export interface BookAppender extends ControlAppender {
  shown(): Promise<void>
}

/** A rule version as a file asks for it: the next one if it says anything new, else nothing. */
export async function ruleControl(book: Book, wanted: { id: string; source: string; by: string; note: string }): Promise<Control | undefined> {
  const versions = await book.rules.versions(wanted.id)
  const newest = Math.max(0, ...versions.map(({ version }) => version))
  if (versions.find(({ state }) => state === 'live')?.source === wanted.source) return undefined
  return { type: 'rule', by: wanted.by, id: wanted.id, version: newest + 1, state: 'live', source: wanted.source, note: wanted.note }
}

/**
 * At the first start the rule files become versions in the journal; from then on the journal is the truth (S1), and a
 * file that says something else is reported and overwrites nothing.
 */
export async function importRuleBook(book: Book, journal: BookAppender, log: Log): Promise<void> {
  // Not "is the journal empty": a gateway may have been quicker, or the first start may have died before it came here.
  if ((await book.rules.ids('', 1)).length === 0) await journal.shown()
  const first = (await book.rules.ids('', 1)).length === 0
  const controls: Control[] = []
  for (const file of ruleFiles([])) {
    const source = readFileSync(file, 'utf8')
    const parsed = parseRuleFile(source)
    if ('errors' in parsed) throw new Error(`${file}:${parsed.errors[0]?.line} ${parsed.errors[0]?.why}`)
    const control = await ruleControl(book, { id: parsed.file.rule, source, by: 'platform', note: 'first start' })
    if (!control) continue
    if (first) controls.push(control)
    else log.warn({ rule: parsed.file.rule, file }, 'the file differs from the live version; `wanglou rules import` would make it a new version')
  }
  if (controls.length > 0) await journal.append(controls)
}
