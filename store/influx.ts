import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB, Point as Line } from '@influxdata/influxdb-client'
import type { Alert } from '../domain/alert.ts'
import { messageOf } from '../domain/errors.ts'
import type { Observation } from '../domain/observation.ts'
import { type Point, pointOfAlert, pointsOf } from './influx-points.ts'
import { LineQueue } from './influx-queue.ts'

export interface InfluxOptions {
  url: string
  org: string
  bucket: string
  token: string
  log: { info(data: object, message: string): void; warn(data: object, message: string): void }
  /** Lines per request. */
  batchLines?: number
  /** Most lines that wait while the server is away; then the oldest are dropped and counted. */
  queueLines?: number
  /** Longest that a line waits for company, in ms. */
  flushMs?: number
  /** First and longest pause after a failure, in ms; it doubles in between. */
  retryMs?: { first: number; longest: number }
  /** A server that is silent for this long has failed; closing takes no longer either. */
  timeoutMs?: number
}

/** In lines: what was added is written, lost or queued. `retried` counts lines that were sent once more. */
export interface InfluxCounters {
  written: number
  lost: number
  retried: number
  queued: number
}

export interface Influx {
  /** Takes observations for sending; never waits, never throws. */
  add(observations: readonly Observation[]): void
  /** Takes alerts as they now are; each replaces what was written of it before. */
  addAlerts(alerts: readonly Alert[]): void
  counters(): InfluxCounters
  /** Sends what is queued at once; ends when all of it is sent or a request has failed. */
  flush(): Promise<void>
  /** Sends what it can within the time limit; what is left is counted as lost. */
  close(): Promise<void>
}

const DEFAULTS = { batchLines: 2000, queueLines: 100_000, flushMs: 1000, retryMs: { first: 1000, longest: 60_000 }, timeoutMs: 10_000 }

/**
 * The owner of the InfluxDB client: telemetry goes out as line protocol. The journal is the truth and this a copy for
 * charts, so nothing waits for it. One request is under way at a time, and the queue is ours, not the client's: its own
 * would send without bound to a server that hangs, and would not say what it dropped.
 */
export function openInflux(options: InfluxOptions): Influx {
  const sender = new Sender({ ...DEFAULTS, ...options })
  return {
    add: (observations) => sender.add(observations.flatMap(pointsOf)),
    addAlerts: (alerts) => sender.add(alerts.map(pointOfAlert)),
    counters: () => sender.counters(),
    flush: () => sender.flush(),
    close: () => sender.close(),
  }
}

type Settings = InfluxOptions & typeof DEFAULTS

/** Idle until a line comes; then a timer runs; then batches are sent until none is left or one fails, which sets the timer again. */
class Sender {
  readonly #settings: Settings
  readonly #agent: HttpAgent
  readonly #post: (lines: string[]) => Promise<void>
  readonly #queue: LineQueue
  readonly #count = { written: 0, lost: 0, retried: 0 }
  #sending = 0
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #life: 'open' | 'closing' | 'closed' = 'open'

  constructor(settings: Settings) {
    this.#settings = settings
    this.#queue = new LineQueue({ batchLines: settings.batchLines, limit: settings.queueLines })
    this.#agent = new (settings.url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 })
    this.#post = poster(settings, this.#agent)
  }

