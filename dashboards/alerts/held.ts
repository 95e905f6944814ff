import type { Alert } from '../../domain/alert.ts'

/** The rows as they stood when the operator put a hand on the list. */
export interface HeldRows {
  ids: readonly string[]
}

/**
 * What a held list shows: the rows that it had, in their places, with what is known of them now; and how many have come
 * since. Rows must not move under a hand that is about to click, and a judged alert stays until the hand lets go.
 */
export function heldRows(held: HeldRows | null, rows: readonly Alert[], byId: ReadonlyMap<string, Alert>): { shown: readonly Alert[]; fresh: number } {
  if (held === null) return { shown: rows, fresh: 0 }
  const kept = new Set(held.ids)
  const shown = held.ids.flatMap((id) => byId.get(id) ?? [])
  let fresh = 0
  for (const row of rows) if (!kept.has(row.id)) fresh++
  return { shown, fresh }
}
