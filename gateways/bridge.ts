import { z } from 'zod'
import type { Instant } from '../domain/time.ts'
import { SECOND } from '../domain/time.ts'
import { FrigateCameraSchema, FrigateScenes, frigatePresence, type PassedOver } from './bridge/frigate.ts'
import { OnvifCameraSchema, onvifReport } from './bridge/onvif.ts'
import { Gateway, type GatewayStats, type Log, SILENT } from './gateway.ts'
import { listen } from './mqtt.ts'
import type { Report } from './outbox.ts'

const FarBrokerSchema = z.strictObject({
  url: z.url({ protocol: /^(mqtts?|wss?)$/ }),
  username: z.string().optional(),
  /** Environment variable that holds the password. */
  passwordEnv: z.string().optional(),
})
/** What `gateway-run bridge` is told, in a file: where other systems publish, and which of our cameras theirs are. */
export const BridgeSchema = z
  .strictObject({
    frigate: FarBrokerSchema.extend({ prefix: z.string().min(1).default('frigate'), cameras: z.record(z.string(), FrigateCameraSchema) }).optional(),
    /** `cameras`: topic prefix → camera. */
    onvif: FarBrokerSchema.extend({ cameras: z.record(z.string().min(1), OnvifCameraSchema) }).optional(),
  })
  .refine(({ frigate, onvif }) => frigate !== undefined || onvif !== undefined, 'names neither frigate nor onvif')
export type BridgeConfig = z.infer<typeof BridgeSchema>

export interface BridgeOptions extends BridgeConfig {
  url: string
  dataDir: string
  gateway: string
  password: (gateway: string) => string | undefined
  env: Readonly<Record<string, string | undefined>>
  ca?: string
  log?: Log
  progress?: (stats: BridgeStats) => void
  clock?: () => Instant
}

export interface BridgeStats {
  /** Messages of the other systems = told + passed over. */
  heard: number
  told: number
  passedOver: Partial<Record<PassedOver | 'not_spoken_of', number>>
  gateway: GatewayStats
}

/** Tells the platform what other systems detect, until the signal aborts. Every message is told, or counted with the reason why not. */
export async function runBridge(options: BridgeOptions, signal: AbortSignal): Promise<BridgeStats> {
  const { url, dataDir, gateway: id, password, ca, log = SILENT, clock = Date.now } = options
  const secret = password(id)
  const gateway = new Gateway({ id, url, dataDir, log, clock, ...(secret !== undefined && { password: secret }), ...(ca !== undefined && { ca }) })
  const bridge = new Bridge(gateway, options, clock)
  const stops = bridge.open(log)
  const ticking = setInterval(() => bridge.tick(), SECOND)
  try {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  } finally {
    clearInterval(ticking)
    await Promise.all(stops.map((stop) => stop()))
    await gateway.stop()
  }
  return bridge.stats()
}

class Bridge {
  readonly #gateway: Gateway
  readonly #options: BridgeOptions
  readonly #clock: () => Instant
  readonly #scenes: FrigateScenes
  readonly #passedOver: BridgeStats['passedOver'] = {}
  #heard = 0
  #told = 0

  constructor(gateway: Gateway, options: BridgeOptions, clock: () => Instant) {
    this.#gateway = gateway
    this.#options = options
    this.#clock = clock
    this.#scenes = new FrigateScenes(options.frigate?.cameras ?? {})
  }

  /** Listens to the other brokers. */
  open(log: Log): (() => Promise<void>)[] {
    const { frigate, onvif, env } = this.#options
    const at = ({ url, username, passwordEnv }: z.infer<typeof FarBrokerSchema>) => ({ url, username, password: passwordEnv === undefined ? undefined : env[passwordEnv] })
    const stops: (() => Promise<void>)[] = []
    if (frigate) {
      const filters = ['events', 'available', '+/status/detect'].map((topic) => `${frigate.prefix}/${topic}`)
      const heard = (topic: string, payload: Buffer): void => this.#frigate(topic.slice(frigate.prefix.length + 1), payload)
      // Without its broker nobody knows what Frigate sees.
      stops.push(listen({ ...at(frigate), filters, heard, down: (why) => this.#frigateGone(why, log) }))
    }
    if (onvif) {
      const filters = Object.keys(onvif.cameras).map((prefix) => `${prefix}/onvif-ej/#`)
      const down = (why: string): void => log.warn({ why }, 'the broker of the ONVIF cameras is away')
      stops.push(listen({ ...at(onvif), filters, heard: (topic, payload) => this.#take(onvifReport(onvif.cameras, topic, parsed(payload))), down }))
    }
    return stops
  }

  /** What is still in sight is told again. */
  tick(): void {
    const again = this.#scenes.again(this.#clock())
    if (again.length > 0) this.#gateway.observe(again)
    this.#options.progress?.(this.stats())
  }

  stats(): BridgeStats {
    return { heard: this.#heard, told: this.#told, passedOver: { ...this.#passedOver }, gateway: this.#gateway.stats() }
  }

  #frigate(path: string, payload: Buffer): void {
    if (path === 'events') return this.#take(this.#scenes.event(parsed(payload), this.#clock()))
    const word = payload.toString()
    if (path === 'available' && word !== 'online') this.#scenes.gone()
    const reports = frigatePresence(this.#options.frigate?.cameras ?? {}, path, word, this.#clock())
    this.#heard++
    if (reports.length === 0) this.#pass('not_spoken_of')
    else {
      this.#told++
      this.#gateway.observe(reports)
    }
  }

  #frigateGone(why: string, log: Log): void {
    log.warn({ why }, "Frigate's broker is away")
    this.#scenes.gone()
  }

  #take(report: Report | PassedOver): void {
    this.#heard++
    if (typeof report === 'string') return this.#pass(report)
    this.#told++
    this.#gateway.observe([report])
  }

  #pass(why: PassedOver | 'not_spoken_of'): void {
    this.#passedOver[why] = (this.#passedOver[why] ?? 0) + 1
  }
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch {
    return undefined
  }
}
