import { createServer } from 'node:net'
import { Aedes } from 'aedes'

/** aedes alone, in a process of its own: what the platform is compared with. Prints `ready {…}` and answers every message with its CPU time. */
const broker = await Aedes.createBroker()
const server = createServer(broker.handle)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`ready ${JSON.stringify({ mqtt: typeof address === 'object' ? address?.port : 0 })}\n`)
})
process.on('message', () => void process.send?.({ processCpu: process.cpuUsage() }))
process.on('SIGTERM', () => process.exit(0))
