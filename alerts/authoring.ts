import type { RuleStats } from '../domain/authoring.ts'
import { CodedError } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Authoring, RuleEdit, RuleTarget } from '../domain/ports/authoring.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { RuleView } from '../domain/ports/register.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import { diffRules } from '../rules/diff.ts'
import { editedSource } from '../rules/source.ts'
import { warningsOf } from '../rules/warnings.ts'
import type { Book } from '../store/book/book.ts'
import { paramFaults } from '../store/book/param-faults.ts'
import { isReadable, type ReadableRule, ruleView } from '../store/book/rule-views.ts'
import type { RuleRecord } from '../store/book/rules.ts'
import { refuseStale } from '../store/book/stale.ts'
import { oneAtATime, type Turns } from '../store/book/turns.ts'
import { checkSource, faultsOf } from './authoring/check.ts'
import { whyNotMoved } from './authoring/moves.ts'
import { GUARD, versionBefore } from './guard.ts'

export interface AuthoringDeps {
  book: Book
  journal: ControlAppender
  /** Resolves once the record at this offset shows in the book. */
  reached(offset: Offset): Promise<void>
  turns?: Turns
  /** What became of reminders, by rule, as the engine counts them. */
  reminders?(): Readonly<Record<string, NonNullable<RuleStats['reminders']>>>
}

/** What authors do (domain/ports/authoring.ts), what a command imports, and what a guard does to a version on trial. */
export interface AuthoringRoom extends Authoring {
  /** Puts the text of a file in force as the next version; undefined when it and what it extends are so already. Throws `rules.invalid`. */
  takeFile(file: { id: string; source: string; by: string; note: string }): Promise<RuleView | undefined>
  /** Takes a version on trial back by itself; the version that is in force now, null when none is. Undefined: it is on trial no more. */
  putBack(id: string, version: number, why: string): Promise<{ version: number | null } | undefined>
}

type RuleControl = Extract<Control, { type: 'rule' }>

export function createAuthoring({ book, journal, reached, turns = oneAtATime(), reminders = () => ({}) }: AuthoringDeps): AuthoringRoom {
  async function write(control: RuleControl): Promise<RuleView> {
    const { first } = await journal.append([control])
    await reached(first)
    const kept = await book.rules.find(control.id, control.version)
    if (!kept || !isReadable(kept)) throw new CodedError('internal', `Version ${control.version} of ${control.id} is in the journal and cannot be read.`)
    const parent = kept.file.extends
    return ruleView(kept, parent === undefined ? new Map() : await book.rules.live([parent]))
  }

  return {
    save: (id, edit, who) =>
      turns(id, async () => {
        const versions = await book.rules.versions(id)
        const [newest] = versions
        refuseStale(newest && { ...newest, by: newest.author }, edit.version)
        const source = edit.source ?? sourceOf(versions, edit)
        const base = await checkSource(book, id, source)
        const to = edit.to ?? { state: 'draft' }
        await refuseMove(book, versions, undefined, to, who)
        return write({ ...recordOf({ id, version: edit.version + 1, source, base }, to), by: who.name, note: edit.note })
      }),

    async check(id, source) {
      const { faults, base } = await faultsOf(book, id, source)
      return { errors: faults.map(({ word: _word, ...fault }) => fault), warnings: warningsOf(source, base ?? undefined) }
    },

    move: (id, version, { note, ...to }, who) =>
      turns(id, async () => {
        const versions = await book.rules.versions(id)
        const moved = readableIn(versions, version)
        await refuseMove(book, versions, moved, to, who)
        return write({ ...recordOf(moved, to), by: who.name, note })
      }),

    async diff(id, from, to) {
      const versions = await book.rules.versions(id)
      const text = (version: number): string => (version === 0 ? '' : readableIn(versions, version).source)
      return { rule: id, from, to, ...diffRules(text(from), text(to)) }
    },

    async stats(ids, now, who) {
      const stats = await book.ruleStats.of(ids, now, who.area)
      // The engine counts for the whole city.
      if (who.area === '') for (const [id, its] of stats) its.reminders = reminders()[id] ?? null
      return stats
    },

    takeFile: ({ id, source, by, note }) =>
      turns(id, async () => {
        const versions = await book.rules.versions(id)
        const base = await checkSource(book, id, source)
        if (versions.some((each) => each.state === 'live' && each.areas === null && each.source === source && each.base === base)) return undefined
        return write({ ...recordOf({ id, version: (versions[0]?.version ?? 0) + 1, source, base }, { state: 'live' }), by, note })
      }),

    putBack: (id, version, why) =>
      turns(id, async () => {
        const versions = await book.rules.versions(id)
        const tried = versions.find((each) => each.version === version)
        if (!tried || !isReadable(tried) || tried.state !== 'live' || tried.guard === null) return undefined
        const before = versionBefore(tried, versions, await book.rules.moves(id))
        const back = versions.filter(isReadable).find((each) => each.version === before?.version)
        // One that is or was on trial itself is on trial still.
        const control = back ? recordOf(back, { state: 'live', ...(before?.guard && { guard: before.guard }) }) : recordOf(tried, { state: 'draft' })
        await write({ ...control, by: GUARD, note: why })
        return { version: back?.version ?? null }
      }),
  }
}

/** What the journal keeps of a version wherever it goes; its text and what it extends stay with it. */
function recordOf({ id, version, source, base }: Pick<RuleRecord, 'id' | 'version' | 'source' | 'base'>, { state, areas, guard }: RuleTarget): Omit<RuleControl, 'by' | 'note'> {
  return { type: 'rule', id, version, state, source, ...(base !== null && { base }), ...(areas && { areas: [...areas] }), ...(guard && { guard }) }
}

function readableIn(versions: readonly RuleRecord[], version: number): ReadableRule {
  const found = versions.find((each) => each.version === version)
  if (!found || !isReadable(found)) throw new CodedError('not_found')
  return found
}

/** The text of a version with other values; throws `rules.invalid` for values that its params do not take. */
function sourceOf(versions: readonly RuleRecord[], { version, from = version, set = {}, overrides }: RuleEdit): string {
  const { file, source } = readableIn(versions, from)
  const given = [{ where: 'set', params: set }, ...(overrides ?? []).map(({ params }, index) => ({ where: `overrides.${index}.params`, params }))]
  const details = given.flatMap(({ where, params }) => paramFaults(file.params, params).map(({ name, why }) => ({ where: `${where}.${name}`, why })))
  if (details.length > 0) throw new CodedError('rules.invalid', undefined, { details })
  const edited = editedSource(source, { set, ...(overrides && { overrides }) })
  if (edited === undefined) throw new CodedError('rules.invalid', undefined, { details: [{ where: 'source', why: 'is written so that it can only be edited as a text' }] })
  return edited
}

async function refuseMove(book: Book, versions: readonly RuleRecord[], moved: RuleRecord | undefined, to: RuleTarget, who: Principal): Promise<void> {
  const why = whyNotMoved(versions, moved, to, who)
  if (why) throw why
  const unknown = await book.assets.unknownAreas(to.areas ?? [])
  if (unknown.length > 0) throw new CodedError('request.invalid', undefined, { details: unknown.map((code) => ({ where: 'body.areas', why: `there is no area ${code}` })) })
}
