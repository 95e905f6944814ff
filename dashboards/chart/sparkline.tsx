import type { ReactNode } from 'react'
import './chart.css'

/** Counts as small bars, the last one strong; the tallest fills the height. `label` says it in words. */
export function Sparkline({ counts, label, width = 112, height = 24 }: { counts: readonly number[]; label: string; width?: number; height?: number }): ReactNode {
  const most = Math.max(1, ...counts)
  const step = width / Math.max(1, counts.length)
  return (
    <svg className="sparkline" width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      {counts.map((count, index) => {
        // A day with one alert among days with hundreds must still be seen.
        const tall = count === 0 ? 1 : Math.max(3, (count / most) * height)
        const x = index * step
        const last = index === counts.length - 1
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place in the row
          <rect key={index} className={count === 0 ? 'spark-none' : last ? 'spark-last' : 'spark'} x={x} y={height - tall} width={Math.max(1, step - 2)} height={tall} rx={1} />
        )
      })}
    </svg>
  )
}
