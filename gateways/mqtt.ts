import mqtt, { type MqttClient } from 'mqtt'
import { messageOf } from '../domain/errors.ts'

/** The owner of the `mqtt` package for gateways. */
export interface LinkOptions {
  /** mqtt://, mqtts://, ws:// or wss:// */
  url: string
  /** Client id and user name (contract.md). */
  gateway: string
  password?: string
  /** Certificate authority (PEM) for mqtts. */
  ca?: string
  /** Asked anew for every connection. */
  will: () => { topic: string; payload: string }
  subscribe: readonly string[]
  /** Milliseconds to wait before try number 0, 1, 2 … after a success. */
  backoff: (attempt: number) => number
}

/** One connection to the broker, from CONNACK to its end. */
export interface Link {
  /** QoS 1. `settled` is called once: without argument at PUBACK, with an error when the connection ends before it. */
  publish(topic: string, payload: string | Buffer, retain: boolean, settled: (error?: Error) => void): void
  /** Ends it as if the network had; another one follows. */
  drop(): void
}
export interface LinkEvents {
  up(link: Link): void
  down(why: string): void
  message(topic: string, payload: Buffer): void
}

const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_S = 30
const GOODBYE_MS = 2000
const [SHORTEST_MS, LONGEST_MS] = [1000, 30_000]

/** 1, 2, 4 … 30 s and up to a quarter more, so that a thousand gateways do not come back in one second. */
export function backoffMs(attempt: number, random: () => number): number {
  return Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.min(attempt, 10)) * (1 + random() / 4)
}

/**
 * Keeps a gateway connected until `stop`. Every connection is a client of its own and remembers nothing of the last:
 * what was in flight is sent again from the outbox, in order, and not by the package from memory, out of it.
 * The session at the broker is kept (clean session off), so commands wait there while the gateway is away.
 */
export class Uplink {
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  #client: MqttClient | undefined
  #retry: NodeJS.Timeout | undefined
  #attempt = 0
  /** Settles a publish whose PUBACK has not come; the package forgets those of a session that is kept. */
  readonly #underWay = new Set<(error?: Error) => void>()
  #stopped = false

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options
    this.#events = events
    this.#connect()
  }

  /**
   * Says goodbye (no will is published), or cuts the line when the broker does not answer. The line is cut by its
   * stream: the package waits for every acknowledgement before it ends, for ever if need be, and cannot be hurried then.
   */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    const client = this.#client
    if (!client) return
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    const cut = setTimeout(() => client.stream.destroy(), GOODBYE_MS)
    await Promise.race([client.endAsync(!client.connected || this.#underWay.size > 0).catch(() => {}), closed])
    clearTimeout(cut)
    this.#settleAll()
  }

  #connect(): void {
    const { url, gateway, password, ca } = this.#options
    const will = this.#options.will()
    const client = mqtt.connect(url, {
      clientId: gateway,
      username: gateway,
      ...(password !== undefined && { password }),
      ...(ca !== undefined && { ca }),
      clean: false,
      protocolVersion: 4,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true },
    })
    this.#client = client
    let why = 'the connection was closed'
    client.on('connect', () => this.#up(client))
    client.on('message', (topic, payload) => this.#events.message(topic, payload))
    client.on('error', (error) => {
      why = messageOf(error)
    })
    client.on('close', () => this.#down(client, why))
  }

  #up(client: MqttClient): void {
    for (const filter of this.#options.subscribe) client.subscribe(filter, { qos: 1 }, () => {})
    this.#events.up({
      publish: (topic, payload, retain, settled) => {
        const settle = (error?: Error): void => {
          if (!this.#underWay.delete(settle)) return
          // CONNACK is not success: a broker that cannot keep anything accepts the connection and then closes it.
          if (!error) this.#attempt = 0
          settled(error)
        }
        this.#underWay.add(settle)
        client.publish(topic, payload, { qos: 1, retain }, (error) => settle(error ?? undefined))
      },
      drop: () => client.stream.destroy(),
    })
  }

  #settleAll(): void {
    for (const settle of [...this.#underWay]) settle(new Error('the connection ended before the acknowledgement'))
  }

  #down(client: MqttClient, why: string): void {
    if (this.#client !== client) return
    this.#client = undefined
    client.end(true)
    this.#settleAll()
    this.#events.down(why)
    if (this.#stopped) return
    this.#retry = setTimeout(() => this.#connect(), this.#options.backoff(this.#attempt++))
  }
}

export interface ListenOptions {
  url: string
  username?: string | undefined
  password?: string | undefined
  filters: readonly string[]
  heard(topic: string, payload: Buffer): void
  /** The connection is away; it is tried again. Called once per break. */
  down(why: string): void
}

/** Listens to somebody else's broker, connecting again when it goes away. The answer stops it. */
export function listen({ url, username, password, filters, heard, down }: ListenOptions): () => Promise<void> {
  const credentials = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
  const client = mqtt.connect(url, { ...credentials, clean: true, protocolVersion: 4, keepalive: KEEPALIVE_S, connectTimeout: CONNECT_TIMEOUT_MS, reconnectPeriod: SHORTEST_MS })
  let why = 'the connection was closed'
  let up = true
  client.on('connect', () => {
    up = true
    for (const filter of filters) client.subscribe(filter, { qos: 1 }, () => {})
  })
  client.on('message', (topic, payload) => heard(topic, payload))
  client.on('error', (error) => {
    why = messageOf(error)
  })
  client.on('close', () => {
    if (up) down(why)
    up = false
  })
  return async () => {
    up = false
    await client.endAsync(true).catch(() => {})
  }
}
