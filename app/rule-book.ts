import { readFileSync } from 'node:fs'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { parseRuleFile } from '../rules/file.ts'
import { parentOf } from '../rules/source.ts'
import type { Book } from '../store/book/book.ts'
import { ruleFiles } from './commands/rules.ts'
import type { Log } from './log.ts'

/** Appends to the journal, and waits until all of the journal shows in the book: what is asked of the book before is of yesterday. */
export interface BookAppender extends ControlAppender {
  shown(): Promise<void>
}

/** What a file asks of the rule book: `same` as the live version, or the next version; or why it cannot be one. */
export type Wanted = { control: Control } | { same: true } | { missing: string }

/** The version that a file would become, extending its parent as the parent is live now; `beside`: sources that go into the journal with it. */
export async function ruleWanted(book: Book, wanted: { id: string; source: string; by: string; note: string }, beside: ReadonlyMap<string, string> = new Map()): Promise<Wanted> {
  const versions = await book.rules.versions(wanted.id)
  const newest = Math.max(0, ...versions.map(({ version }) => version))
  const parent = parentOf(wanted.source)
  const base = parent === undefined ? undefined : (beside.get(parent) ?? (await book.rules.live([parent])).get(parent)?.source)
  if (parent !== undefined && base === undefined) return { missing: parent }
  const live = versions.find(({ state, areas }) => state === 'live' && areas === null)
  if (live?.source === wanted.source && live.base === (base ?? null)) return { same: true }
  return {
    control: { type: 'rule', by: wanted.by, id: wanted.id, version: newest + 1, state: 'live', source: wanted.source, ...(base !== undefined && { base }), note: wanted.note },
  }
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
    const source = readFileSync(file, 'utf8')
    const parsed = parseRuleFile(source)
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
  const controls: Control[] = []
  const beside = new Map<string, string>()
  for (const { id, source, file } of bookFiles()) {
    const wanted = await ruleWanted(book, { id, source, by: 'platform', note: 'first start' }, beside)
    beside.set(id, source)
    if ('missing' in wanted) log.warn({ rule: id, file, extends: wanted.missing }, 'the rule that the file extends is not live')
    else if ('control' in wanted) controls.push(wanted.control)
  }
  await journal.append(controls)
}

async function reportDifferent(book: Book, log: Log): Promise<void> {
  const files = bookFiles()
  const live = await book.rules.live(files.map(({ id }) => id))
  for (const { id, source, file } of files)
    if (live.get(id)?.source !== source) log.warn({ rule: id, file }, 'the file differs from the live version; `wanglou rules import` would make it a new version')
}
