import { useEffect, useRef, useState } from 'react'
import type { Backtest } from '../../domain/authoring.ts'
import { type BacktestWish, backtests } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'

export interface BacktestRun {
  /** The text that was tried: a result says nothing of another. */
  of: string
  wish: BacktestWish
  backtest: Backtest | null
  problem: Problem | null
}

export const isOver = ({ state }: Pick<Backtest, 'state'>): boolean => state !== 'waiting' && state !== 'running'

/** Starts a backtest and follows it until it is over; leaving the page leaves it running, asking for another cancels it. */
export function useBacktest(rule: string): { run: BacktestRun | null; start: (of: string, wish: BacktestWish) => void; cancel: () => void } {
  const [run, setRun] = useState<BacktestRun | null>(null)
  const abort = useRef<AbortController>(undefined)
  useEffect(() => () => abort.current?.abort(), [])

  const start = (of: string, wish: BacktestWish): void => {
    cancel()
    const mine = new AbortController()
    abort.current = mine
    const show = (change: Partial<BacktestRun>): void => {
      if (!mine.signal.aborted) setRun((before) => ({ ...(before ?? { of, wish, backtest: null, problem: null }), ...change }))
    }
    setRun({ of, wish, backtest: null, problem: null })
    const follow = async (): Promise<void> => {
      let backtest = await backtests.start(rule, wish, mine.signal)
      show({ backtest })
      while (!isOver(backtest)) {
        backtest = await backtests.one(backtest.id, mine.signal)
        show({ backtest })
      }
    }
    follow().catch((thrown) => show({ problem: problemOf(thrown) }))
  }

  const cancel = (): void => {
    abort.current?.abort()
    const standing = run?.backtest
    if (!standing || isOver(standing)) {
      if (run && !standing) setRun(null)
      return
    }
    setRun({ ...run, backtest: { ...standing, state: 'cancelled' } })
    // What was asked for is not wanted any more; whether it could still be stopped changes nothing here.
    void backtests.cancel(standing.id).catch(() => undefined)
  }
  return { run, start, cancel }
}
