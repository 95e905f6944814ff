import type { RuleFault } from '../../domain/authoring.ts'
import { CodedError } from '../../domain/errors.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { parentOf } from '../../rules/source.ts'
import type { Book } from '../../store/book/book.ts'

/**
 * Checks a text that is to become a version of rule `id`; throws `rules.invalid` with everything that is wrong, by line
 * and column. Answers the source of the rule that it extends, null when it extends none.
 */
export async function checkSource(book: Pick<Book, 'rules' | 'calendars'>, id: string, source: string): Promise<string | null> {
  const { faults, base } = await faultsOf(book, id, source)
  if (faults.length === 0) return base
  throw new CodedError('rules.invalid', undefined, { details: faults.map(({ line, column, why, word }) => ({ where: word ?? `${line}:${column}`, why })) })
}

/** A city has hundreds. */
const MOST_RULES = 10_000

/** A fault of the text as a whole is also named by the word that it stands under. */
type Fault = RuleFault & { word?: string }

/** Everything that is wrong with a text as a version of rule `id`, and the source of the rule that it extends. */
export async function faultsOf({ rules, calendars }: Pick<Book, 'rules' | 'calendars'>, id: string, source: string): Promise<{ faults: Fault[]; base: string | null }> {
  const parent = extended(source)
  const base = parent === undefined ? undefined : (await rules.live([parent])).get(parent)
  const faults: Fault[] = []
  if (parent === id) faults.push(under(source, 'extends', 'a rule cannot extend itself'))
  else if (parent !== undefined && !base) faults.push(under(source, 'extends', `no version of ${parent} is live`))
  // A record holds one source beside its own: what stands by itself must not need a third.
  else if (base && base.base !== null) faults.push(under(source, 'extends', `${base.id} extends a rule itself`))
  const ids = [...(await calendars.ids())]
  const names = [...(await rules.ids('', MOST_RULES)), id]
  // Before the first import nothing is known of calendars.
  const parsed = parseRuleFile(source, base?.source, { rules: names, ...(ids.length > 0 && { calendars: ids }) })
  const told = faults.length > 0
  for (const error of 'errors' in parsed ? parsed.errors : []) if (!told || !error.why.startsWith('extends: ')) faults.push(error)
  if ('file' in parsed && parsed.file.rule !== id) faults.push(under(source, 'rule', `must be ${id}, as in the path`))
  return { faults, base: base?.source ?? null }
}

function under(source: string, word: string, why: string): Fault {
  const line = source.split('\n').findIndex((text) => text.startsWith(`${word}:`))
  return { line: Math.max(0, line) + 1, column: 1, why, word }
}

function extended(source: string): string | undefined {
  try {
    return parentOf(source)
  } catch {
    return undefined
  }
}
