import { useMemo, useState } from 'react'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useNow } from '../shell/page.ts'
import { looksOf } from './scenes.ts'
import { type Seen, withTracks } from './wouldCount.ts'

const HOUR = 3_600_000
/** How far back, and one look of how long a stretch is read: a page is the same work however long the span. */
export const SPANS = { '1h': { ms: HOUR, everyMs: 2000 }, '6h': { ms: 6 * HOUR, everyMs: 10_000 }, '24h': { ms: 24 * HOUR, everyMs: 45_000 } } as const
export type Span = keyof typeof SPANS
const AGAIN_MS = 30_000
/** More than any span has stretches. */
const MOST = 3000

/** What a camera saw at one time (ms), with what each track had shown by then. */
export interface TrackedLook {
  at: number
  objects: readonly Seen[]
}

export interface Looks {
  all: readonly TrackedLook[]
  /** Of so long a stretch one look at most is here, ms. */
  everyMs: number
  span: Span
  setSpan: (span: Span) => void
  /** Which look is shown alone; null: all at once. */
  one: number | null
  setOne: (index: number | null) => void
}

/** What a camera's model saw in the last hours, weak objects included. */
export function useLooks(camera: string): Looks {
  const now = useNow(AGAIN_MS)
  const [span, setSpan] = useState<Span>('6h')
  const [one, setOne] = useState<number | null>(null)
  const { ms, everyMs } = SPANS[span]
  const { last } = useLoad(`${camera} ${span} ${now}`, (signal) =>
    city.observations({ device: camera, kind: 'scene', from: new Date(now - ms).toISOString(), every: `${everyMs / 1000}s`, limit: MOST }, signal),
  )
  const all = useMemo(() => withTracks(looksOf(last?.items ?? []), everyMs), [last, everyMs])
  return { all, everyMs, span, setSpan, one: one === null ? null : Math.min(one, all.length - 1), setOne }
}
