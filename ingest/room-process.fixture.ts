import type { CodedError } from '../domain/errors.ts'
import { startIngest } from './ingest.ts'

/** For tests: a room in a process of its own, to be killed or to run on a faulty disk. Speaks with its parent over IPC. */
const starting = startIngest({
  dataDir: process.argv[2] ?? '',
  mqtt: { host: '127.0.0.1', port: 0 },
  log: { info() {}, warn() {}, error() {} },
  authenticate: async () => ({ kind: 'gateway' }),
})
const ingest = await starting.catch((thrown: CodedError): never => {
  process.send?.({ ask: 'ready', reply: { code: thrown.code, message: thrown.message } })
  process.disconnect()
  return process.exit(1)
})

process.on('message', (ask: 'health' | 'counters' | 'commits' | 'close') => {
  void answer(ask).then((reply) => process.send?.({ ask, reply }))
})
process.send?.({ ask: 'ready', reply: ingest.port })

async function answer(ask: 'health' | 'counters' | 'commits' | 'close'): Promise<unknown> {
  if (ask === 'health') return ingest.health()
  if (ask !== 'close') return ingest[ask]()
  await ingest.close()
  // The channel to the parent would keep the process alive.
  setImmediate(() => process.disconnect())
  return null
}
