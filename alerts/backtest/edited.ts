import type { BacktestRequest } from '../../domain/authoring.ts'
import { CodedError } from '../../domain/errors.ts'
import { compileRule, type RuleVersion } from '../../rules/rule.ts'
import { editedSource } from '../../rules/source.ts'
import type { Book } from '../../store/book/book.ts'
import { paramFaults } from '../../store/book/param-faults.ts'
import type { RuleRecord } from '../../store/book/rules.ts'
import { checkSource } from '../authoring/check.ts'

type Values = NonNullable<BacktestRequest['set']>
type Text = Pick<RuleVersion, 'version' | 'source' | 'base'>

/** The version that is live, if any, and what is tried instead of it. */
export interface Trial {
  live: RuleVersion | undefined
  edit: RuleVersion
  /** The edit's params that the live version has not, or has with another value. */
  set: Values
}

/**
 * Makes the two versions that a backtest compares; one that was saved keeps the parent that it was saved with. Where none is
 * live everywhere one on trial stands for it, as if it were; without either the newest version is what the edit changes. Throws `not_found`, or `rules.invalid` with everything that is wrong with the edit.
 */
export async function trialOf(
  book: Pick<Book, 'rules' | 'calendars'>,
  { rule: id, set = {}, source, version }: Pick<BacktestRequest, 'rule' | 'set' | 'source' | 'version'>,
): Promise<Trial> {
  const versions = (await book.rules.versions(id)).filter(({ state }) => state !== 'removed')
  const live = versions.find(({ state, areas }) => state === 'live' && areas === null) ?? versions.find(({ state }) => state === 'live')
  const origin = version === undefined ? (live ?? versions[0]) : versions.find((each) => each.version === version)
  if (!origin && version !== undefined) throw new CodedError('not_found', `Rule ${id} has no version ${version}.`)
  if (!origin && source === undefined) throw new CodedError('not_found', `There is no rule ${id}.`)
  const written: Text = source === undefined ? textOf(origin as RuleRecord) : { version: origin?.version ?? 0, source, base: (await checkSource(book, id, source)) ?? undefined }
  const edit = versionOf(id, { ...written, source: withValues(id, written, set) })
  const standing = live && versionOf(id, textOf(live))
  return { live: standing, edit, set: differing(standing, edit) }
}

function textOf({ version, source, base }: RuleRecord): Text {
  return { version, source, base: base ?? undefined }
}

/** In force since ever: late data is judged by it wherever it belongs. */
function versionOf(id: string, text: Text): RuleVersion {
  return { ...text, id, state: 'live', areas: undefined, since: 0, sinceAt: 0 }
}

function withValues(id: string, text: Text, set: Values): string {
  if (Object.keys(set).length === 0) return text.source
  const details = paramFaults(compileRule(versionOf(id, text)).file.params, set).map(({ name, why }) => ({ where: `set.${name}`, why }))
  if (details.length > 0) throw new CodedError('rules.invalid', undefined, { details })
  const edited = editedSource(text.source, { set })
  if (edited === undefined) throw new CodedError('rules.invalid', undefined, { details: [{ where: 'source', why: 'is written so that it can only be edited as a text' }] })
  return edited
}

function differing(live: RuleVersion | undefined, edit: RuleVersion): Values {
  const before = live && compileRule(live).params
  return Object.fromEntries(Object.entries(compileRule(edit).params).filter(([name, value]) => before?.[name] !== value))
}
