/**
 * Reads a live source as fast as it comes and hands out only the newest item: a slow model looks at the present, not at
 * a queue. `onDrop` hears of each item that was never handed out. An error of the source comes after its last item.
 */
export async function* newest<T>(source: AsyncIterable<T>, onDrop: (item: T) => void): AsyncGenerator<T, void, void> {
  let slot: { item: T } | undefined
  let wake: (() => void) | undefined
  let ended = false
  let failure: { error: unknown } | undefined
  const iterator = source[Symbol.asyncIterator]()
  const pump = async () => {
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        if (slot) onDrop(slot.item)
        slot = { item: next.value }
        wake?.()
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    wake?.()
  }
  const pumping = pump()
  try {
    for (;;) {
      if (slot) {
        const { item } = slot
        slot = undefined
        yield item
      } else if (ended) {
        if (failure) throw failure.error
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    if (slot) onDrop(slot.item)
    await iterator.return?.()
    await pumping
  }
}
