import { availableParallelism } from 'node:os'
import { Backtests } from '../alerts/backtest/backtests.ts'
import type { BacktestResult } from '../domain/authoring.ts'
import { openBook } from '../store/book/book.ts'
import type { CityDay } from './city-day.ts'

export interface BacktestRun {
  judged: number
  seconds: number
  /** Of all threads of this process. */
  cpuSeconds: number
  counts: BacktestResult['counts']
}

/** One backtest over a stored day, as an author starts it. */
export async function runBacktest({ paths, from, to }: CityDay, rule: string, set: Record<string, number>): Promise<BacktestRun> {
  const book = await openBook(paths.book, { readonly: true })
  const backtests = new Backtests({ paths, book, newId: () => 'bench', now: Date.now, cores: availableParallelism() })
  try {
    const [begun, cpu] = [performance.now(), process.cpuUsage()]
    const who = { name: 'bench', role: 'author', area: '' } as const
    await backtests.start({ rule, set, from, to }, who)
    const { result, why } = await backtests.wait('bench', 600_000, who)
    if (!result) throw new Error(why ?? 'the backtest did not end')
    const { user, system } = process.cpuUsage(cpu)
    return { judged: result.observations, seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6, counts: result.counts }
  } finally {
    await backtests.close()
    await book.close()
  }
}
