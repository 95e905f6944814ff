import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { messageOf } from '../domain/errors.ts'
import { type GatewayStatus, type RejectNotice, RejectNoticeSchema } from '../domain/gateway.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import { topics } from '../domain/topics.ts'
import { FrameLane } from './frame-lane.ts'
import { backoffMs, type Link, Uplink } from './mqtt.ts'
import { Outbox, type Outgoing, type Report } from './outbox.ts'
import { stateOf, statusText } from './status.ts'
import { Window } from './window.ts'

/** As pino has it. */
export interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}
export const SILENT: Log = { info: () => {}, warn: () => {} }

export interface GatewayOptions {
  id: string
  /** mqtt://host:port or mqtts://… */
  url: string
  password?: string
  /** Certificate authority (PEM) for mqtts. */
  ca?: string
  /** Folder of the outbox; its file is `outbox-{id}.db`. */
  dataDir: string
  maxBytes?: number
  /** Messages on their way without acknowledgement, at most. */
  inFlight?: number
  log?: Log
  /** Commands for devices behind this gateway. */
  onCommand?: (topic: string, payload: Buffer) => void
  clock?: () => Instant
  backoff?: (attempt: number) => number
}

export interface GatewayStats {
  connected: boolean
  state: GatewayStatus['state']
  /** Taken into the outbox since the start. */
  taken: number
  /** Acknowledged by the platform since the start. */
  acknowledged: number
  /** Waiting in the outbox, and their bytes. */
  pending: number
  bytes: number
  /** Dropped because the outbox was full, ever. */
  dropped: number
  /** Camera pictures since the start: acknowledged, and overtaken by a newer one or without a connection. */
  frames: { sent: number; dropped: number }
  /** Refused by the platform since the start, by code. */
  rejected: Record<string, number>
}

const IN_FLIGHT = 500
/** Acknowledged messages leave the disk in batches: one flush for many, and sending one twice after a crash harms nobody. */
const SWEEP_MS = 50
const CHECK_MS = SECOND
const GOODBYE_MS = 2 * SECOND
/** A broker that keeps the connection but acknowledges nothing for so long gets a new one. */
const UNANSWERED_MS = 60 * SECOND

/**
 * An edge publisher: what it takes goes to the outbox on disk, from there in order to the platform (QoS 1), and leaves
 * the disk when acknowledged. It announces itself by a retained status with a will (contract.md, MQTT).
 */
export class Gateway {
  readonly id: string
  readonly #options: GatewayOptions
  readonly #log: Log
  readonly #clock: () => Instant
  readonly #outbox: Outbox
  readonly #frames = new FrameLane()
  readonly #uplink: Uplink
  readonly #check: NodeJS.Timeout
  readonly #waiting = new Set<() => void>()
  readonly #rejected: Record<string, number> = {}
  #link: Link | undefined
  #window = new Window()
  /** Number of the last message that this connection has carried. */
  #cursor = 0
  #through = 0
  #sweep: NodeJS.Timeout | undefined
  #said: GatewayStatus['state'] | undefined
  #answeredAt: Instant = 0
  #taken = 0
  #acknowledged = 0
  #reportedDropped = 0
  #why = ''
  #stopping = false

