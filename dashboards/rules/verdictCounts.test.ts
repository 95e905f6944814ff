import { expect, it } from 'vitest'
import { type Tone, toneOf, verdictCounts } from './verdictCounts.ts'

const counts = (added: number, removed: number, changed = 0) => ({ live: 0, edit: 0, same: 0, added, removed, changed })

it.each<[string, ReturnType<typeof counts>, Record<string, number>, Tone]>([
  ['one confirmed alert lost outweighs any gain', counts(0, 43), { false_alarm: 42, confirmed: 1 }, 'loses'],
  ['mostly false alarms go', counts(1, 43), { false_alarm: 41, none: 2 }, 'gains'],
  ['as many come as go', counts(44, 43), { false_alarm: 43 }, 'neutral'],
  ['nobody judged what goes', counts(0, 3), { none: 3 }, 'neutral'],
  ['only more alerts', counts(5, 0), {}, 'neutral'],
  ['nothing changes', counts(0, 0), {}, 'same'],
])('%s', (_, given, verdicts, tone) => {
  expect(toneOf({ counts: given, verdicts })).toBe(tone)
})

it('names the gravest verdict first', () => {
  expect(verdictCounts({ none: 3, false_alarm: 41, confirmed: 2, benign: 0 })).toEqual([
    ['confirmed', 2],
    ['false_alarm', 41],
    ['none', 3],
  ])
})
