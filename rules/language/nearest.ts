/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length] ?? 0
}

/** The right name that a wrong one of four letters or more is probably a slip of; one that only adds to a right one is a name of its own. */
export function slipOf(wrong: string, right: readonly string[]): string | undefined {
  if (wrong.length < 4 || right.includes(wrong)) return undefined
  return right.find((name) => distance(wrong.toLowerCase(), name.toLowerCase()) <= 2 && !wrong.startsWith(name))
}

/** `; did you mean X?` when one of the right names is near: most wrong names are slips of the pen. */
export function didYouMean(wrong: string, right: readonly string[], shown: (name: string) => string = (name) => name): string {
  const near = right.map((name) => [distance(wrong.toLowerCase(), name.toLowerCase()), name] as const).sort((a, b) => a[0] - b[0])[0]
  return near && near[0] <= Math.max(wrong.length > 2 ? 2 : 1, wrong.length / 2) ? `; did you mean ${shown(near[1])}?` : ''
}
