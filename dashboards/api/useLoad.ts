import { useCallback, useEffect, useRef, useState } from 'react'
import { type Problem, problemOf } from './problem.ts'

export interface Loaded<T> {
  value: T | undefined
  /** The last value of any key, for what is read again by the clock and must not flicker. */
  last: T | undefined
  problem: Problem | undefined
  loading: boolean
  again: () => void
}

/**
 * Reads something whenever `key` changes (or `again` is called), and forgets an answer that comes after the next question.
 * A null key reads nothing. While the same key is read again its old value stays.
 */
export function useLoad<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; value?: T; problem?: Problem; loading: boolean }>({ key: null, loading: false })
  const [turn, setTurn] = useState(0)
  const loader = useRef(load)
  loader.current = load

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` has no use but to read again
  useEffect(() => {
    if (key === null) return
    const abort = new AbortController()
    setState((before) => ({ ...before, loading: true }))
    loader.current(abort.signal).then(
      (value) => abort.signal.aborted || setState({ key, value, loading: false }),
      (thrown) => abort.signal.aborted || setState({ key, problem: problemOf(thrown), loading: false }),
    )
    return () => abort.abort()
  }, [key, turn])

  const again = useCallback(() => setTurn((count) => count + 1), [])
  const last = useRef<T>(undefined)
  const current = state.key === key
  if (state.value !== undefined) last.current = state.value
  return { last: last.current, value: current ? state.value : undefined, problem: current ? state.problem : undefined, loading: key !== null && (state.loading || !current), again }
}
