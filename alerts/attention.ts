import { type Attention, REASONS, type Reason } from '../domain/attention.ts'
import type { Change } from '../domain/projection.ts'
import type { Instant } from '../domain/time.ts'
import type { Tables } from '../store/book/book.ts'
import { alertChanged, type Cause } from '../store/book/changes.ts'
import { joinFused } from './fusion/fusion.ts'
import { type AttentionChange, type Outcome, reduceInBook } from './neighbourhood.ts'
import type { ReductionState } from './reduction.ts'

const PLATFORM = 'platform'

/** Writes what reduction decided of alerts; `except` is written by whoever asked. Answers the events that tell of it. */
export async function writeAttention(tables: Tables, { changes, before, state }: Outcome, cause: Cause, except?: string): Promise<Change[]> {
  const told: Change[] = []
  for (const change of changes) {
    const { after } = change
    if (after.id === except) continue
    await tables.attention.save(after)
    await addAttentionLine(tables, change, { before, state }, cause.at)
    told.push(await alertChanged(tables, after, 'updated', { id: `${cause.id}-${after.id}`, at: cause.at }))
  }
  return told
}

export async function addAttentionLine(tables: Tables, change: AttentionChange, { before, state }: Pick<Outcome, 'before' | 'state'>, at: Instant): Promise<void> {
  const line = lineOf(change, before, state)
  if (line) await tables.alerts.addLine(change.after.id, { at, by: PLATFORM, ...line })
}

/** What the timeline says of a change of attention; nothing when only its group's counters changed. */
function lineOf({ before, after }: AttentionChange, past: ReductionState, state: ReductionState): { what: string; note: string } | undefined {
  const [was, is] = [before.attention, after.attention]
  if (!is.shown) return was.by === is.by && was.ref === is.ref ? undefined : { what: 'quiet', note: whyQuiet(is, state) }
  if (!was.shown) return { what: 'shown', note: whyShown(was, after.group, state) }
  if (was.by === is.by) return undefined
  if (is.by === 'flapping') return { what: 'flapping', note: `${state.groups.get(is.ref ?? '')?.changes ?? ''} changes` }
  return was.by === 'flapping' ? { what: 'calm', note: `${past.groups.get(was.ref ?? '')?.changes ?? ''} changes` } : undefined
}

function whyQuiet({ by, ref }: Attention, state: ReductionState): string {
  const silence = state.silences.get(ref ?? '')
  if (silence) return `${by} ${ref} by ${silence.by}: ${silence.reason}`
  const source = state.alerts.get(ref ?? '')
  return source ? `${by} ${by === 'fused' ? 'with' : 'by'} ${source.rule} ${ref}` : `${by} ${ref}`
}

/** The reason that such a note begins with. */
export function quietOf(note: string): { by: Reason; ref: string } | undefined {
  const [first = '', ...rest] = note.split(' ')
  const by = REASONS.find((each) => each === first)
  const ref = by === 'fused' || by === 'inhibited' ? rest[2] : rest[0]
  return by && { by, ref: ref ?? '' }
}

function whyShown({ by, ref }: Attention, group: string | null, state: ReductionState): string {
  const silence = state.silences.get(ref ?? '')
  if (silence?.state === 'removed') return `${by} ${ref} was ended by ${silence.removedBy}`
  if (silence?.state === 'expired') return `${by} ${ref} is over`
  return group !== null && group === ref ? `stands for ${ref}` : `no longer ${by} ${ref}`
}

/** Everything that time brings by `clock`, in the order in which it was due; each bears the time that it was due. */
export async function elapse(tables: Tables, clock: Instant): Promise<Change[]> {
  const told: Change[] = []
  for (;;) {
    const next = await nextDue(tables)
    if (!next || next.at > clock) return told
    const { at } = next
    const event = 'silence' in next ? { type: 'due' as const, silence: next.silence, at } : { type: 'due' as const, group: next.group, at }
    const outcome = await reduceInBook(tables, event, await tables.attention.standing())
    const cause = { id: `${'silence' in next ? next.silence : next.group}-${at}`, at }
    told.push(...(await writeAttention(tables, outcome, cause)), ...(await joinFused(tables, outcome, cause, new Set())))
  }
}

type Due = { at: Instant; silence: string } | { at: Instant; group: string }

export async function nextDue(tables: Pick<Tables, 'silences' | 'groups'>): Promise<Due | undefined> {
  const [silence, group] = [await tables.silences.nextDue(), await tables.groups.nextCalm()]
  if (silence && (!group || silence.at <= group.at)) return { at: silence.at, silence: silence.id }
  return group && { at: group.at, group: group.id }
}
