import { type RefObject, useEffect, useState } from 'react'

/** How wide a place is on the screen now, in pixels. */
export function useWidth(holder: RefObject<Element | null>, first = 640): number {
  const [width, setWidth] = useState(first)
  useEffect(() => {
    if (!holder.current) return
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.max(160, Math.floor(entry.contentRect.width))))
    watch.observe(holder.current)
    return () => watch.disconnect()
  }, [holder])
  return width
}
