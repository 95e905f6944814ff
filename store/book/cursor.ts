import { CodedError } from '../../domain/errors.ts'

/** Where a list went on: the sort values of its last row. Opaque to those who carry it. */
export type CursorParts = readonly (string | number)[]

export function encodeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** Reads a cursor whose parts have the types of `like`; throws `cursor.invalid` for anything else. */
export function decodeCursor<const T extends readonly ('string' | 'number')[]>(text: string, like: T): { [K in keyof T]: T[K] extends 'string' ? string : number } {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    throw new CodedError('cursor.invalid')
  }
  if (!Array.isArray(parts) || parts.length !== like.length || parts.some((part, index) => typeof part !== like[index])) throw new CodedError('cursor.invalid')
  return parts as { [K in keyof T]: T[K] extends 'string' ? string : number }
}

/** Cuts a page out of `limit + 1` rows: the extra one only says that there is more. */
export function pageOf<Row, Item>(rows: Row[], limit: number, item: (row: Row) => Item, cursor: (row: Row) => CursorParts): { items: Item[]; next: string | null } {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  return { items: kept.map(item), next: rows.length > limit && last !== undefined ? encodeCursor(cursor(last)) : null }
}
