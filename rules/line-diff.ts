import { commonLines } from '../domain/lines.ts'

/** Lines around a change that are shown with it. */
const CONTEXT = 3
/** Beyond this many pairs of lines the whole middle counts as replaced: nobody reads such a diff line by line. */
const MOST_PAIRS = 4_000_000

interface Line {
  sign: ' ' | '-' | '+'
  text: string
}

/** What changed from one text to another, as `diff -u` shows it without its head; empty when nothing did. */
export function unifiedDiff(before: string, after: string): string {
  const lines = linesBetween(split(before), split(after))
  return hunksOf(lines)
    .map(({ head, body }) => `${head}\n${body.map(({ sign, text }) => `${sign}${text}\n`).join('')}`)
    .join('')
}

function split(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function linesBetween(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  const same = (text: string): Line => ({ sign: ' ', text })
  const middle = middleBetween(before.slice(start, before.length - end), after.slice(start, after.length - end))
  return [...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)]
}

/** By the longest common subsequence; what is removed stands before what is added. */
function middleBetween(before: readonly string[], after: readonly string[]): Line[] {
  const [rows, columns] = [before.length, after.length]
  const removed = (from: number, to = rows): Line[] => before.slice(from, to).map((text) => ({ sign: '-', text }))
  const added = (from: number, to = columns): Line[] => after.slice(from, to).map((text) => ({ sign: '+', text }))
  if (rows * columns > MOST_PAIRS) return [...removed(0), ...added(0)]
  const lines: Line[] = []
  let [i, j] = [0, 0]
  for (const [row, column] of commonLines(before, after)) {
    lines.push(...removed(i, row), ...added(j, column), { sign: ' ', text: before[row] ?? '' })
    i = row + 1
    j = column + 1
  }
  return [...lines, ...removed(i), ...added(j)]
}

function hunksOf(lines: readonly Line[]): { head: string; body: Line[] }[] {
  const changed = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  const spans: [from: number, to: number][] = []
  for (const index of changed) {
    const last = spans.at(-1)
    const [from, to] = [Math.max(0, index - CONTEXT), Math.min(lines.length, index + CONTEXT + 1)]
    if (last && from <= last[1]) last[1] = to
    else spans.push([from, to])
  }
  return spans.map(([from, to]) => {
    const body = lines.slice(from, to)
    return { head: `@@ -${range(lines, from, body, '+')} +${range(lines, from, body, '-')} @@`, body }
  })
}

/** Where a hunk stands in one of the texts: its first line, from 1, and how many; the other's lines do not count. */
function range(lines: readonly Line[], from: number, body: readonly Line[], other: '-' | '+'): string {
  const count = body.filter(({ sign }) => sign !== other).length
  const before = lines.slice(0, from).filter(({ sign }) => sign !== other).length
  return `${count === 0 ? before : before + 1},${count}`
}
