import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { Aedes, type Client } from 'aedes'

/** A message as it reached the broker. */
export interface Arrival {
  topic: string
  client: string | undefined
  retain: boolean
  json: Record<string, unknown>
  /** Of a frame. */
  jpeg?: Buffer
}

/** A real broker on loopback for tests: it keeps what arrives in order, and can go away and come back on its port. */
export class TestBroker {
  readonly arrivals: Arrival[] = []
  /** Called before a message is acknowledged; while it does not call back there is no PUBACK. */
  hold: (done: (error?: Error | null) => void) => void = (done) => done()
  #aedes: Aedes | undefined
  #server: Server | undefined
  #port = 0
  readonly #watchers = new Set<() => void>()

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker()
    aedes.authorizePublish = (_client: Client | null, _packet: unknown, done: (error?: Error | null) => void) => this.hold(done)
    aedes.on('publish', ({ topic, payload, retain }, client) => {
      if (topic.startsWith('$SYS')) return
      const isFrame = topic.split('/')[4] === 'frame'
      const content = isFrame ? { json: {}, jpeg: payload as Buffer } : { json: JSON.parse(payload.toString()) as Record<string, unknown> }
      this.arrivals.push({ topic, client: client?.id, retain, ...content })
      for (const watch of [...this.#watchers]) watch()
    })
    const server = createServer(aedes.handle)
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address === 'object' && address) this.#port = address.port
    this.#aedes = aedes
    this.#server = server
  }

  /** Cuts all connections and stops listening. */
  async stop(): Promise<void> {
    const [aedes, server] = [this.#aedes, this.#server]
    if (!aedes || !server) return
    this.#aedes = undefined
    const closed = once(server, 'close')
    server.close()
    await new Promise<void>((resolve) => aedes.close(resolve))
    await closed
  }

  /** Publishes to the gateways. */
  send(topic: string, json: unknown): void {
    this.#aedes?.publish({ cmd: 'publish', topic, payload: Buffer.from(JSON.stringify(json)), qos: 1, retain: false, dup: false }, () => {})
  }

  /** Resolves as soon as the condition holds; it is asked after every arrival. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        if (!condition()) return
        this.#watchers.delete(watch)
        resolve()
      }
      this.#watchers.add(watch)
      watch()
    })
  }

  /** Arrived observations, by device: their `seq` in order of first arrival. */
  seqs(): Map<string, number[]> {
    const out = new Map<string, number[]>()
    for (const { topic, json } of this.arrivals) {
      const [, , , , what, , device] = topic.split('/')
      if (what !== 'observation' || !device || typeof json.seq !== 'number') continue
      const list = out.get(device) ?? []
      out.set(device, list)
      if (!list.includes(json.seq)) list.push(json.seq)
    }
    return out
  }

  states(): unknown[] {
    return this.arrivals.filter(({ topic }) => topic.endsWith('/status')).map(({ json }) => json.state)
  }
}
