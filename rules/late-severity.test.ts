import { expect, it } from 'vitest'
import { Hand } from './hand.fixture.ts'

it('S6 late data that changes nothing in the end leaves an alert the severity that it has risen to', () => {
  const hand = new Hand()
  hand.rule('cover-water-high')
  for (let at = 10; at <= 800; at += 10) hand.cover('c-1', at, { waterMm: 850 })
  expect(hand.cover('c-1', 810, { waterMm: 1300 }).map(({ severity }) => severity)).toEqual(['critical'])
  // Run again from its beginning, the course is what it was before it became critical.
  expect(hand.cover('c-1', 15, { waterMm: 860 }, 811)).toEqual([])
  expect(hand.transitions.at(-1)?.severity).toBe('critical')
})
