import { commonLines } from '../../domain/lines.ts'

export type DiffLine = { kind: 'same' | 'removed' | 'added'; text: string } | { kind: 'gap' }

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** What changed from one text to another, line by line, with `context` unchanged lines around; empty when they are the same. */
export function lineDiff(before: string, after: string, context = 2): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)]
  const all: Exclude<DiffLine, { kind: 'gap' }>[] = []
  let [i, j] = [0, 0]
  for (const [toI, toJ] of [...commonLines(a, b), [a.length, b.length] as const]) {
    while (i < toI) all.push({ kind: 'removed', text: a[i++] ?? '' })
    while (j < toJ) all.push({ kind: 'added', text: b[j++] ?? '' })
    if (i < a.length) all.push({ kind: 'same', text: a[i++] ?? '' })
    j++
  }
  return withGaps(all, context)
}

function withGaps(all: readonly Exclude<DiffLine, { kind: 'gap' }>[], context: number): DiffLine[] {
  const near = all.map((_, index) => all.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== 'same'))
  if (!near.includes(true)) return []
  return all.flatMap((line, index): DiffLine[] => (near[index] ? [line] : near[index - 1] || index === 0 ? [{ kind: 'gap' }] : []))
}

/** The lines of a unified diff as the platform writes it, without its headers. */
export function readUnified(text: string): DiffLine[] {
  return linesOf(text).flatMap((line, index): DiffLine[] => {
    if (/^(---|\+\+\+) |^\\/.test(line)) return []
    if (line.startsWith('@@')) return index <= 2 ? [] : [{ kind: 'gap' }]
    const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'same'
    return [{ kind, text: line.slice(1) }]
  })
}

/**
 * Two edits of one text in one: every stretch that only one side touched is taken from that side. Undefined when both
 * touched the same stretch differently: then a person must choose.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  const [o, a, b] = [linesOf(base), linesOf(mine), linesOf(theirs)]
  const inA = new Map(commonLines(o, a))
  const inB = new Map(commonLines(o, b))
  const merged: string[] = []
  let [i, j, k] = [0, 0, 0]
  for (let line = 0; line <= o.length; line++) {
    const [toJ, toK] = line === o.length ? [a.length, b.length] : [inA.get(line), inB.get(line)]
    // Only a line that both kept ends a stretch.
    if (toJ === undefined || toK === undefined) continue
    const chosen = mergeStretch(o.slice(i, line), a.slice(j, toJ), b.slice(k, toK))
    if (!chosen) return undefined
    merged.push(...chosen)
    if (line < o.length) merged.push(o[line] ?? '')
    ;[i, j, k] = [line + 1, toJ + 1, toK + 1]
  }
  return merged.join('\n') + (merged.length > 0 ? '\n' : '')
}

/** Params stand line under line: edits of neighbours are edits of different places as long as no line came or went. */
function mergeStretch(old: readonly string[], mine: readonly string[], theirs: readonly string[]): readonly string[] | undefined {
  const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((line, index) => line === b[index])
  if (same(mine, theirs) || same(theirs, old)) return mine
  if (same(mine, old)) return theirs
  if (old.length === 1 || mine.length !== old.length || theirs.length !== old.length) return undefined
  const lines = old.map((line, index) => mergeStretch([line], mine.slice(index, index + 1), theirs.slice(index, index + 1)))
  return lines.every((line) => line !== undefined) ? lines.flat() : undefined
}
