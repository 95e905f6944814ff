import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type BacktestRun, runBacktest } from './backtest-run.ts'
import { type CityDay, makeCityDay } from './city-day.ts'
import { load, type System, startBacktesting } from './systems.ts'

/**
 * How long a backtest of both versions takes over a day of a city, and whether live ingest feels it.
 *
 *   npm run bench -- backtest [--json] [--rate 1000] [--seconds 10]
 *
 * The day lies on disk as the platform leaves it; making it is not counted. A rule reads its own kind only, so the day's
 * 3.6 million observations are 3.5 million for a rule over trucks. Ingest is measured twice in one platform: alone, and
 * while backtests run in it, one after another. It misleads in two ways. A backtest has the least priority, so whatever
 * else runs on the machine goes first: `loadBefore` says how much that was, `cpuSeconds` what the backtest itself took.
 * And the load shares the processors with what it measures: compare the two latencies with each other only.
 */
const GOAL_SECONDS = 30

interface Load {
  perSecond: number
  p50: number
  p99: number
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits))

export async function benchBacktest(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, rate: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '10' } },
  })
  const day = await makeCityDay()
  try {
    const [loadBefore = 0] = loadavg()
    const trucks = await runBacktest(day, 'truck-speeding', { speedKmh: 55 })
    const covers = await runBacktest(day, 'cover-displaced', { tiltDeg: 20 })
    const ingest = await measureIngest(day, Number(values.rate), Number(values.seconds))
    const result = {
      observations: day.observations,
      judged: trucks.judged,
      seconds: round(trucks.seconds),
      perSecond: Math.round(trucks.judged / trucks.seconds),
      cpuSeconds: round(trucks.cpuSeconds),
      cores: availableParallelism(),
      loadBefore: round(loadBefore),
      goalSeconds: GOAL_SECONDS,
      counts: trucks.counts,
      covers: { judged: covers.judged, seconds: round(covers.seconds) },
      ingest,
    }
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : describe(result))
  } finally {
    rmSync(day.folder, { recursive: true, force: true })
  }
}

async function measureIngest(day: CityDay, rate: number, seconds: number): Promise<{ rate: number; alone: Load; beside: Load; ratio: number; backtests: number }> {
  const system = await startBacktesting(['bench-0', 'bench-1', 'bench-2', 'bench-3'], day)
  try {
    const publish = (): Promise<Load> => load<Load>('./load.ts', system, ['--connections', '4', '--devices', '250', '--rate', String(rate), '--seconds', String(seconds)])
    const alone = await publish()
    let ended = false
    const running = backtestUntil(system, () => ended)
    const beside = await publish()
    ended = true
    const backtests = await running
    return { rate, alone: figures(alone), beside: figures(beside), ratio: round(beside.p99 / alone.p99), backtests }
  } finally {
    await system.stop()
  }
}

/** One after another; how many were begun. */
async function backtestUntil({ child }: System, ended: () => boolean): Promise<number> {
  let begun = 0
  while (!ended()) {
    begun++
    const answer = once(child, 'message') as Promise<[BacktestRun]>
    child.send('backtest')
    await answer
  }
  return begun
}

function figures({ perSecond, p50, p99 }: Load): Load {
  return { perSecond, p50: round(p50), p99: round(p99) }
}

function describe(result: {
  observations: number
  judged: number
  seconds: number
  perSecond: number
  cpuSeconds: number
  cores: number
  ingest: { rate: number; alone: Load; beside: Load; ratio: number }
}): string {
  const { ingest } = result
  return [
    `a day of ${result.observations} observations, ${result.judged} of them judged by two versions`,
    `${result.seconds} s (goal ${GOAL_SECONDS}), ${result.perSecond} observations/s, ${result.cpuSeconds} s of CPU, ${result.cores} cores`,
    `publish to PUBACK at ${ingest.rate}/s   alone p50 ${ingest.alone.p50} ms, p99 ${ingest.alone.p99} ms; beside backtests p50 ${ingest.beside.p50} ms, p99 ${ingest.beside.p99} ms: ${ingest.ratio} times`,
    '',
  ].join('\n')
}
