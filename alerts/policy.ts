import type { RuleFile, Shared } from '../domain/rule.ts'
import { parseDuration } from '../domain/time.ts'

/** What a rule says of how its alerts are shown; times in ms. */
export interface Policy {
  group: { by: readonly (Shared | 'severity')[]; withinMs: number } | null
  inhibits: { rules: readonly string[]; on: Shared } | null
  /** Rules whose alerts so near tell of the same thing. */
  fuse: { with: readonly string[]; withinM: number } | null
  flap: { changes: number; withinMs: number; quietForMs: number } | null
}

export const NO_POLICY: Policy = { group: null, inhibits: null, fuse: null, flap: null }

/** Of the version that raised an alert: an edit of the rule changes nothing for alerts that are already there. */
export function policyOf(file: Pick<RuleFile, 'group' | 'inhibits' | 'fuse' | 'flap'> | null): Policy {
  if (!file) return NO_POLICY
  const { group, inhibits, fuse, flap } = file
  return {
    group: group ? { by: group.by, withinMs: parseDuration(group.within) ?? 0 } : null,
    inhibits: inhibits ?? null,
    fuse: fuse ?? null,
    flap: flap ? { changes: flap.changes, withinMs: parseDuration(flap.within) ?? 0, quietForMs: parseDuration(flap.quietFor) ?? 0 } : null,
  }
}
