import { useEffect, useState } from 'react'
import { cameras } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'

/** A new link is asked for so long before the old one is over. */
const AHEAD_MS = 10_000
/** Stills are asked for so often where there is no stream. */
const STILL_MS = 2000

export interface LiveView {
  /** What to show; null until it is known, and when nobody looks. */
  url: string | null
  problem: Problem | null
}

/** What a camera shows now, as long as `on`; the link to it is short-lived and asked for again. */
export function useLiveView(camera: string, on: boolean): LiveView {
  const [view, setView] = useState<LiveView>({ url: null, problem: null })
  useEffect(() => {
    if (!on) {
      setView({ url: null, problem: null })
      return
    }
    const stop = new AbortController()
    const timers: number[] = []
    const look = async (): Promise<void> => {
      for (const timer of timers.splice(0)) window.clearInterval(timer)
      try {
        const { kind, url, until } = await cameras.live(camera, stop.signal)
        setView({ url, problem: null })
        // Each link is a line in the audit log, so a still is asked for again without another one.
        if (kind === 'still') timers.push(window.setInterval(() => setView({ url: `${url}?t=${Date.now()}`, problem: null }), STILL_MS))
        timers.push(window.setTimeout(() => void look(), Math.max(STILL_MS, Date.parse(until) - Date.now() - AHEAD_MS)))
      } catch (thrown) {
        if (!stop.signal.aborted) setView({ url: null, problem: problemOf(thrown) })
      }
    }
    void look()
    return () => {
      stop.abort()
      for (const timer of timers) window.clearInterval(timer)
    }
  }, [camera, on])
  return view
}
