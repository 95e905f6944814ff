import type { Verdict } from '../../domain/alert.ts'
import { VERDICTS } from './words.ts'

/** What a key asks for. */
export type KeyWish =
  | { wish: 'move'; by: 1 | -1 }
  | { wish: 'open' }
  | { wish: 'close' }
  | { wish: 'acknowledge' }
  | { wish: 'judge'; verdict: Verdict }
  | { wish: 'dispatch' }
  | { wish: 'locate' }
  | { wish: 'search' }
  | { wish: 'help' }

const PLAIN: Record<string, KeyWish> = {
  j: { wish: 'move', by: 1 },
  k: { wish: 'move', by: -1 },
  Enter: { wish: 'open' },
  Escape: { wish: 'close' },
  a: { wish: 'acknowledge' },
  d: { wish: 'dispatch' },
  g: { wish: 'locate' },
  '/': { wish: 'search' },
  '?': { wish: 'help' },
}

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  /** The key repeats because it is held down. */
  repeat: boolean
  /** Somebody types into a field or a button has the focus. */
  inField: boolean
  onButton: boolean
}

/**
 * The wish behind a key press, or undefined. Nothing while somebody types, nothing with a modifier (those belong to the
 * browser), and a held key moves but never judges: a book left on the keyboard must not judge a hundred alerts.
 */
export function wishOf(press: KeyPress): KeyWish | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined
  if (press.inField) return press.key === 'Escape' ? { wish: 'close' } : undefined
  if (press.onButton && press.key === 'Enter') return undefined
  const verdict = VERDICTS[Number(press.key) - 1]
  const wish: KeyWish | undefined = verdict ? { wish: 'judge', verdict } : PLAIN[press.key]
  return press.repeat && wish?.wish !== 'move' ? undefined : wish
}

/** The row after a move: from the place where the selected one stands, or stood before it left the list. */
export function rowAfter(rows: readonly string[], selected: string | null, lastIndex: number, by: 1 | -1): string | null {
  if (rows.length === 0) return null
  const at = selected === null ? -1 : rows.indexOf(selected)
  const next = at === -1 ? (selected === null ? 0 : by === 1 ? lastIndex : lastIndex - 1) : at + by
  return rows[Math.max(0, Math.min(rows.length - 1, next))] ?? null
}
