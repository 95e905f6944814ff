import { useMemo, useState } from 'react'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { msOf } from '../i18n/times.ts'
import { useNow } from '../shell/page.ts'
import { looksOf } from './scenes.ts'
import { type Seen, withTracks } from './wouldCount.ts'

const HOUR = 3_600_000
export const SPANS = { '1h': HOUR, '6h': 6 * HOUR, '24h': 24 * HOUR } as const
export type Span = keyof typeof SPANS
const AGAIN_MS = 30_000
const MOST = 2000

/** What a camera saw at one time (ms), with what each track had shown by then. */
export interface TrackedLook {
  at: number
  objects: readonly Seen[]
}

export interface Looks {
  all: readonly TrackedLook[]
  /** There are older looks in the span than could be read: since when all are here (ms); null: they all are. */
  since: number | null
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
  const { last } = useLoad(`${camera} ${span} ${now}`, (signal) =>
    city.observations({ device: camera, kind: 'scene', from: new Date(now - SPANS[span]).toISOString(), limit: MOST }, signal),
  )
  const all = useMemo(() => withTracks(looksOf(last?.items ?? [])), [last])
  // Looks without objects count as read, too.
  const since = last && last.next !== null ? Math.min(...last.items.map(({ at }) => msOf(at as string))) : null
  return { all, since, span, setSpan, one: one === null ? null : Math.min(one, all.length - 1), setOne }
}
