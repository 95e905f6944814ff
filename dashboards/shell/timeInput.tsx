import type { ReactNode } from 'react'

/** A moment in the reader's own time, to the minute; the browser's own field, which every keyboard and reader knows. */
export function TimeInput({ label, value, change }: { label: string; value: number; change: (at: number) => void }): ReactNode {
  return (
    <input
      className="time-input"
      type="datetime-local"
      aria-label={label}
      value={localText(value)}
      onChange={({ target }) => {
        const at = Date.parse(target.value)
        if (!Number.isNaN(at)) change(at)
      }}
    />
  )
}

function localText(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
