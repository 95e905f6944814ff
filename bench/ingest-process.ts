import { startIngest } from '../ingest/ingest.ts'

/** The ingest room in a process of its own. Prints `ready PORT`; on SIGTERM it prints what it measured, as JSON, and ends. */
const say = (detail: object, message: string): void => void process.stderr.write(`${message} ${JSON.stringify(detail)}\n`)
const ingest = await startIngest({
  dataDir: process.argv[2] ?? './data/bench',
  mqtt: { host: '127.0.0.1', port: 0 },
  limits: { messagesPerSecond: 1e6, newDevicesPerHour: 1e6 },
  authenticate: async () => ({ kind: 'gateway' }),
  log: { info: say, warn: say, error: say },
})
process.stdout.write(`ready ${ingest.port}\n`)
process.on('SIGTERM', () => {
  void Promise.all([ingest.counters(), ingest.commits(), ingest.brokerCpu()]).then(async ([counters, commits, cpu]) => {
    await ingest.close()
    process.stdout.write(`${JSON.stringify({ counters, commits, cpu })}\n`)
    process.exit(0)
  })
})
