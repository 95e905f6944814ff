import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { parentOf } from '../rules/source.ts'
import type { Book } from '../store/book/book.ts'
import { parseFile, ruleFiles } from './commands/rules.ts'
import type { Log } from './log.ts'

/** Appends to the journal, and waits until all of the journal shows in the book: what is asked of the book before is of yesterday. */
export interface BookAppender extends ControlAppender {
  shown(): Promise<void>
}

/** Those that others extend come first, so that each finds its parent; otherwise the order stays. */
export function parentsFirst<T extends { id: string; source: string }>(rules: readonly T[]): T[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const sorted = new Set<T>()
  const visit = (rule: T, path: readonly T[]): void => {
    const parent = byId.get(parentOf(rule.source) ?? '')
    if (parent && !path.includes(parent)) visit(parent, [...path, rule])
    sorted.add(rule)
  }
  for (const rule of rules) visit(rule, [])
  return [...sorted]
}

/** The city's own rule files, parents first; throws for one that is no rule. */
function bookFiles(): { id: string; source: string; file: string }[] {
  const rules = ruleFiles([]).map((file) => {
    const parsed = parseFile(file)
    const { source } = parsed
    if ('errors' in parsed) throw new Error(`${file}:${parsed.errors[0]?.line} ${parsed.errors[0]?.why}`)
    return { id: parsed.file.rule, source, file }
  })
  return parentsFirst(rules)
}

/**
 * At the first start the rule files become versions in the journal; from then on the journal is the truth (S1), and a
 * file that says something else is reported and overwrites nothing.
 */
export async function importRuleBook(book: Book, journal: BookAppender, log: Log): Promise<void> {
  // Not "is the journal empty": a gateway may have been quicker, or the first start may have died before it came here.
  if ((await book.rules.ids('', 1)).length === 0) await journal.shown()
  const first = (await book.rules.ids('', 1)).length === 0
  if (!first) return reportDifferent(book, log)
  const sources = new Map<string, string>()
  const controls = bookFiles().map(({ id, source }): Control => {
    const base = sources.get(parentOf(source) ?? '')
    sources.set(id, source)
    return { type: 'rule', by: 'platform', id, version: 1, state: 'live', source, ...(base !== undefined && { base }), note: 'first start' }
  })
  await journal.append(controls)
  // Whoever writes the next version counts from these.
  await journal.shown()
}

async function reportDifferent(book: Book, log: Log): Promise<void> {
  const files = bookFiles()
  const live = await book.rules.live(files.map(({ id }) => id))
  for (const { id, source, file } of files)
    if (live.get(id)?.source !== source) log.warn({ rule: id, file }, 'the file differs from the live version; `wanglou rules import` would make it a new version')
}
