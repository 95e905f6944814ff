/** Below this share of the greatest element a pivot is rounding. */
const NOTHING = 1e-12

/** Solves a square system by elimination with row exchange; undefined when it has no single solution. */
export function solve(matrix: readonly (readonly number[])[], values: readonly number[]): number[] | undefined {
  const size = values.length
  const rows = matrix.map((row, i) => [...row, values[i] as number])
  const greatest = Math.max(...matrix.flat().map(Math.abs))
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column + 1; row < size; row++) if (Math.abs(at(rows, row, column)) > Math.abs(at(rows, pivot, column))) pivot = row
    if (!(Math.abs(at(rows, pivot, column)) > NOTHING * greatest)) return undefined
    ;[rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]]
    for (let row = 0; row < size; row++) if (row !== column) subtract(rows[row] as number[], rows[column] as number[], at(rows, row, column) / at(rows, column, column))
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number))
}

const at = (rows: readonly (readonly number[])[], row: number, column: number): number => (rows[row] as readonly number[])[column] as number

function subtract(row: number[], other: readonly number[], times: number): void {
  if (times !== 0) for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - times * (other[i] as number)
}
