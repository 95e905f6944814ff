import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canonical } from '../../domain/canonical.ts'
import { CodedError } from '../../domain/errors.ts'
import { collect } from '../../fixtures/collect.ts'
import { NINE, transitionOf } from '../../fixtures/records.ts'
import { openBook } from './book.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { endOf, placeCode } from './scope.ts'
import { type TemporaryBook, temporaryBook } from './temporary-book.ts'
import { transitionText } from './transitions.ts'

let at: TemporaryBook
beforeEach(async () => {
  at = await temporaryBook()
})
afterEach(() => at.remove())

describe('the book', () => {
  it('is the same after a restart', async () => {
    await at.book.setOffset(7)
    expect(await (await at.reopen()).bookOffset()).toBe(7)
  })

  it('takes back everything of a transaction that fails', async () => {
    const failing = at.book.transaction(async (tables) => {
      await tables.setOffset(9)
      await tables.transitions.add(transitionOf(9))
      throw new Error('the disk is full')
    })
    await expect(failing).rejects.toThrow('the disk is full')
    expect(await at.book.bookOffset()).toBe(0)
    expect(await collect(at.book.recorded(0, 100))).toEqual([])
  })

  it('keeps a query from outside out of a transaction that is open', async () => {
    let outside: Promise<number> | undefined
    await at.book
      .transaction(async (tables) => {
        await tables.setOffset(5)
        outside = at.book.bookOffset()
        await tables.transitions.add(transitionOf(1))
        throw new Error('no')
      })
      .catch(() => undefined)
    expect(await outside).toBe(0)
  })

  it('is read by a second process that may only read', async () => {
    await at.book.setOffset(3)
    const reader = await openBook(join(at.folder, 'book.db'), { readonly: true })
    expect(await reader.bookOffset()).toBe(3)
    await expect(reader.setOffset(4)).rejects.toThrow(/readonly/)
    await reader.close()
  })

  it('records transitions as canonical JSON in order, each once, those in shadow too (S14)', async () => {
    const [third, first, second] = [transitionOf(9), transitionOf(2, { shadow: true }), transitionOf(2, { n: 1 })]
    const added = []
    for (const transition of [third, second, first, second]) added.push(await at.book.transitions.add(transition))
    expect(added).toEqual([true, true, true, false])
    const { type: _type, receivedAt: _receivedAt, ...own } = first
    const recorded = await collect(at.book.recorded(0, 8))
    expect(recorded).toEqual([
      { offset: 2, n: 0, json: canonical(own) },
      { offset: 2, n: 1, json: transitionText(second) },
    ])
  })

  it('reads transitions across its own page size without loss', async () => {
    const count = 10_050
    await at.book.transaction(async (tables) => {
      for (let n = 0; n < count; n++) await tables.transitions.add(transitionOf(1 + (n >> 3), { n: n & 7 }))
    })
    const seen = (await collect(at.book.recorded(1, count))).map(({ offset, n }) => offset * 8 + n)
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => 8 + index))
  })
})

describe('cursors', () => {
  it('come back as they were', () => {
    expect(decodeCursor(encodeCursor([NINE, 'a-1']), ['number', 'string'])).toEqual([NINE, 'a-1'])
  })
  it.each([
    ['nonsense', 'not base64 of ours'],
    [encodeCursor(['a-1']), 'too short'],
    [encodeCursor(['x', 'a-1']), 'a text where a number belongs'],
    [Buffer.from('{}').toString('base64url'), 'no list'],
    ['', 'empty'],
  ])('%s is refused: %s', (text) => {
    expect(() => decodeCursor(text, ['number', 'string'])).toThrow(CodedError)
  })
})

describe('scope', () => {
  it.each<[string | null, string | null, string | null, string]>([
    ['120116001', '120116001002003', '120116001002003', 'the grid lies in the area'],
    ['120116001', 'G-77', '120116001', "the grid bears the city's own number"],
    [null, '120116001002003', '120116001002003', 'only the grid is known'],
    ['120116', null, '120116', 'only the area is known'],
    [null, null, null, 'nothing is known'],
  ])('%s and %s → %s: %s', (area, grid, expected, _why) => {
    expect(placeCode(area, grid)).toBe(expected)
  })
  it.each([
    ['120116', '120116001002003', true],
    ['120116', '120116', true],
    ['120116', '120117', false],
    ['120116', '12011', false],
  ])('codes from %s on end before those of the next area: %s %s', (area, code, inside) => {
    expect(code >= area && code < endOf(area)).toBe(inside)
  })
})
