import { CodedError, type Detail } from '../../domain/errors.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { parentOf } from '../../rules/source.ts'
import type { Book } from '../../store/book/book.ts'

/**
 * Checks a text that is to become a version of rule `id`; throws `rules.invalid` with everything that is wrong, by line
 * and column. Answers the source of the rule that it extends, null when it extends none.
 */
export async function checkSource({ rules }: Pick<Book, 'rules'>, id: string, source: string): Promise<string | null> {
  const parent = extended(source)
  const base = parent === undefined ? undefined : (await rules.live([parent])).get(parent)
  const errors: Detail[] = []
  if (parent === id) errors.push({ where: 'extends', why: 'a rule cannot extend itself' })
  else if (parent !== undefined && !base) errors.push({ where: 'extends', why: `no version of ${parent} is live` })
  // A record holds one source beside its own: what stands by itself must not need a third.
  else if (base && base.base !== null) errors.push({ where: 'extends', why: `${base.id} extends a rule itself` })
  const parsed = parseRuleFile(source, base?.source)
  // Without its parent a rule has no errors of its own that could be told.
  if (errors.length === 0 && 'errors' in parsed) errors.push(...parsed.errors.map(({ line, column, why }) => ({ where: `${line}:${column}`, why })))
  if ('file' in parsed && parsed.file.rule !== id) errors.push({ where: 'rule', why: `must be ${id}, as in the path` })
  if (errors.length > 0) throw new CodedError('rules.invalid', undefined, { details: errors })
  return base?.source ?? null
}

function extended(source: string): string | undefined {
  try {
    return parentOf(source)
  } catch {
    return undefined
  }
}
