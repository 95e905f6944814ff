import type { MessagePort } from 'node:worker_threads'
import type { Instant } from '../domain/time.ts'
import { BatchWriter, type PlacedMessage, type What } from './batch.ts'
import type { Notice } from './intake.ts'
import type { BatchAnswer, BatchMessage } from './messages.ts'
import { TurnedAway } from './refusals.ts'

/** Told of a message: without an error it was committed. `frameAt`: the event time of a frame that may go on, undefined for all others. */
export type Settled = (error: Error | undefined, tag: number, frameAt?: Instant) => void

/** Batches under way: one being committed, one waiting, so that the journal never idles while acknowledgements go out. */
const IN_FLIGHT = 2
const MAX_MESSAGES = 4096
const MAX_BYTES = 4 * 1024 * 1024

const NO_FRAMES: ReadonlyMap<number, Instant> = new Map()

/** Whom to tell of the messages of a batch, in their order, and by which tag each knows its own. */
interface Senders {
  settled: Settled[]
  tags: number[]
}

interface Open extends Senders {
  writer: BatchWriter
}

/**
 * The broker's end of the way to the journal. What arrives in one turn of the event loop travels together; while two
 * batches are under way the next one gathers, which makes one flush serve everything that came meanwhile.
 */
export class JournalLine {
  readonly #port: MessagePort
  readonly #notify: (notices: readonly Notice[]) => void
  readonly #waiting: Open[] = []
  readonly #underWay = new Map<number, Senders>()
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

  /** `settled` is called after the commit, or with an error when there was none. */
  add(message: { what: What; qos: number; topic: string; payload: Uint8Array }, settled: Settled): void {
    const open = this.#open()
    open.writer.add(message.what, message.qos, message.topic, message.payload)
    this.#added(open, settled, 0)
  }

  /** As `add`, of a message that lies in a larger buffer. */
  copy(message: PlacedMessage, settled: Settled, tag: number): void {
    const open = this.#open()
    open.writer.copy(message)
    this.#added(open, settled, tag)
  }

  #added(open: Open, settled: Settled, tag: number): void {
    open.settled.push(settled)
    open.tags.push(tag)
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
    const open = { writer: new BatchWriter(this.#buffers.pop()), settled: [], tags: [] }
    this.#waiting.push(open)
    return open
  }

  #send(): void {
    while (this.#underWay.size < IN_FLIGHT) {
      const open = this.#waiting.shift()
      if (open === undefined) break
      const id = this.#nextId++
      const { buffer, bytes } = open.writer.take()
      this.#underWay.set(id, { settled: open.settled, tags: open.tags })
      this.#port.postMessage({ id, buffer, bytes } satisfies BatchMessage, [buffer])
    }
  }

  #answered(answer: BatchAnswer): void {
    const senders = this.#underWay.get(answer.id) ?? { settled: [], tags: [] }
    this.#underWay.delete(answer.id)
    if (this.#buffers.length < IN_FLIGHT + 1) this.#buffers.push(answer.buffer)
    this.#send()
    const error = 'failed' in answer ? new TurnedAway(answer.failed) : undefined
    const frames = 'frames' in answer ? new Map(answer.frames.map(({ index, at }) => [index, at])) : NO_FRAMES
    for (let i = 0; i < senders.settled.length; i++) senders.settled[i]?.(error, senders.tags[i] ?? 0, frames.get(i))
    if ('notices' in answer && answer.notices.length > 0) this.#notify(answer.notices)
    if (this.#waiting.length > 0 || this.#underWay.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
