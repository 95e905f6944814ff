import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { z } from 'zod'
import { CodedError } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Page, PageQuery } from '../domain/ports/alerts.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { LedgerView, RejectView } from '../domain/ports/telemetry.ts'
import { type Control, ControlSchemas } from '../domain/record.ts'
import type { Instant } from '../domain/time.ts'
import type { JournalOptions } from '../store/journal/writer.ts'
import type { Frame } from './accept.ts'
import type { Credentials, Identity, Outgoing } from './broker.ts'
import { type BrokerThread, startBrokerThread } from './broker-thread.ts'
import type { Counters } from './counters.ts'
import type { OwnObservation } from './intake.ts'
import { type JournalThread, startJournalThread } from './journal-thread.ts'
import type { Judgement } from './judge.ts'
import { LedgerReader } from './ledger-store.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { CommitStats, ThreadCpu } from './messages.ts'

export type { Frame } from './accept.ts'
export type { Credentials, Identity, Outgoing } from './broker.ts'
export { COMMIT_BUCKETS } from './commit-times.ts'
export type { Counters } from './counters.ts'
export type { OwnObservation } from './intake.ts'
export type { Judgement } from './judge.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export type { CommitStats } from './messages.ts'
export { PLATFORM } from './permissions.ts'

export interface IngestOptions {
  /** Holds `journal/` and `ledger.db`. One process at a time. */
  dataDir: string
  mqtt: { host: string; port: number }
  limits?: Partial<Limits>
  journal?: JournalOptions
  /**
   * Who may come in; asked once per connection. A slow answer delays that connection only, a rejected promise refuses
   * it for now. A consumer whose client id is the id of a gateway is nobody: only the owner of the passwords can know.
   */
  authenticate: (credentials: Credentials) => Promise<Identity>
  log: Log
  /** Takes the pictures of the cameras named by `takeFrames`, each from the gateway that owns the camera. */
  onFrame?: (frame: Frame) => void
}

export interface Log {
  info(detail: object, message: string): void
  warn(detail: object, message: string): void
  error(detail: object, message: string): void
}

export type Health = { state: 'ok' } | { state: 'failing'; why: string }

/** The ingest room as the rest of the platform sees it. */
export interface Ingest extends ControlAppender {
  /** Where MQTT listens. */
  readonly port: number
  /** Last committed offset. */
  head(): Offset
  /** A port that says `{ head }` now and after each commit, for a thread that reads the journal itself. Close it when done. */
  headPort(): MessagePort
  /** Observations that the platform makes itself; resolves after the flush. Throws `journal.unwritable`. */
  observe(messages: readonly OwnObservation[]): Promise<Judgement[]>
  /** Makes devices known, with their gateway or null for whoever reports first; moves those that another gateway had. */
  register(devices: readonly { device: string; gateway: string | null }[]): Promise<void>
  /** To whoever subscribed and may see `area`; an empty payload with retain takes a retained message back. */
  publish(topic: string, payload: string, options: Pick<Outgoing, 'qos' | 'retain' | 'area'>): void
  /** The cameras whose frames are taken from now on; frames of others are refused. */
  takeFrames(cameras: readonly string[]): void
  disconnect(clientId: string): void
  counters(): Promise<Counters & { devices: number }>
  commits(): Promise<CommitStats>
  /** CPU time of the broker's thread, and of the journal's, in µs. */
  brokerCpu(): Promise<ThreadCpu>
  journalCpu(): Promise<ThreadCpu>
  health(): Health
  ledger(query: PageQuery & { device?: string }): Promise<Page<LedgerView>>
  rejects(query: PageQuery & { gateway?: string }): Promise<Page<RejectView>>
  /** Takes nothing more, commits and acknowledges what came, closes. */
  close(): Promise<void>
}

