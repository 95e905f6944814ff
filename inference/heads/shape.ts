/** A dimension that the file leaves open is a text. */
export type Shape = readonly (number | string)[]

/**
 * The last `rank` dimensions of an output that holds one picture: exporters write [1, n, c], [n, c] (the batch collapsed)
 * or [1, 1, n, c]. undefined for an output of fewer dimensions, of several pictures, or with dimensions still open.
 */
export function lastDims(shape: Shape, rank: number): number[] | undefined {
  const last = shape.slice(shape.length - rank)
  if (shape.length < rank || shape.slice(0, -rank).some((dim) => dim !== 1)) return undefined
  return last.every((dim) => typeof dim === 'number') ? last : undefined
}
