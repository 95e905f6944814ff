import { describe, expect, it } from 'vitest'
import { VERDICTS } from '../domain/alert.ts'
import { type ReviewEvent, type ReviewState, reviewAfter, reviewOf, UNREVIEWED } from './review.ts'

const open = UNREVIEWED
const acknowledged: ReviewState = { review: 'acknowledged', verdict: null }
const confirmed: ReviewState = { review: 'judged', verdict: 'confirmed' }
const benign: ReviewState = { review: 'judged', verdict: 'benign' }

const acknowledge: ReviewEvent = { type: 'acknowledge' }
const sayBenign: ReviewEvent = { type: 'verdict', verdict: 'benign' }
const disproved: ReviewEvent = { type: 'disproved' }

describe('review (S11)', () => {
  it.each<[string, ReviewState, ReviewEvent, ReviewState]>([
    ['somebody takes an open alert', open, acknowledge, acknowledged],
    ['taking it twice is taking it once', acknowledged, acknowledge, acknowledged],
    ['a judged alert is not taken back by an acknowledgement', confirmed, acknowledge, confirmed],
    ['a verdict needs no acknowledgement', open, sayBenign, benign],
    ['a verdict follows an acknowledgement', acknowledged, sayBenign, benign],
    ['the last verdict counts', confirmed, sayBenign, benign],
    ['a disproved alert must be judged again', confirmed, disproved, open],
    ['a disproved alert that somebody had taken is open again', acknowledged, disproved, open],
    ['a disproved alert that nobody had seen stays open', open, disproved, open],
  ])('%s', (_why, before, event, after) => {
    expect(reviewAfter(before, event)).toEqual(after)
  })

  it.each([open, acknowledged, confirmed, benign])('has a verdict exactly while it is judged: %o', (state) => {
    for (const event of [acknowledge, disproved, ...VERDICTS.map((verdict): ReviewEvent => ({ type: 'verdict', verdict }))]) {
      const after = reviewAfter(state, event)
      expect(after.verdict !== null).toBe(after.review === 'judged')
      expect(reviewOf(after)).toEqual(after)
    }
  })
})
