import { runBacktest } from './backtest-run.ts'
import './platform-process.ts'

/** The whole platform, which also runs a backtest over a stored day (argv 3: a CityDay) when it is sent `backtest`; answers how long it took. */
const day = JSON.parse(process.argv[3] ?? 'null')
process.on('message', (message) => {
  if (message === 'backtest') void runBacktest(day, 'truck-speeding', { speedKmh: 55 }).then((run) => process.send?.(run))
})
