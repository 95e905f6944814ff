import { parentPort, workerData } from 'node:worker_threads'
import { topics } from '../domain/topics.ts'
import { PUBLISHED } from './batch.ts'
import { Broker, type Identity } from './broker.ts'
import { FrameIntake } from './frame-intake.ts'
import type { Notice } from './intake.ts'
import { JournalLine } from './journal-line.ts'
import type { BrokerWorkerData, FromBroker, ToBroker } from './messages.ts'

/** The thread of the broker: MQTT on one side, batches to the journal's thread on the other. */
const { host, port, limits, batches } = workerData as BrokerWorkerData
const main = parentPort
if (main === null) throw new Error('broker-worker.ts runs as a worker thread')

const say = (message: FromBroker, transfer: ArrayBuffer[] = []): void => main.postMessage(message, transfer)

let nextId = 1
const identities = new Map<number, { resolve: (identity: Identity) => void; reject: (error: Error) => void }>()

const line = new JournalLine(batches, tellRejects)
const frames = new FrameIntake({
  judge: (message, settled) => line.add(message, settled),
  hand: (handed) =>
    say(
      { say: 'frames', frames: handed },
      handed.map(({ jpeg }) => jpeg.buffer as ArrayBuffer),
    ),
})
const broker = new Broker({
  host,
  port,
  limits,
  authenticate: (credentials) => {
    const id = nextId++
    say({ say: 'authenticate', id, credentials })
    return new Promise((resolve, reject) => identities.set(id, { resolve, reject }))
  },
  receive: ({ topic, qos, payload }, settle) => {
    if (!topic.includes('/frame/')) line.add({ what: PUBLISHED, qos, topic, payload }, settle)
    else frames.receive({ topic, qos, payload }, settle)
  },
  take: (message, settled, tag) => line.copy(message, settled, tag),
})

function tellRejects(notices: readonly Notice[]): void {
  for (const { gateway, notice } of notices) {
    if (broker.has(gateway)) broker.publish({ topic: topics.reject(gateway), payload: JSON.stringify(notice), qos: 1, retain: false, area: '' })
  }
}

async function close(): Promise<void> {
  broker.stop()
  await line.drained()
  await broker.close()
  batches.close()
}

main.on('message', (message: ToBroker) => {
  switch (message.tell) {
    case 'identity':
      identities.get(message.id)?.resolve(message.identity)
      identities.delete(message.id)
      break
    case 'unavailable':
      identities.get(message.id)?.reject(new Error('nobody could say who this is'))
      identities.delete(message.id)
      break
    case 'cameras':
      frames.takeFrom(message.cameras)
      break
    case 'taken':
      frames.taken(message.bytes)
      break
    case 'publish':
      for (const outgoing of message.messages) broker.publish(outgoing)
      break
    case 'disconnect':
      broker.disconnect(message.clientId)
      break
    case 'counters':
      say({ say: 'answer', id: message.id, answer: { counters: broker.counters(), cpu: process.threadCpuUsage() } })
      break
    case 'close':
      void close().then(() => {
        say({ say: 'answer', id: message.id, answer: null })
        main.close()
      })
      break
  }
})

broker.listen().then(
  (listening) => say({ say: 'ready', port: listening }),
  (error: NodeJS.ErrnoException) => say({ say: 'failed', code: error.code, why: error.message }),
)