  add(points: readonly Point[]): void {
    if (this.#life !== 'open') return
    for (const point of points) this.#count.lost += this.#queue.push(lineOf(point))
    if (this.#queue.length === 0) return
    if (this.#failures === 0 && this.#queue.length >= this.#settings.batchLines) void this.#send()
    else this.#schedule(this.#settings.flushMs)
  }

  counters(): InfluxCounters {
    return { ...this.#count, queued: this.#queue.length + this.#sending }
  }

  async flush(): Promise<void> {
    await this.#round
    await this.#send()
  }

  async close(): Promise<void> {
    if (this.#life !== 'open') return
    this.#life = 'closing'
    const tooLong = setTimeout(() => this.#giveUp(), this.#settings.timeoutMs)
    await this.flush()
    clearTimeout(tooLong)
    clearTimeout(this.#timer)
    this.#giveUp()
    for (let batch = this.#queue.shift(); batch; batch = this.#queue.shift()) this.#count.lost += batch.length
  }

  #giveUp(): void {
    this.#life = 'closed'
    this.#agent.destroy()
  }

  #schedule(delay: number): void {
    if (this.#life !== 'open' || this.#round !== undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(() => void this.#send(), delay).unref()
  }

  #send(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#round ??= this.#sendAll().then((pause) => {
      this.#round = undefined
      if (this.#queue.length > 0) this.#schedule(pause)
    })
    return this.#round
  }

  /** Answers how long to wait before the next round, in ms. */
  async #sendAll(): Promise<number> {
    while (this.#life !== 'closed') {
      const batch = this.#queue.shift()
      if (batch === undefined) break
      this.#sending = batch.length
      const error = await this.#post(batch).catch((thrown: unknown) => thrown ?? new Error('the write failed'))
      this.#sending = 0
      if (error === undefined) this.#succeeded(batch)
      else if (isRefused(error)) this.#refused(batch, error)
      else return this.#failed(batch, error)
    }
    return this.#settings.flushMs
  }

  #succeeded(batch: string[]): void {
    this.#count.written += batch.length
    if (this.#failures > 0) this.#settings.log.info({ failures: this.#failures, queued: this.#queue.length, lost: this.#count.lost }, 'InfluxDB takes lines again')
    this.#failures = 0
  }

  /** The server took what it could use; sending the rest again would change nothing. */
  #refused(batch: string[], error: HttpError): void {
    const lost = Math.min(batch.length, Number(/\bdropped=(\d+)/.exec(error.message)?.[1] ?? batch.length))
    this.#count.lost += lost
    this.#count.written += batch.length - lost
    this.#settings.log.warn({ lost, status: error.statusCode, why: error.message.slice(0, 500) }, 'InfluxDB refused lines')
  }

  #failed(batch: string[], error: unknown): number {
    // The client reports a timeout and leaves the request where it is; the next one would stand in line behind it.
    this.#agent.destroy()
    const lost = this.#queue.unshift(batch)
    this.#count.lost += lost
    this.#count.retried += batch.length - lost
    this.#failures++
    if (this.#failures === 1) this.#settings.log.warn({ why: messageOf(error).slice(0, 500) }, 'InfluxDB cannot be written; lines wait')
    const { first, longest } = this.#settings.retryMs
    const asked = error instanceof HttpError ? error.retryAfter() : 0
    return Math.min(longest, Math.max(asked, first * 2 ** (this.#failures - 1)))
  }
}

function poster({ url, token, org, bucket, timeoutMs, batchLines }: Settings, agent: HttpAgent): (lines: string[]) => Promise<void> {
  const api = new InfluxDB({ url, token, timeout: timeoutMs, transportOptions: { agent } }).getWriteApi(org, bucket, 'ns', {
    batchSize: batchLines + 1,
    flushInterval: 0,
    maxRetries: 0,
    gzipThreshold: 1000,
    // Given a promise, the client neither retries nor writes to the console by itself.
    writeFailed: (error) => Promise.reject(error),
  })
  return (lines) => {
    api.writeRecords(lines)
    return api.flush()
  }
}

/** Only these mean the lines themselves; a wrong token or a bucket that is yet to be made may come right. */
function isRefused(error: unknown): error is HttpError {
  return error instanceof HttpError && [400, 413, 422].includes(error.statusCode)
}

/** A line protocol text is one line, and a backslash before its separators would swallow them. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\\]/gu, ' ')
}

function lineOf({ measurement, tags, fields, at, nanos }: Point): string {
  const line = new Line(measurement).timestamp(`${at}${String(nanos).padStart(6, '0')}`)
  for (const [name, value] of Object.entries(tags)) line.tag(name, plain(value))
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'number') line.floatField(name, value)
    else if (typeof value === 'boolean') line.booleanField(name, value)
    else line.stringField(name, plain(value))
  }
  return line.toLineProtocol() ?? ''
}
