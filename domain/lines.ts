/**
 * The lines that two texts have in common, in order, as pairs of their places: the longest such run. Where two are as
 * long, the first text's lines are passed over first. It takes a table of |a| × |b|: the caller bounds them.
 */
export function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? 1 + (longest[(i + 1) * width + j + 1] ?? 0) : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0)
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if ((longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return pairs
}
