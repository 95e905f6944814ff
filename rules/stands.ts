import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import type { Run } from './course.ts'
import { clearing, prepare, severityOf } from './judge.ts'
import { blame } from './quarantine.ts'
import type { CompiledRule } from './rule.ts'
import type { KeyState } from './state.ts'
import { judging, RULE } from './watch.ts'

/** What a rule says of an asset without a new observation; undefined where it is unknown. */
export interface Standing {
  when: boolean | undefined
  clear: boolean | undefined
  severity: Severity | undefined
}

const UNKNOWN: Standing = { when: undefined, clear: undefined, severity: undefined }

/** What the rule says at event time `at`, not before the course's frontier; nothing is changed. */
export function standsAt(run: Run, rule: CompiledRule, key: KeyState, at: Instant): Standing {
  const context = prepare(run, rule, at, key, undefined, undefined)
  judging.cells[RULE] = rule.nth
  try {
    const when = rule.when(context) as boolean | undefined
    return { when, clear: clearing(rule, context, when), severity: severityOf(rule, context) }
  } catch (error) {
    blame(run.state, rule, error)
    return UNKNOWN
  }
}
