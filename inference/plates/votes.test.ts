import { describe, expect, it } from 'vitest'
import type { Reading } from '../reader.ts'
import { PlateVotes } from './votes.ts'

const CN = /^[\u4e00-\u9fff][A-Z][0-9A-Z]{4,5}[0-9A-Z]$/u
const read = (text: string, certainty = 0.95, weak: Record<number, number> = {}): Reading => ({
  text,
  certainties: Array.from(text, (_, place) => weak[place] ?? certainty),
  colour: { name: text === '' ? 'white' : 'blue', certainty: 0.9 },
})
const votesOf = (readings: readonly Reading[], { clear = true, pattern = CN as RegExp | null } = {}): PlateVotes => {
  const votes = new PlateVotes({ score: 0.8, pattern })
  for (const reading of readings) votes.add({ reading, clear })
  return votes
}

describe('PlateVotes', () => {
  it.each<[string, Reading[], string | null]>([
    ['one certain look is enough', [read('津A12345')], '津A12345'],
    ['one that doubts a character is not', [read('津A12345', 0.99, { 3: 0.5 })], null],
    ['two that doubt the same reading are', [read('津A12345', 0.99, { 3: 0.5 }), read('津A12345', 0.99, { 5: 0.6 })], '津A12345'],
    ['a slip in each look is outvoted, wherever it stands', [read('津A1234S', 0.7), read('津A12345', 0.7), read('津AI2345', 0.7), read('津A12345', 0.7)], '津A12345'],
    ['a tie is none', [read('津A12345'), read('津A12346')], null],
    ['the certain of two counts more', [read('津A12345', 0.95), read('津A12346', 0.55)], '津A12345'],
    ['a reading of another length takes no part', [read('津A12345'), read('津A12345'), read('津AD12345')], '津A12345'],
    ['a text of another form is not believed', [read('12345', 0.99), read('STOP', 0.99)], null],
    ['a guess votes for nothing', [...Array.from({ length: 9 }, () => read('津A12345', 0.4))], null],
    ['nothing is nothing', [read('')], null],
  ])('%s', (_, readings, text) => {
    expect(votesOf(readings).plate()?.text ?? null).toBe(text)
  })

  it('gives the colour of the readings that count, and without a form believes any text', () => {
    expect(votesOf([read('', 0), read('津A12345')]).plate()).toEqual({ text: '津A12345', certainty: 1, colour: 'blue' })
    expect(votesOf([read('B-AB 123')], { pattern: null }).plate()?.text).toBe('B-AB 123')
  })

  it.each<[string, Reading[], boolean, boolean]>([
    ['five clear looks that read nothing', Array.from({ length: 5 }, () => read('')), true, true],
    ['four are too few', Array.from({ length: 4 }, () => read('')), true, false],
    ['looks that are not clear say nothing', Array.from({ length: 9 }, () => read('')), false, false],
    ['doubtful readings that differ each time are none', ['津A12345', '沪B67890', '京C24680', '苏D13579', '浙E99999'].map((text) => read(text, 0.6)), true, true],
    ['one good look shows that it is not hidden', [read('津A12345'), ...Array.from({ length: 9 }, () => read(''))], true, false],
  ])('hidden: %s', (_, readings, clear, hidden) => {
    expect(votesOf(readings, { clear }).hidden).toBe(hidden)
  })

  it('is settled when three good looks agree', () => {
    const looks = [read('津A12345'), read('津A12345'), read('津A12345')]
    expect([votesOf(looks.slice(1)).settled, votesOf(looks).settled]).toEqual([false, true])
    expect(votesOf([read('津A12345'), read('津A12346'), read('津B12345')]).settled).toBe(true)
    expect(votesOf([read('津A12345'), read('沪B67890'), read('京C24680')]).settled).toBe(false)
  })
})
