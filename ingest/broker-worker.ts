import { parentPort, workerData } from 'node:worker_threads'
import { topics } from '../domain/topics.ts'
import { acceptFrame, type Frame } from './accept.ts'
import { FRAME_NO_CAMERA, FRAME_NOT_JPEG, FRAME_TAKEN, PUBLISHED, type What } from './batch.ts'
import { Broker, type Identity, type Settle } from './broker.ts'
import type { Notice } from './intake.ts'
import { JournalLine } from './journal-line.ts'
import type { BrokerWorkerData, FromBroker, ToBroker } from './messages.ts'

/** The thread of the broker: MQTT on one side, batches to the journal's thread on the other. */
const { host, port, limits, frames, batches } = workerData as BrokerWorkerData
const main = parentPort
if (main === null) throw new Error('broker-worker.ts runs as a worker thread')

const say = (message: FromBroker, transfer: ArrayBuffer[] = []): void => main.postMessage(message, transfer)

let nextId = 1
const identities = new Map<number, { resolve: (identity: Identity) => void; reject: (error: Error) => void }>()
const framesUnderWay = new Map<number, WaitingFrame[]>()
let framesWaiting: WaitingFrame[] = []

interface WaitingFrame {
  frame: Frame
  bytes: number
  topic: string
  qos: number
  settle: Settle
}

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

function receiveFrame({ topic, qos, payload }: { topic: string; qos: number; payload: Buffer }, settle: Settle): void {
  const frame = acceptFrame(topic, payload)
  if (frame === null) line.add({ what: PUBLISHED, qos, topic, payload }, settle)
  else if ('code' in frame) reportFrame(FRAME_NOT_JPEG, { topic, qos, bytes: payload.length }, settle)
  else if (!frames) reportFrame(FRAME_NO_CAMERA, { topic, qos, bytes: payload.length }, settle)
  else {
    // The picture is a view of the socket's buffer; what is handed over must be its own.
    if (framesWaiting.push({ frame: { ...frame, jpeg: Uint8Array.from(frame.jpeg) }, bytes: payload.length, topic, qos, settle }) === 1) setImmediate(sendFrames)
  }
}

function sendFrames(): void {
  const id = nextId++
  framesUnderWay.set(id, framesWaiting)
  const sent = framesWaiting.map(({ frame }) => frame)
  framesWaiting = []
  say(
    { say: 'frames', id, frames: sent },
    sent.map(({ jpeg }) => jpeg.buffer as ArrayBuffer),
  )
}

/** Frames do not go through the journal, but what became of them is counted there, with everything else. */
function reportFrame(what: What, { topic, qos, bytes }: { topic: string; qos: number; bytes: number }, settle: Settle): void {
  const payload = new Uint8Array(4)
  new DataView(payload.buffer).setUint32(0, bytes)
  line.add({ what, qos, topic, payload }, settle)
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
    case 'frames':
      for (const [index, { bytes, topic, qos, settle }] of (framesUnderWay.get(message.id) ?? []).entries())
        reportFrame(message.taken[index] ? FRAME_TAKEN : FRAME_NO_CAMERA, { topic, qos, bytes }, settle)
      framesUnderWay.delete(message.id)
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
