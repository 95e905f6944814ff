import type { Change } from '../../domain/projection.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { Tables } from '../../store/book/book.ts'
import { alertChanged, type Cause } from '../../store/book/changes.ts'
import type { Outcome } from '../neighbourhood.ts'
import { undoubted } from './doubt.ts'

/**
 * Two alerts that tell of the same thing are shown as one: reduction keeps the one quiet (`fused`) while the other goes on.
 * Here the pair is written down, so that the one that is shown stays confirmed and bears the evidence of both, and what is
 * confirmed is no longer doubted; and what somebody works at already is no second case. Answers the events of alerts that
 * were not `told` of anyway; `about` is the alert that changed, because the other one's evidence and certainty go with it.
 */
export async function joinFused(tables: Tables, { changes }: Pick<Outcome, 'changes'>, cause: Cause, told: ReadonlySet<string>, about?: AlertRecord): Promise<Change[]> {
  const events: Change[] = []
  const sources = await sourcesOf(tables, changes, cause)
  const its = about && fusedTo(about)
  if (its && !sources.has(its)) sources.set(its, false)
  for (const [source, joined] of sources) {
    const alert = await tables.alerts.find(source)
    if (!alert) continue
    const after = joined ? undoubted(alert) : alert
    if (after.doubt !== alert.doubt) await tables.alerts.save(after)
    if (!told.has(source)) events.push(await alertChanged(tables, after, 'updated', { id: `${cause.id}-${source}-fused`, at: cause.at }))
  }
  return events
}

/** Writes new pairs down; answers the alerts that gained (true) or lost another. */
async function sourcesOf(tables: Tables, changes: Outcome['changes'], cause: Cause): Promise<Map<string, boolean>> {
  const sources = new Map<string, boolean>()
  for (const { before, after } of changes) {
    const [was, is] = [fusedTo(before), fusedTo(after)]
    if (was !== null && was !== is) sources.set(was, sources.get(was) ?? false)
    if (is === null || was === is) continue
    sources.set(is, true)
    if (!(await tables.fusions.add(is, after.id))) continue
    await shareCase(tables, is, after.id, cause)
    await tables.alerts.addLine(is, { at: cause.at, by: 'platform', what: 'confirmed', note: `${after.rule} ${after.id}` })
  }
  return sources
}

/** One thing is one piece of work: whoever of the two has no case yet belongs to the open case of the other. */
async function shareCase(tables: Tables, source: string, target: string, cause: Cause): Promise<void> {
  const [one, other] = [await tables.alerts.find(source), await tables.alerts.find(target)]
  if (!one || !other || (one.case === null) === (other.case === null)) return
  const [without, its] = one.case === null ? [one, other.case] : [other, one.case]
  if (its === null || !(await tables.cases.find(its))?.open) return
  await tables.alerts.save({ ...without, case: its })
  await tables.alerts.addLine(without.id, { at: cause.at, by: 'platform', what: 'dispatched', note: its })
}

function fusedTo({ attention: { by, ref } }: AlertRecord): string | null {
  return by === 'fused' ? ref : null
}
