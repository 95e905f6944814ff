import type { Review, Verdict } from '../domain/alert.ts'

/** The people's axis of an alert: a verdict exists exactly while it is judged. */
export type ReviewState = { review: 'open'; verdict: null } | { review: 'acknowledged'; verdict: null } | { review: 'judged'; verdict: Verdict }

/** `disproved`: later data showed that the condition never was true, whatever anybody judged before. */
export type ReviewEvent = { type: 'acknowledge' } | { type: 'verdict'; verdict: Verdict } | { type: 'disproved' }

export const UNREVIEWED: ReviewState = { review: 'open', verdict: null }

/**
 * The only way in which review changes (S11). The last verdict counts, the earlier ones stay in the timeline. Changes of
 * the condition are no events here: nothing that the engine says of the world takes an operator's judgement away, but
 * for one thing, that there was nothing to judge.
 */
export function reviewAfter(state: ReviewState, event: ReviewEvent): ReviewState {
  switch (event.type) {
    case 'acknowledge':
      return state.review === 'open' ? { review: 'acknowledged', verdict: null } : state
    case 'verdict':
      return { review: 'judged', verdict: event.verdict }
    case 'disproved':
      return UNREVIEWED
  }
}

/** The review side of a record whose two columns are kept apart. */
export function reviewOf(record: { review: Review; verdict: Verdict | null }): ReviewState {
  if (record.review === 'judged' && record.verdict !== null) return { review: 'judged', verdict: record.verdict }
  return { review: record.review === 'acknowledged' ? 'acknowledged' : 'open', verdict: null }
}
