import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { CodedError, messageOf } from '../domain/errors.ts'
import { Asking } from './asking.ts'
import type { Outgoing } from './broker.ts'
import type { BrokerCounters } from './counters.ts'
import type { IngestOptions } from './ingest.ts'
import type { BrokerWorkerData, FromBroker, ThreadCpu, ToBroker } from './messages.ts'

type Owner = Pick<IngestOptions, 'authenticate' | 'onFrame' | 'log'>

/** The broker's thread, seen from the main thread. An error in it that it did not expect ends the process. */
export class BrokerThread {
  readonly port: number
  readonly #worker: Worker
  readonly #owner: Owner
  readonly #asking = new Asking()

  constructor(worker: Worker, port: number, owner: Owner) {
    this.port = port
    this.#worker = worker
    this.#owner = owner
    worker.on('message', (message: FromBroker) => this.#said(message))
  }

  publish(messages: readonly Outgoing[]): void {
    this.#tell({ tell: 'publish', messages })
  }

  disconnect(clientId: string): void {
    this.#tell({ tell: 'disconnect', clientId })
  }

  takeFrames(cameras: readonly string[]): void {
    this.#tell({ tell: 'cameras', cameras })
  }

  counters(): Promise<{ counters: BrokerCounters; cpu: ThreadCpu }> {
    return this.#asking.ask((id) => this.#tell({ tell: 'counters', id }))
  }

  async close(): Promise<void> {
    const exit = once(this.#worker, 'exit')
    await this.#asking.ask((id) => this.#tell({ tell: 'close', id }))
    await exit
  }

  #tell(message: ToBroker): void {
    this.#worker.postMessage(message)
  }

  #said(message: FromBroker): void {
    switch (message.say) {
      case 'ready':
      case 'failed':
        break
      case 'answer':
        this.#asking.answered(message.id, message.answer)
        break
      case 'authenticate':
        this.#owner.authenticate(message.credentials).then(
          (identity) => this.#tell({ tell: 'identity', id: message.id, identity }),
          (thrown: unknown) => {
            this.#owner.log.warn({ why: messageOf(thrown), clientId: message.credentials.clientId }, 'nobody could say who this is')
            this.#tell({ tell: 'unavailable', id: message.id })
          },
        )
        break
      case 'frames':
        // Counted first: whoever is given a picture may give its buffer away.
        this.#tell({ tell: 'taken', bytes: message.frames.reduce((sum, { jpeg }) => sum + jpeg.length, 0) })
        for (const frame of message.frames) this.#owner.onFrame?.(frame)
        break
    }
  }
}

export async function startBrokerThread(data: BrokerWorkerData, owner: Owner): Promise<BrokerThread> {
  const worker = new Worker(new URL('./broker-worker.ts', import.meta.url), { workerData: data, transferList: [data.batches] })
  const [first] = (await once(worker, 'message')) as [FromBroker & { say: 'ready' | 'failed' }]
  if (first.say === 'ready') return new BrokerThread(worker, first.port, owner)
  await worker.terminate()
  if (first.code === 'EADDRINUSE') throw new CodedError('port.in_use', `another process listens on ${data.host}:${data.port}`)
  throw new Error(`MQTT cannot listen on ${data.host}:${data.port}: ${first.why}`)
}
