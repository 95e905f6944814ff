import type { MessagePort } from 'node:worker_threads'
import { BatchWriter, type What } from './batch.ts'
import { type Settle, TurnedAway } from './broker.ts'
import type { Notice } from './intake.ts'
import type { BatchAnswer, BatchMessage } from './messages.ts'

/** Batches under way: one being committed, one waiting, so that the journal never idles while acknowledgements go out. */
const IN_FLIGHT = 2
const MAX_MESSAGES = 4096
const MAX_BYTES = 4 * 1024 * 1024

interface Open {
  writer: BatchWriter
  settles: Settle[]
}

/**
 * The broker's end of the way to the journal. What arrives in one turn of the event loop travels together; while two
 * batches are under way the next one gathers, which makes one flush serve everything that came meanwhile.
 */
export class JournalLine {
  readonly #port: MessagePort
  readonly #notify: (notices: readonly Notice[]) => void
  readonly #waiting: Open[] = []
  readonly #underWay = new Map<number, Settle[]>()
  readonly #buffers: ArrayBuffer[] = []
  #nextId = 1
  #scheduled = false
  #idle: (() => void)[] = []

  /** `notify` hears of refused messages whose senders should be told. */
  constructor(port: MessagePort, notify: (notices: readonly Notice[]) => void) {
    this.#port = port
    this.#notify = notify
    port.on('message', (answer: BatchAnswer) => this.#answered(answer))
  }

  /** `settle` is called after the commit, or with an error when there was none. */
  add(message: { what: What; qos: number; topic: string; payload: Uint8Array }, settle: Settle): void {
    const open = this.#open()
    open.writer.add(message.what, message.qos, message.topic, message.payload)
    open.settles.push(settle)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#send()
    })
  }

  /** Resolves when nothing is waiting or under way. */
  drained(): Promise<void> {
    return this.#waiting.length === 0 && this.#underWay.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  #open(): Open {
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.writer.count < MAX_MESSAGES && last.writer.bytes < MAX_BYTES) return last
    const open = { writer: new BatchWriter(this.#buffers.pop()), settles: [] }
    this.#waiting.push(open)
    return open
  }

  #send(): void {
    while (this.#underWay.size < IN_FLIGHT) {
      const open = this.#waiting.shift()
      if (open === undefined) break
      const id = this.#nextId++
      const { buffer, bytes } = open.writer.take()
      this.#underWay.set(id, open.settles)
      this.#port.postMessage({ id, buffer, bytes } satisfies BatchMessage, [buffer])
    }
    if (this.#waiting.length > 0 || this.#underWay.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #answered(answer: BatchAnswer): void {
    const settles = this.#underWay.get(answer.id) ?? []
    this.#underWay.delete(answer.id)
    if (this.#buffers.length < IN_FLIGHT + 1) this.#buffers.push(answer.buffer)
    this.#send()
    if ('failed' in answer) {
      const error = new TurnedAway(answer.failed)
      for (const settle of settles) settle(error)
      return
    }
    for (const settle of settles) settle()
    if (answer.notices.length > 0) this.#notify(answer.notices)
  }
}
