import { join } from 'node:path'
import { z } from 'zod'
import { type Calendar, CalendarSchema } from '../domain/calendar.ts'
import { canonical } from '../domain/canonical.ts'
import { CodedError, type Detail } from '../domain/errors.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { parentOf } from '../rules/source.ts'
import type { Book } from '../store/book/book.ts'
import { CALENDARS, type CheckedRule, checkRules } from './commands/rules.ts'
import { parseYamlFile } from './located.ts'
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

interface BookFiles {
  calendars: Record<string, Calendar>
  rules: CheckedRule[]
  faults: Detail[]
}

/** The city's own calendars and rules, parents first, and everything that is wrong with the files. `calendars`: those that are in the book already. */
function bookFiles(folder: string, calendars: readonly string[]): BookFiles {
  const own = readCalendars(join(folder, CALENDARS))
  const { rules, faults } = checkRules([folder], { calendars: [...new Set([...calendars, ...Object.keys(own.calendars)])] })
  return { calendars: own.calendars, rules: parentsFirst(rules), faults: [...own.faults, ...faults] }
}

function readCalendars(file: string): Pick<BookFiles, 'calendars' | 'faults'> {
  try {
    return { calendars: parseYamlFile(file, z.record(z.string(), CalendarSchema), 'rules.invalid'), faults: [] }
  } catch (error) {
    if (error instanceof CodedError) return { calendars: {}, faults: [...error.details] }
    throw error
  }
}

/**
 * At the first start the files of the rule book become versions in the journal, all of them or none: throws `rules.invalid`
 * with everything that is wrong. From then on the journal is the truth (S1): a file that says something else is reported
 * and overwrites nothing, and what is wrong with files is the answer.
 */
export async function importRuleBook(book: Book, journal: BookAppender, { log, folder }: { log: Log; folder: string }): Promise<readonly Detail[]> {
  const isEmpty = async (): Promise<boolean> => (await book.rules.ids('', 1)).length === 0 || (await book.calendars.ids()).size === 0
  // Not "is the journal empty": a gateway may have been quicker, or the first start may have died before it came here.
  if (await isEmpty()) await journal.shown()
  const present = [...(await book.calendars.ids())]
  const { calendars, rules, faults } = bookFiles(folder, present)
  const first = (await book.rules.ids('', 1)).length === 0
  if (first && faults.length > 0) throw new CodedError('rules.invalid', 'The rule book has errors; nothing of it was taken.', { details: faults })
  for (const { where, why } of faults) log.error({ where, why }, 'a file of the rule book has an error; what is live goes on')
  const controls = [...(present.length === 0 ? calendarControls(calendars) : []), ...(first ? ruleControls(rules) : [])]
  if (controls.length > 0) await journal.append(controls)
  // Whoever writes the next version counts from these.
  if (first) await journal.shown()
  else await reportDifferent({ rules, calendars }, book, log)
  return faults
}

function calendarControls(calendars: Record<string, Calendar>): Control[] {
  return Object.entries(calendars).map(([id, calendar]) => ({ type: 'calendar', by: 'platform', id, calendar }))
}

function ruleControls(rules: readonly CheckedRule[]): Control[] {
  const sources = new Map(rules.map(({ id, source }) => [id, source]))
  return rules.map(({ id, source }) => {
    const base = sources.get(parentOf(source) ?? '')
    return { type: 'rule', by: 'platform', id, version: 1, state: 'live', source, ...(base !== undefined && { base }), note: 'first start' }
  })
}

async function reportDifferent({ rules: files, calendars }: Pick<BookFiles, 'rules' | 'calendars'>, book: Book, log: Log): Promise<void> {
  const live = await book.rules.live(files.map(({ id }) => id))
  for (const { id, source, file } of files)
    if (live.get(id)?.source !== source) log.warn({ rule: id, file }, 'the file differs from the live version; `wanglou rules import` would make it a new version')
  for (const [calendar, wanted] of Object.entries(calendars)) {
    const { id: _id, version: _version, by: _by, at: _at, ...present } = (await book.calendars.find(calendar)) ?? {}
    if (canonical(present) !== canonical(wanted)) log.warn({ calendar }, 'the file differs from the calendar that is in force, which an author changes on the page or by the API')
  }
}