  /** Opens the outbox and starts to connect. Throws `data.in_use` when another process has the outbox. */
  constructor(options: GatewayOptions) {
    this.#options = options
    this.id = options.id
    this.#log = options.log ?? SILENT
    this.#clock = options.clock ?? Date.now
    this.#outbox = new Outbox({ path: join(options.dataDir, `outbox-${this.id}.db`), gateway: this.id, ...(options.maxBytes !== undefined && { maxBytes: options.maxBytes }) })
    this.#reportedDropped = this.#outbox.dropped
    const { url, password, ca } = options
    this.#uplink = new Uplink(
      {
        url,
        gateway: this.id,
        ...(password !== undefined && { password }),
        ...(ca !== undefined && { ca }),
        will: () => ({ topic: topics.status(this.id), payload: statusText('offline', this.#clock()) }),
        subscribe: [topics.reject(this.id), topics.command(this.id, '+')],
        backoff: options.backoff ?? ((attempt) => backoffMs(attempt, Math.random)),
      },
      { up: (link) => this.#up(link), down: (why) => this.#down(why), message: (topic, payload) => this.#heard(topic, payload) },
    )
    this.#check = setInterval(() => this.#checkUp(), CHECK_MS)
  }

  /** Takes observations; when it returns they are on disk. Hand over batches: each call flushes the disk once. */
  observe(reports: readonly Report[]): void {
    this.#outbox.observe(reports, this.#clock())
    this.#taken += reports.length
    this.#pump()
  }

  /** Takes a camera's picture, to be sent at once or never: the newest counts (frame-lane.ts). */
  frame(camera: string, at: Instant, jpeg: Uint8Array): void {
    this.#frames.offer(camera, topics.frame(this.id, camera, at), jpeg)
  }

  /** Takes replies or other messages below this gateway's topic. */
  put(messages: readonly Outgoing[]): void {
    this.#outbox.put(messages, this.#clock())
    this.#taken += messages.length
    this.#pump()
  }

  stats(): GatewayStats {
    const { pending, bytes, dropped } = this.#outbox
    const state = this.#link ? (this.#said ?? 'online') : 'offline'
    const frames = { sent: this.#frames.sent, dropped: this.#frames.dropped }
    return { connected: this.#link !== undefined, state, taken: this.#taken, acknowledged: this.#acknowledged, pending, bytes, dropped, frames, rejected: { ...this.#rejected } }
  }

  /** Resolves when at most `count` messages wait, or `signal` aborts. */
  async belowPending(count: number, signal?: AbortSignal): Promise<void> {
    while (this.#outbox.pending > count && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiting.delete(done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        this.#waiting.add(done)
        signal?.addEventListener('abort', done)
      })
    }
  }

  /** Sends what waits for at most `drainMs`, says `stopped` and disconnects; what is left stays on disk for the next start. */
  async stop(drainMs = 10 * SECOND): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    await this.belowPending(0, AbortSignal.timeout(drainMs))
    if (this.#link) await Promise.race([this.#announce('stopped'), later(GOODBYE_MS, undefined, { ref: false })])
    clearInterval(this.#check)
    await this.#uplink.stop()
    clearTimeout(this.#sweep)
    this.#forget()
    this.#outbox.close()
  }

  #up(link: Link): void {
    this.#link = undefined
    this.#window = new Window()
    this.#cursor = this.#through
    this.#answeredAt = this.#clock()
    this.#log.info({ gateway: this.id, pending: this.#outbox.pending }, 'connected')
    // The status goes first and alone: the platform must know that a backlog follows before it sees the backlog.
    this.#say(link, stateOf(undefined, this.#outbox.oldest(), this.#clock()), () => {
      this.#link = link
      this.#frames.up((topic, payload, settled) => link.publish(topic, payload, false, settled))
      this.#pump()
    })
  }

  #down(why: string): void {
    if (!this.#stopping && (this.#link || why !== this.#why)) this.#log.warn({ gateway: this.id, pending: this.#outbox.pending, why }, 'not connected')
    this.#why = why
    this.#link = undefined
    this.#frames.down()
    this.#said = undefined
  }

  #heard(topic: string, payload: Buffer): void {
    if (topic !== topics.reject(this.id)) {
      this.#options.onCommand?.(topic, payload)
      return
    }
    const notice = readNotice(payload)
    const code = notice?.code ?? 'unreadable'
    this.#rejected[code] = (this.#rejected[code] ?? 0) + 1
    if (this.#rejected[code] === 1) this.#log.warn({ gateway: this.id, ...notice }, 'the platform refused a message')
  }

  #pump(): void {
    const link = this.#link
    const limit = this.#options.inFlight ?? IN_FLIGHT
    const room = limit - this.#window.size
    // Refilling in quarters reads many rows at once instead of one per acknowledgement.
    if (!link || (room < limit / 4 && this.#window.size > 0)) return
    const window = this.#window
    if (window.size === 0) this.#answeredAt = this.#clock()
    for (const { n, topic, payload } of this.#outbox.next(this.#cursor, room)) {
      this.#cursor = n
      window.sent(n)
      link.publish(topic, payload, false, (error) => {
        if (!error && window === this.#window) this.#settle(n)
      })
    }
  }

  #settle(n: number): void {
    this.#answeredAt = this.#clock()
    this.#acknowledged++
    this.#through = this.#window.acked(n) ?? this.#through
    this.#sweep ??= setTimeout(() => this.#forget(), SWEEP_MS)
    this.#pump()
  }

  #forget(): void {
    this.#sweep = undefined
    if (this.#through > 0) this.#outbox.delivered(this.#through)
    for (const wake of [...this.#waiting]) wake()
  }

  #checkUp(): void {
    const now = this.#clock()
    const { dropped } = this.#outbox
    if (dropped > this.#reportedDropped)
      this.#log.warn({ gateway: this.id, dropped: dropped - this.#reportedDropped, total: dropped }, 'the outbox is full: the oldest messages were dropped')
    this.#reportedDropped = dropped
    if (!this.#link || this.#stopping) return
    if (this.#window.size > 0 && now - this.#answeredAt > UNANSWERED_MS) {
      this.#log.warn({ gateway: this.id }, 'the broker acknowledges nothing: connecting anew')
      this.#link.drop()
      return
    }
    const state = stateOf(this.#said, this.#outbox.oldest(), now)
    if (state !== this.#said) this.#say(this.#link, state, () => {})
  }

  #announce(state: GatewayStatus['state']): Promise<void> {
    return new Promise((resolve) => {
      if (this.#link) this.#say(this.#link, state, resolve)
      else resolve()
    })
  }

  #say(link: Link, state: GatewayStatus['state'], kept: () => void): void {
    this.#said = state
    const oldest = state === 'online' ? undefined : this.#outbox.oldest()
    link.publish(topics.status(this.id), statusText(state, this.#clock(), oldest), true, (error) => {
      if (error) this.#log.warn({ gateway: this.id, state, why: messageOf(error) }, 'the status was not acknowledged')
      else kept()
    })
  }
}

function readNotice(payload: Buffer): RejectNotice | undefined {
  try {
    return RejectNoticeSchema.parse(JSON.parse(payload.toString()))
  } catch {
    return undefined
  }
}
