import type { RuleFault } from '../../domain/authoring.ts'
import { placeIn, type TextPath } from './ruleText.ts'

/** Line and column, both from 1, → offset; beyond the text its end. */
export function offsetAt(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  return Math.min(text.length, before + Math.min(column - 1, lines[line - 1]?.length ?? 0))
}

export interface Piece {
  text: string
  faulty: boolean
  /** The list of completions stands before this piece. */
  list: boolean
}

/** The text in pieces, so that each is wrong or right as a whole; a fault without an end reaches over its word. */
export function cutAt(text: string, faults: readonly { from: number; to?: number | undefined }[], list: number | null): Piece[] {
  const ranges = faults.map(({ from, to }) => [from, Math.max(from + 1, to ?? from + (/^(\w+(\.\w+)*|.)/.exec(text.slice(from))?.[0].length ?? 1))] as const)
  const cuts = [...new Set([0, text.length, ...ranges.flat(), ...(list === null ? [] : [list])])].filter((cut) => cut <= text.length).sort((a, b) => a - b)
  const pieces = cuts
    .slice(0, -1)
    .map((from, index): Piece => ({ text: text.slice(from, cuts[index + 1]), faulty: ranges.some(([begin, end]) => begin <= from && from < end), list: from === list }))
  return list !== null && list >= text.length ? [...pieces, { text: '', faulty: false, list: true }] : pieces
}

/** Of the faults of a whole text those that lie in the value of one path, in lines and columns of that value. */
export function faultsWithin(text: string, path: TextPath, value: string, faults: readonly RuleFault[]): RuleFault[] {
  const place = placeIn(text, path)
  if (!place) return []
  const indent = value.includes('\n') ? place.column - 1 : 0
  const last = place.line + value.split('\n').length - 1
  return faults
    .filter(({ line, column }) => line >= place.line && line <= last && (line > place.line || column >= place.column))
    .map(({ line, column, endColumn, why }) => {
      const shift = line === place.line ? place.column - 1 : indent
      return { line: line - place.line + 1, column: column - shift, ...(endColumn !== undefined && { endColumn: endColumn - shift }), why }
    })
}
