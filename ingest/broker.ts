import { createServer, type Server, type Socket } from 'node:net'
import type { Aedes, AuthenticateError, Client, ConnectPacket, PublishPacket, Subscription } from 'aedes'
import type { PlacedMessage } from './batch.ts'
import type { BrokerCounters } from './counters.ts'
import { GatewayStream, type Settled } from './gateway-stream.ts'
import type { Limits } from './limits.ts'
import { type Introduction, introductionFault, mayPublish, mayReceive, maySubscribe, type Session, sessionFault } from './permissions.ts'
import { interceptReads, type ShortWay } from './reads.ts'
import { Refusals, refusalOf, TurnedAway } from './refusals.ts'
import { Throttle } from './throttle.ts'
import { WatchBroker } from './watch-broker.ts'

/** Who somebody turned out to be; null: nobody that may come in. `user` is whose token it was, if not the user name given. */
export type Identity = { kind: 'gateway' } | { kind: 'consumer'; area: string; user?: string } | null

export interface Credentials {
  clientId: string
  username: string | undefined
  password: string | undefined
}

/** Settles a publish: without an error its PUBACK goes out, with one its connection closes. */
export type Settle = (error?: Error) => void

export interface BrokerOptions {
  host: string
  port: number
  limits: Limits
  authenticate: (credentials: Credentials) => Promise<Identity>
  /** Takes what a gateway published below its own topic. */
  receive: (message: { topic: string; qos: number; payload: Buffer }, settle: Settle) => void
  /** The same, straight from where it lies, for all that are not frames. */
  take: (message: PlacedMessage, settled: Settled, tag: number) => void
}

/** A message of the platform's for whoever subscribed. `area` is what it concerns; only those who may see it get it. */
export interface Outgoing {
  topic: string
  payload: string
  qos: 0 | 1
  retain: boolean
  area: string
}

/** The embedded MQTT broker (aedes): who may come in, what they may publish and hear, and how much. */
export class Broker {
  readonly #options: BrokerOptions
  readonly #aedes: Aedes
  readonly #server: Server
  readonly #introductions = new WeakMap<Client, Introduction>()
  readonly #sessions = new WeakMap<Client, Session>()
  readonly #filters = new WeakMap<Client, Set<string>>()
  readonly #throttles = new Map<string, Throttle>()
  readonly #clients = new Map<string, Client>()
  readonly #ways = new WeakMap<Socket, ShortWay>()
  readonly #perUser = new Map<string, number>()
  readonly #areas = new Map<string, string>()
  readonly #sockets = new Set<Socket>()
  readonly #refusals = new Refusals()
  #throttled = 0
  #closing = false

