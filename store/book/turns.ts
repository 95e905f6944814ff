/** Runs work for a key when its turn has come. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>

/**
 * Lets one piece of work at a time run per key, in the order of asking. Between the check of a rule ("this move is
 * legal", "this version is the present one") and its record showing in the book, nobody else may check the same.
 * `ready` comes before each: a book that has not yet caught up with the journal of the last life knows no present version.
 */
export function oneAtATime(ready: () => Promise<void> = async () => undefined): Turns {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const begin = () => ready().then(work)
    const turn = (last.get(key) ?? Promise.resolve()).then(begin, begin)
    last.set(key, turn)
    const leave = (): void => {
      if (last.get(key) === turn) last.delete(key)
    }
    turn.then(leave, leave)
    return turn
  }
}
