/**
 * Pairs rows with columns so that the sum of their worths is greatest (the Hungarian method, O(rows² · columns)). A pair
 * without worth (0 or less) is not made: one good pair is better than two poor ones.
 * Gives for each row its column, or -1. Of equal sums always the same one.
 */
export function assign(rows: number, columns: number, worth: (row: number, column: number) => number): Int32Array {
  if (rows > columns)
    return transposed(
      assign(columns, rows, (row, column) => worth(column, row)),
      rows,
    )
  const table = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) table[row * columns + column] = Math.max(0, worth(row, column))
  const rowOf = pair(rows, columns, table)
  const columnOf = new Int32Array(rows).fill(-1)
  for (let column = 0; column < columns; column++) {
    const row = (rowOf[column + 1] as number) - 1
    if (row >= 0 && (table[row * columns + column] as number) > 0) columnOf[row] = column
  }
  return columnOf
}

function transposed(columnOf: Int32Array, rows: number): Int32Array {
  const turned = new Int32Array(rows).fill(-1)
  columnOf.forEach((row, column) => {
    if (row >= 0) turned[row] = column
  })
  return turned
}

/** Row + 1 by column + 1; 0 stands for none. Potentials `u` of rows and `v` of columns keep every reduced cost at zero or more. */
function pair(rows: number, columns: number, table: Float64Array): Int32Array {
  const [u, v] = [new Float64Array(rows + 1), new Float64Array(columns + 1)]
  const rowOf = new Int32Array(columns + 1)
  const way = new Int32Array(columns + 1)
  for (let row = 1; row <= rows; row++) {
    const least = new Float64Array(columns + 1).fill(Infinity)
    const used = new Uint8Array(columns + 1)
    rowOf[0] = row
    let column = 0
    do column = step({ u, v, rowOf, way, least, used, table, columns }, column)
    while (rowOf[column] !== 0)
    while (column !== 0) {
      const before = way[column] as number
      rowOf[column] = rowOf[before] as number
      column = before
    }
  }
  return rowOf
}

interface Search {
  u: Float64Array
  v: Float64Array
  rowOf: Int32Array
  way: Int32Array
  least: Float64Array
  used: Uint8Array
  table: Float64Array
  columns: number
}

/** Lengthens the alternating path by the cheapest column. */
function step({ u, v, rowOf, way, least, used, table, columns }: Search, from: number): number {
  used[from] = 1
  const row = rowOf[from] as number
  let [delta, next] = [Infinity, 0]
  for (let column = 1; column <= columns; column++) {
    if (used[column]) continue
    const cost = -(table[(row - 1) * columns + column - 1] as number) - (u[row] as number) - (v[column] as number)
    if (cost < (least[column] as number)) {
      least[column] = cost
      way[column] = from
    }
    if ((least[column] as number) < delta) [delta, next] = [least[column] as number, column]
  }
  for (let column = 0; column <= columns; column++) {
    if (used[column]) {
      u[rowOf[column] as number] = (u[rowOf[column] as number] as number) + delta
      v[column] = (v[column] as number) - delta
    } else least[column] = (least[column] as number) - delta
  }
  return next
}