  constructor(options: BrokerOptions) {
    this.#options = options
    const { limits } = options
    this.#aedes = new WatchBroker({
      connectTimeout: limits.connectMs,
      keepaliveLimit: limits.keepaliveSeconds,
      maxTopicLevels: limits.topicLevels,
      drainTimeout: 10_000,
      preConnect: (client, packet, done) => this.#introduce(client, packet, done),
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, username, password).then(
          (error) => done(error, error === null),
          () => done(this.#refusals.refuse('unavailable'), false),
        )
      },
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, (error) => done(error)),
      authorizeSubscribe: (client, subscription, done) => this.#authorizeSubscribe(client, subscription, done),
      authorizeForward: (client, packet) => (this.#mayReceive(client, packet.topic) ? packet : null),
    })
    this.#aedes.on('client', (client) => this.#clients.set(client.id, client))
    this.#aedes.on('clientReady', (client) => this.#ready(client))
    this.#aedes.on('clientDisconnect', (client) => this.#gone(client))
    this.#aedes.on('clientError', (client, error) => this.#refusals.broke(client, error))
    this.#aedes.on('connectionError', (client, error) => this.#refusals.broke(client, error))
    this.#server = createServer((socket) => this.#connect(socket))
    this.#server.maxConnections = limits.connections
    this.#server.on('drop', () => this.#refusals.count('connections'))
  }

  /** Listens; the port that it got. */
  async listen(): Promise<number> {
    await this.#aedes.listen()
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#options.port, this.#options.host, resolve)
    })
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  publish({ topic, payload, qos, retain, area }: Outgoing): void {
    this.#areas.set(topic, area)
    this.#aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, () => {
      if (!retain || payload === '') this.#areas.delete(topic)
    })
  }

  /** True when this client is connected now. */
  has(clientId: string): boolean {
    return this.#clients.has(clientId)
  }

  disconnect(clientId: string): void {
    this.#clients.get(clientId)?.close()
  }

  counters(): BrokerCounters {
    return { connections: this.#sockets.size, refused: this.#refusals.counts(), throttled: this.#throttled }
  }

  /** Stops listening and lets nobody publish any more. */
  stop(): void {
    this.#closing = true
    this.#server.close()
  }

  /** Closes every connection; wills do not speak, because it is not the gateways that went away. */
  async close(): Promise<void> {
    this.stop()
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
  }

  #connect(socket: Socket): void {
    interceptReads(socket, {
      packetBytes: this.#options.limits.packetBytes,
      way: () => (this.#closing ? undefined : this.#ways.get(socket)),
      refused: (fault) => this.#refusals.count(fault),
    })
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => this.#sockets.delete(socket))
    this.#aedes.handle(socket)
  }

  /** From its CONNACK on, what a gateway publishes goes the short way. */
  #ready(client: Client): void {
    const session = this.#sessions.get(client)
    if (session?.kind !== 'gateway') return
    const socket = client.conn as Socket
    const stream = new GatewayStream({
      ...{ gateway: session.id, socket, topicLevels: this.#options.limits.topicLevels, throttle: this.#throttleOf(session.id), take: this.#options.take },
      throttled: (messages) => {
        this.#throttled += messages
      },
      now: () => performance.now(),
    })
    // aedes counts as signs of life only the packets that reach it.
    const heard = (): void => void (client as unknown as { _keepaliveTimer: NodeJS.Timeout | null })._keepaliveTimer?.refresh()
    this.#ways.set(socket, { stream, heard })
  }

  #introduce(client: Client, packet: ConnectPacket, done: (error: Error | null, success: boolean) => void): void {
    this.#introductions.set(client, { clientId: packet.clientId, username: packet.username, clean: packet.clean === true, willTopic: packet.will?.topic })
    // Sessions end with their connection: acknowledged means kept does not need them, and a queue for somebody who never returns has no end.
    packet.clean = true
    done(null, true)
  }

  async #authenticate(client: Client, username: string | undefined, password: Buffer | undefined): Promise<AuthenticateError | null> {
    const introduction = this.#introductions.get(client)
    if (introduction === undefined || this.#closing) return this.#refusals.refuse('credentials')
    const fault = introductionFault(introduction)
    if (fault !== null) return this.#refusals.refuse(fault)
    const identity = await this.#options.authenticate({ clientId: introduction.clientId, username, password: password?.toString() })
    // Who left while the password was looked at has no close event to come, and is refused nothing more.
    if (client.closed) return refusalOf('credentials')
    if (identity === null) return this.#refusals.refuse('credentials')
    const wrong = sessionFault(introduction, identity.kind)
    if (wrong !== null) return this.#refusals.refuse(wrong)
    const session = sessionOf(client.id, username, identity)
    if (!this.#mayTakeOver(session)) return this.#refusals.refuse('client_id')
    const user = session.kind === 'gateway' ? session.id : session.user
    const open = this.#perUser.get(user) ?? 0
    if (open >= this.#options.limits.connectionsPerUser) return this.#refusals.refuse('connections_per_user')
    this.#perUser.set(user, open + 1)
    client.conn.once('close', () => this.#leave(user))
    this.#sessions.set(client, session)
    return null
  }

  /** A second connection under one client id ends the first (MQTT 3.1.1, 3.1.4-2); nobody may do that to somebody else. */
  #mayTakeOver(session: Session): boolean {
    const client = this.#clients.get(session.id)
    const present = client && this.#sessions.get(client)
    return present === undefined || (present.kind === 'gateway' ? session.kind === 'gateway' : session.kind === 'consumer' && session.user === present.user)
  }

  #leave(user: string): void {
    const open = (this.#perUser.get(user) ?? 1) - 1
    if (open === 0) this.#perUser.delete(user)
    else this.#perUser.set(user, open)
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: Settle): void {
    const session = client === null ? undefined : this.#sessions.get(client)
    if (session === undefined || this.#closing) {
      done(new TurnedAway('not connected'))
      return
    }
    if (!mayPublish(session, packet.topic)) {
      this.#refusals.count('publish_topic')
      done(new TurnedAway('the topic is not yours'))
      return
    }
    packet.retain = false
    this.#options.receive({ topic: packet.topic, qos: packet.qos, payload: packet.payload as Buffer }, this.#throttle(session.id, done))
  }

  /** The acknowledgement of what comes too fast waits, and with it whatever this client sends next; it is in the journal long before. */
  #throttle(gateway: string, done: Settle): Settle {
    const now = performance.now()
    const wait = this.#throttleOf(gateway).wait(now)
    if (wait === 0) return done
    this.#throttled++
    return (error) => {
      const left = now + wait - performance.now()
      if (error || left <= 0) done(error)
      else setTimeout(done, left).unref()
    }
  }

  #throttleOf(gateway: string): Throttle {
    const known = this.#throttles.get(gateway)
    if (known !== undefined) return known
    const throttle = new Throttle(this.#options.limits.messagesPerSecond, performance.now())
    this.#throttles.set(gateway, throttle)
    return throttle
  }

  #authorizeSubscribe(client: Client, subscription: Subscription, done: (error: Error | null, subscription?: Subscription | null) => void): void {
    const session = this.#sessions.get(client)
    if (session !== undefined && maySubscribe(session, subscription.topic) && this.#hasRoom(client, subscription.topic)) {
      done(null, subscription)
      return
    }
    this.#refusals.count('subscribe_topic')
    done(null, null)
  }

  #hasRoom(client: Client, filter: string): boolean {
    const filters = this.#filters.get(client) ?? new Set()
    this.#filters.set(client, filters.add(filter))
    return filters.size <= this.#options.limits.subscriptions
  }

  #mayReceive(client: Client, topic: string): boolean {
    const session = this.#sessions.get(client)
    return session !== undefined && mayReceive(session, topic, this.#areas.get(topic))
  }

  #gone(client: Client): void {
    if (this.#clients.get(client.id) !== client) return
    this.#clients.delete(client.id)
    this.#throttles.delete(client.id)
  }
}

function sessionOf(id: string, username: string | undefined, identity: NonNullable<Identity>): Session {
  return identity.kind === 'gateway' ? { kind: 'gateway', id } : { kind: 'consumer', id, user: identity.user ?? username ?? id, area: identity.area }
}
