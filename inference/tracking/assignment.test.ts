import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assign } from './assignment.ts'

const tables = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
  .chain(([rows, columns]) => fc.array(fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }))

/** The greatest sum over all ways to pair rows with columns or with nothing. */
function best(table: number[][], row = 0, taken = new Set<number>()): number {
  if (row === table.length) return 0
  let most = best(table, row + 1, taken)
  for (const [column, worth] of (table[row] as number[]).entries()) {
    if (worth > 0 && !taken.has(column)) most = Math.max(most, worth + best(table, row + 1, new Set([...taken, column])))
  }
  return most
}

it('finds the greatest sum that trying every pairing finds, and pairs nothing twice', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const worth = (row: number, column: number): number => table[row]?.[column] as number
      const columns = [...assign(table.length, table[0]?.length ?? 0, worth)]
      const paired = columns.filter((column) => column >= 0)
      expect(new Set(paired).size).toBe(paired.length)
      const sum = columns.reduce((all, column, row) => all + (column < 0 ? 0 : worth(row, column)), 0)
      expect(sum).toBeCloseTo(best(table), 9)
      for (const [row, column] of columns.entries()) if (column >= 0) expect(worth(row, column)).toBeGreaterThan(0)
    }),
  )
})
