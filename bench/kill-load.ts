import { Uplink } from '../gateways/mqtt.ts'
import type { ScriptMessage } from './kill-script.ts'

const WINDOW = 200
/** After each reconnect so many acknowledged messages are sent once more: a repetition must change nothing. */
const REPEATED = 20

/**
 * A gateway that has a list to bring over, in order, through any number of platforms: what was not acknowledged is sent
 * again. It knows what was acknowledged, and nothing else counts.
 */
export class Sender {
  readonly gateway: string
  readonly #password: string
  readonly #messages: readonly ScriptMessage[]
  readonly #acknowledged = new Set<number>()
  #uplink: Uplink | undefined
  #first = 0
  #allowed = 0

  constructor(gateway: string, password: string, messages: readonly ScriptMessage[]) {
    this.gateway = gateway
    this.#password = password
    this.#messages = messages
  }

  /** Lets it send up to so many; the load is spread over the whole run. */
  allow(through: number): void {
    this.#allowed = Math.min(this.#messages.length, through)
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  wasAcknowledged(index: number): boolean {
    return this.#acknowledged.has(index)
  }

  connect(url: string): void {
    this.#uplink = new Uplink(
      {
        url,
        gateway: this.gateway,
        password: this.#password,
        will: () => ({ topic: `city/v1/from/${this.gateway}/status`, payload: JSON.stringify({ state: 'offline', at: Date.now() }) }),
        subscribe: [],
        backoff: () => 50,
      },
      { up: (link) => this.#send(link), down: () => {}, message: () => {} },
    )
  }

  async disconnect(): Promise<void> {
    const uplink = this.#uplink
    this.#uplink = undefined
    await uplink?.stop()
  }

  #send(link: { publish(topic: string, payload: string, retain: boolean, settled: (error?: Error) => void): void }): void {
    let next = Math.max(0, this.#first - REPEATED)
    let underWay = 0
    const pump = (): void => {
      while (underWay < WINDOW && next < this.#allowed) {
        const index = next++
        const { topic, payload } = this.#messages[index] as ScriptMessage
        underWay++
        link.publish(topic, payload, false, (error) => {
          underWay--
          if (error) return
          this.#settle(index)
          pump()
        })
      }
    }
    pump()
  }

  #settle(index: number): void {
    this.#acknowledged.add(index)
    while (this.#acknowledged.has(this.#first)) this.#first++
  }
}
