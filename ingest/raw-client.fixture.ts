import { connect, type Socket } from 'node:net'
import mqtt, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet'

/** For tests: an MQTT client that shows every packet, and sends what no decent client would. */
export class RawClient {
  readonly socket: Socket
  /** Messages in order of arrival. */
  readonly messages: IPublishPacket[] = []
  readonly closed: Promise<void>
  readonly #waiting = new Map<string, (packet: Packet) => void>()
  #messageId = 0

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => {})
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()))
    const parser = mqtt.parser()
    parser.on('packet', (packet) => this.#received(packet))
    this.socket.on('data', (chunk) => parser.parse(chunk))
  }

  /** The return code of CONNACK, or `closed` when there was none. */
  async connect(options: Partial<IConnectPacket> & { clientId: string }): Promise<number | 'closed'> {
    const connack = this.#answer('connack')
    this.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60, ...options })
    const answer = await connack
    return answer === 'closed' ? 'closed' : answer.cmd === 'connack' ? (answer.returnCode ?? 0) : 'closed'
  }

  /** Resolves with PUBACK (for QoS 1), with the end of the connection, or at once (QoS 0). */
  async publish(topic: string, payload: string | Buffer, { qos = 1, retain = false }: { qos?: 0 | 1; retain?: boolean } = {}): Promise<'acknowledged' | 'closed' | 'sent'> {
    const messageId = this.#nextId()
    const puback = qos === 1 ? this.#answer(`puback ${messageId}`) : undefined
    this.send({ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId })
    if (puback === undefined) return 'sent'
    return (await puback) === 'closed' ? 'closed' : 'acknowledged'
  }

  /** What was granted to each filter: a QoS, or 128 for no. */
  async subscribe(...topics: string[]): Promise<number[] | 'closed'> {
    const messageId = this.#nextId()
    const suback = this.#answer(`suback ${messageId}`)
    this.send({ cmd: 'subscribe', messageId, subscriptions: topics.map((topic) => ({ topic, qos: 1 })) })
    const answer = await suback
    return answer !== 'closed' && answer.cmd === 'suback' ? (answer.granted as number[]) : 'closed'
  }

  /** Resolves when everything sent before was handled. */
  async ping(): Promise<'closed' | 'answered'> {
    const pong = this.#answer('pingresp')
    this.send({ cmd: 'pingreq' })
    return (await pong) === 'closed' ? 'closed' : 'answered'
  }

  send(packet: Packet): void {
    this.socket.write(mqtt.generate(packet))
  }

  /** Closes with DISCONNECT. */
  async end(): Promise<void> {
    if (!this.socket.destroyed) this.socket.end(mqtt.generate({ cmd: 'disconnect' }))
    await this.closed
  }

  #nextId(): number {
    return ++this.#messageId
  }

  #answer(key: string): Promise<Packet | 'closed'> {
    const packet = new Promise<Packet>((resolve) => this.#waiting.set(key, resolve))
    return Promise.race([packet, this.closed.then(() => 'closed' as const)])
  }

  #received(packet: Packet): void {
    if (packet.cmd === 'publish') {
      this.messages.push(packet)
      if (packet.qos === 1) this.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
      return
    }
    const key = packet.cmd === 'puback' || packet.cmd === 'suback' ? `${packet.cmd} ${packet.messageId}` : packet.cmd
    this.#waiting.get(key)?.(packet)
    this.#waiting.delete(key)
  }
}
