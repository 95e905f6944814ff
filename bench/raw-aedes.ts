import { createServer } from 'node:net'
import { Aedes } from 'aedes'

/** aedes alone, in a process of its own: what the platform is compared with. Prints `ready PORT`; on SIGTERM it prints its CPU time and ends. */
const broker = await Aedes.createBroker()
const server = createServer(broker.handle)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready ${JSON.stringify({ mqtt: typeof address === 'object' ? address?.port : 0 })}\n`)
})
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify({ cpu: process.cpuUsage() })}\n`, () => process.exit(0))
})
