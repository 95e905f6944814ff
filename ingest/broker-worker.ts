import { parentPort, workerData } from 'node:worker_threads'
import { topics } from '../domain/topics.ts'
import { acceptFrame, type Frame } from './accept.ts'
import { FRAME, FRAME_NO_CAMERA, FRAME_NOT_JPEG, FRAME_TOO_MANY, PUBLISHED, type What } from './batch.ts'
import { Broker, type Identity, type Settle } from './broker.ts'
import type { Notice } from './intake.ts'
import { JournalLine, type Settled } from './journal-line.ts'
import type { BrokerWorkerData, FromBroker, ToBroker } from './messages.ts'

/** The thread of the broker: MQTT on one side, batches to the journal's thread on the other. */
const { host, port, limits, batches } = workerData as BrokerWorkerData
const main = parentPort
if (main === null) throw new Error('broker-worker.ts runs as a worker thread')

const say = (message: FromBroker, transfer: ArrayBuffer[] = []): void => main.postMessage(message, transfer)

let nextId = 1
const identities = new Map<number, { resolve: (identity: Identity) => void; reject: (error: Error) => void }>()
/** Cameras whose frames somebody takes, and frames on their way to the main thread. */
let cameras: ReadonlySet<string> = new Set()
let frames: Frame[] = []
/** Bytes of pictures that wait to be judged: beyond it a flood of them is refused, so that it cannot fill the memory. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024
let waitingBytes = 0

const line = new JournalLine(batches, tellRejects)
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
    else receiveFrame({ topic, qos, payload }, settle)
  },
  take: (message, settled, tag) => line.copy(message, settled, tag),
})

/** Frames do not go through the journal, but its thread knows whose the camera is and counts what became of them, with everything else. */
function receiveFrame({ topic, qos, payload }: { topic: string; qos: number; payload: Buffer }, settle: Settle): void {
  const frame = acceptFrame(topic, payload)
  if (frame === null) line.add({ what: PUBLISHED, qos, topic, payload }, settle)
  else if ('code' in frame) reportFrame(FRAME_NOT_JPEG, { topic, qos, payload }, settle)
  else if (!cameras.has(frame.camera)) reportFrame(FRAME_NO_CAMERA, { topic, qos, payload }, settle)
  else if (waitingBytes > MAX_WAITING_BYTES) reportFrame(FRAME_TOO_MANY, { topic, qos, payload }, settle)
  else {
    waitingBytes += payload.length
    reportFrame(FRAME, { topic, qos, payload }, (error, _, at) => {
      waitingBytes -= payload.length
      // The picture is a view of the socket's buffer; what is handed over must be its own.
      if (at !== undefined) sendFrame({ ...frame, at, jpeg: Uint8Array.from(frame.jpeg) })
      settle(error)
    })
  }
}

function reportFrame(what: What, { topic, qos, payload }: { topic: string; qos: number; payload: Buffer }, settled: Settled): void {
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, payload.length)
  line.add({ what, qos, topic, payload: size }, settled)
}

/** Those that one commit lets through go together. */
function sendFrame(frame: Frame): void {
  if (frames.push(frame) > 1) return
  queueMicrotask(() => {
    say(
      { say: 'frames', frames },
      frames.map(({ jpeg }) => jpeg.buffer as ArrayBuffer),
    )
    frames = []
  })
}

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
      cameras = new Set(message.cameras)
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