/** Opens the journal, then the door. Throws `journal.unwritable` when the data folder cannot be used, `port.in_use` when another process listens there. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const { port1, port2 } = new MessageChannel()
  const journal = await startJournalThread({ dataDir: options.dataDir, journal: options.journal ?? {}, limits, batches: port1 }, options.log)
  try {
    const broker = await startBrokerThread({ ...options.mqtt, limits, batches: port2 }, options)
    return new Room(options.dataDir, journal, broker)
  } catch (thrown) {
    await journal.close()
    throw thrown
  }
}

class Room implements Ingest {
  readonly #journal: JournalThread
  readonly #broker: BrokerThread
  readonly #reader: LedgerReader
  #outgoing: Outgoing[] = []

  constructor(dataDir: string, journal: JournalThread, broker: BrokerThread) {
    this.#journal = journal
    this.#broker = broker
    this.#reader = new LedgerReader(dataDir)
  }

  get port(): number {
    return this.#broker.port
  }

  head(): Offset {
    return this.#journal.head()
  }

  headPort(): MessagePort {
    return this.#journal.headPort()
  }

  async append(controls: readonly Control[]): Promise<{ first: Offset; receivedAt: Instant }> {
    const outcome = await this.#journal.append(controls.map(checked))
    if ('failed' in outcome) throw new CodedError('journal.unwritable', outcome.failed)
    return outcome
  }

  async observe(messages: readonly OwnObservation[]): Promise<Judgement[]> {
    const outcome = await this.#journal.observe(messages)
    if ('failed' in outcome) throw new CodedError('journal.unwritable', outcome.failed)
    return outcome.judgements
  }

  async register(devices: readonly { device: string; gateway: string | null }[]): Promise<void> {
    await this.#journal.register(devices)
  }

  publish(topic: string, payload: string, options: Pick<Outgoing, 'qos' | 'retain' | 'area'>): void {
    if (this.#outgoing.push({ topic, payload, ...options }) > 1) return
    setImmediate(() => {
      this.#broker.publish(this.#outgoing)
      this.#outgoing = []
    })
  }

  takeFrames(cameras: readonly string[]): void {
    this.#broker.takeFrames(cameras)
  }

  disconnect(clientId: string): void {
    this.#broker.disconnect(clientId)
  }

  async counters(): Promise<Counters & { devices: number }> {
    const [{ intake, devices }, { counters }] = await Promise.all([this.#journal.counters(), this.#broker.counters()])
    return { ...intake, ...counters, devices }
  }

  async commits(): Promise<CommitStats> {
    return (await this.#journal.counters()).commits
  }

  async brokerCpu(): Promise<ThreadCpu> {
    return (await this.#broker.counters()).cpu
  }

  async journalCpu(): Promise<ThreadCpu> {
    return (await this.#journal.counters()).cpu
  }

  health(): Health {
    const why = this.#journal.failing()
    return why === null ? { state: 'ok' } : { state: 'failing', why }
  }

  /** Lists are read from the file, for which the ledger is written down; one device is asked for at each alert, and holds up no commit. */
  async ledger({ device, ...query }: PageQuery & { device?: string }): Promise<Page<LedgerView>> {
    if (device !== undefined) {
      const line = await this.#journal.device(device)
      return { items: line && (query.cursor ?? '') < device ? [line] : [], next: null }
    }
    await this.#journal.save()
    return this.#reader.ledger(query)
  }

  async rejects(query: PageQuery & { gateway?: string }): Promise<Page<RejectView>> {
    await this.#journal.save()
    return this.#reader.rejects(query)
  }

  async close(): Promise<void> {
    await this.#broker.close()
    this.#reader.close()
    await this.#journal.close()
  }
}

const ControlSchema = z.discriminatedUnion('type', Object.values(ControlSchemas) as unknown as [z.ZodObject, ...z.ZodObject[]])

/** The border: what other rooms decided is checked before it becomes truth. */
function checked(control: Control): Control {
  const parsed = ControlSchema.safeParse(control)
  if (parsed.success) return parsed.data as unknown as Control
  const details = parsed.error.issues.map(({ path, message }) => ({ where: path.join('.'), why: message }))
  throw new CodedError('request.invalid', `a ${control.type} record is not of its form: ${details.map(({ where, why }) => `${where}: ${why}`).join('; ')}`, { details })
}
