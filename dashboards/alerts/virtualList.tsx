import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'

export interface ListHandle {
  /** Brings a row into sight, moving no more than needed. */
  show: (index: number) => void
  top: () => void
}

interface VirtualListProps<T> {
  items: readonly T[]
  rowHeight: number
  label: string
  keyOf: (item: T) => string
  row: (item: T, index: number) => ReactNode
  onScrolled: (top: number) => void
  handle: Ref<ListHandle>
}

const SPARE = 4

/** A list of equal rows of which only those in sight exist: ten thousand cost as much as ten. */
export function VirtualList<T>({ items, rowHeight, label, keyOf, row, onScrolled, handle }: VirtualListProps<T>): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(800)
  useEffect(() => {
    if (!box.current) return
    const watch = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 800))
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])
  useImperativeHandle(
    handle,
    () => ({
      show: (index) => {
        const element = box.current
        if (!element) return
        const [from, to] = [index * rowHeight, (index + 1) * rowHeight]
        if (from < element.scrollTop) element.scrollTop = from
        else if (to > element.scrollTop + element.clientHeight) element.scrollTop = to - element.clientHeight
      },
      top: () => box.current?.scrollTo({ top: 0 }),
    }),
    [rowHeight],
  )
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE)
  const seen = items.slice(first, first + Math.ceil(height / rowHeight) + 2 * SPARE)
  return (
    <div
      ref={box}
      className="virtual"
      onScroll={({ currentTarget }) => {
        setTop(currentTarget.scrollTop)
        onScrolled(currentTarget.scrollTop)
      }}
    >
      <ul style={{ height: items.length * rowHeight }} aria-label={label}>
        {seen.map((item, index) => (
          <li key={keyOf(item)} style={{ top: (first + index) * rowHeight, height: rowHeight }} aria-setsize={items.length} aria-posinset={first + index + 1}>
            {row(item, first + index)}
          </li>
        ))}
      </ul>
    </div>
  )
}
