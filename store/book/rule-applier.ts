import type { ControlRecord } from '../../domain/record.ts'
import type { RuleFile } from '../../domain/rule.ts'
import type { Tables } from './book.ts'
import type { RuleRecord, RuleStanding } from './rules.ts'

type RuleEntry = Extract<ControlRecord, { type: 'rule' }>

/** Reads the source of a rule, with the source of the one that it extends; throws if it cannot. */
export type ParseRule = (source: string, base?: string) => RuleFile

/**
 * Projects a rule record: a version becomes known or moves, and what it takes the place of goes back to draft. Of one
 * rule at most one version is live everywhere, one in some areas and one in shadow; who goes live everywhere ends the
 * trial in areas too, and what was quarantined is then the past.
 */
export async function applyRule({ rules }: Pick<Tables, 'rules'>, entry: RuleEntry, parse: ParseRule): Promise<void> {
  const { id, version, state, source, base = null, by, note, receivedAt } = entry
  const before = await rules.find(id, version)
  const standing = standingOf(entry, before)
  if (before) await rules.enter(id, version, standing)
  else await rules.save({ ...standing, id, version, source, base, file: readable(entry, parse), author: by, note, at: receivedAt })
  if (state !== 'live' && state !== 'shadow') return
  for (const other of await rules.versions(id)) {
    if (other.version === version || !yields(other, standing)) continue
    await rules.enter(id, other.version, { ...standing, state: 'draft', areas: null, guard: null, why: `version ${version} is ${state}${note === '' ? '' : `: ${note}`}` })
  }
}

function standingOf({ state, areas, guard, by, note, receivedAt, offset }: RuleEntry, before: RuleRecord | undefined): RuleStanding {
  const live = state === 'live'
  return {
    state,
    areas: live && areas !== undefined && areas.length > 0 ? areas : null,
    guard: live ? (guard ?? null) : null,
    since: receivedAt,
    movedBy: by,
    why: before || state === 'quarantined' ? note : '',
    offset,
  }
}

/** True when a version gives way to one that has come into this state. */
function yields(other: Pick<RuleRecord, 'state' | 'areas'>, { state, areas }: RuleStanding): boolean {
  if (state === 'shadow') return other.state === 'shadow'
  if (state !== 'live') return false
  return areas === null ? other.state === 'live' || other.state === 'quarantined' : other.state === 'live' && other.areas !== null
}

/** A rule that an older program accepted and this one cannot read must not stop the projection: it stays, as text. */
function readable({ source, base }: RuleEntry, parse: ParseRule): RuleFile | null {
  try {
    return parse(source, base)
  } catch {
    return null
  }
}
