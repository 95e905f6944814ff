import { useMemo, useState } from 'react'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useNow } from '../shell/page.ts'
import { type Look, looksOf } from './scenes.ts'

const HOUR = 3_600_000
export const SPANS = { '1h': HOUR, '6h': 6 * HOUR, '24h': 24 * HOUR } as const
export type Span = keyof typeof SPANS
const AGAIN_MS = 30_000
const MOST = 2000

export interface Looks {
  all: readonly Look[]
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
  const all = useMemo(() => looksOf(last?.items ?? []), [last])
  return { all, span, setSpan, one: one === null ? null : Math.min(one, all.length - 1), setOne }
}
