import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Control } from '../domain/record.ts'
import { Asking } from './asking.ts'
import type { Log } from './ingest.ts'
import type { OwnObservation } from './intake.ts'
import type { FromJournal, JournalAnswers, JournalWorkerData, ToJournal } from './messages.ts'

/** The journal's thread, seen from the main thread. An error in it that it did not expect ends the process. */
export class JournalThread {
  readonly #worker: Worker
  readonly #asking = new Asking()
  readonly #log: Log
  #head: Offset
  #failing: string | null

  constructor(worker: Worker, ready: FromJournal & { say: 'ready' }, log: Log) {
    this.#worker = worker
    this.#log = log
    this.#head = ready.head
    this.#failing = ready.failing
    worker.on('message', (message: FromJournal) => this.#said(message))
  }

  head(): Offset {
    return this.#head
  }

  failing(): string | null {
    return this.#failing
  }

  headPort(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage({ ask: 'head', port: port1 } satisfies ToJournal, [port1])
    return port2
  }

  append(controls: readonly Control[]): Promise<JournalAnswers['append']> {
    return this.#ask((id) => ({ ask: 'append', id, controls }))
  }

  observe(messages: readonly OwnObservation[]): Promise<JournalAnswers['observe']> {
    return this.#ask((id) => ({ ask: 'observe', id, messages }))
  }

  register(devices: readonly { device: string; gateway: string | null }[]): Promise<JournalAnswers['register']> {
    return this.#ask((id) => ({ ask: 'register', id, devices }))
  }

  counters(): Promise<JournalAnswers['counters']> {
    return this.#ask((id) => ({ ask: 'counters', id }))
  }

  /** What the ledger says of one device; null when it has never been heard. */
  device(device: string): Promise<JournalAnswers['device']> {
    return this.#ask((id) => ({ ask: 'device', id, device }))
  }

  /** Writes the ledger down, so that a reader of its file sees all that was acknowledged. */
  save(): Promise<JournalAnswers['save']> {
    return this.#ask((id) => ({ ask: 'save', id }))
  }

  async close(): Promise<void> {
    const exit = once(this.#worker, 'exit')
    await this.#ask((id) => ({ ask: 'close', id }))
    await exit
  }

  #ask<Answer>(question: (id: number) => ToJournal): Promise<Answer> {
    return this.#asking.ask((id) => this.#worker.postMessage(question(id)))
  }

  #said(message: FromJournal): void {
    switch (message.say) {
      case 'ready':
        break
      case 'answer':
        this.#asking.answered(message.id, message.answer)
        break
      case 'head':
        this.#head = message.head
        break
      case 'warning':
        this.#log.warn({}, message.why)
        break
      case 'health':
        this.#failing = message.failing
        if (message.failing === null) this.#log.info({}, 'the journal is writable again')
        else this.#log.error({ why: message.failing }, 'the journal cannot be written: nothing is acknowledged')
        break
    }
  }
}

/** Throws `journal.unwritable` when the data folder cannot be used. */
export async function startJournalThread(data: JournalWorkerData, log: Log): Promise<JournalThread> {
  const worker = new Worker(new URL('./journal-worker.ts', import.meta.url), { workerData: data, transferList: [data.batches] })
  // An error loses its code on its way between threads; until the thread is ready it can only be about the data folder.
  const first = once(worker, 'message').catch((thrown: unknown) => {
    throw new CodedError('journal.unwritable', messageOf(thrown), { cause: thrown })
  })
  const [ready] = (await first) as [FromJournal & { say: 'ready' }]
  return new JournalThread(worker, ready, log)
}
