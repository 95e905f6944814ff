import { useSyncExternalStore } from 'react'

/** A value that is replaced, never changed, and that tells its readers. */
export interface Store<S> {
  get: () => S
  update: (change: (state: S) => S) => void
  subscribe: (hear: () => void) => () => void
}

export function createStore<S>(initial: S): Store<S> {
  let state = initial
  const hearers = new Set<() => void>()
  return {
    get: () => state,
    update: (change) => {
      const next = change(state)
      if (next === state) return
      state = next
      for (const hear of hearers) hear()
    },
    subscribe: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
  }
}

/** Reads a part of a store. `select` must give the same object while its part is unchanged, or the component renders for ever. */
export function useStore<S, T>(store: Store<S>, select: (state: S) => T): T {
  const read = (): T => select(store.get())
  return useSyncExternalStore(store.subscribe, read, read)
}

/** Remembers the last answer: derived lists are computed once per change, however many components ask. */
export function memoLast<A extends readonly unknown[], R>(compute: (...args: A) => R): (...args: A) => R {
  let last: { args: A; result: R } | undefined
  return (...args) => {
    if (last?.args.length === args.length && last.args.every((arg, index) => Object.is(arg, args[index]))) return last.result
    last = { args, result: compute(...args) }
    return last.result
  }
}
