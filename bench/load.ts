import { connect, type Socket } from 'node:net'
import { createHistogram } from 'node:perf_hooks'
import mqtt from 'mqtt-packet'
import { SECOND } from '../domain/time.ts'
import { topics } from '../domain/topics.ts'
import { given, givenPasswords } from './given.ts'

/**
 * The load generator, a process of its own: packets encoded beforehand, raw sockets, so many unacknowledged messages
 * per connection. Prints one line of JSON. Every message is new to the platform: seq counts up per device and boot.
 *
 *   node bench/load.ts --port 1883 [--connections 16] [--window 128] [--seconds 10] [--rate 0] [--devices 500] [--warmup 2]
 *
 * A rate of 0 means as fast as acknowledgements allow; otherwise messages per second over all connections.
 * It misleads in two ways: it shares the processors with what it measures, and at full rate its latencies are those
 * of a full window (window × connections / rate), not those of an idle platform.
 */
const { port, connections, window, seconds, warmup, rate, devices } = given({ port: 0, connections: 16, window: 128, seconds: 10, warmup: 2, rate: 0, devices: 500 })
const passwords = givenPasswords()

const FIRST_SEQ = 1_000_000_000
const SAMPLE_AT = 1_000_000_000_000
const boot = `b${process.pid}`
const latencyUs = createHistogram()
let acked = 0
let measuring = false

/** A publish packet whose id, seq and time are overwritten for every message: its length never changes. */
interface Template {
  bytes: Buffer
  id: number
  at: number
  seq: number
}

/** What a cover and a truck that are well say; two of five devices are trucks, as in the demo city. */
const SAYS = {
  cover: '"tiltDeg":3.25,"waterMm":120,"ch4Lel":0.5,"batteryPct":88,"rssiDbm":-91',
  vehicle: '"lon":117.702113,"lat":39.021877,"speedKmh":31.5,"headingDeg":182,"ignition":true,"lid":"closed","load":"full"',
} as const
const kindOf = (device: number): keyof typeof SAYS => (device % 5 < 3 ? 'cover' : 'vehicle')

function template(gateway: string, kind: keyof typeof SAYS, device: string): Template {
  const payload = `{"at":${SAMPLE_AT},"boot":"${boot}","seq":${FIRST_SEQ},${SAYS[kind]}}`
  const bytes = mqtt.generate({ cmd: 'publish', topic: topics.observation(gateway, kind, device), payload, qos: 1, messageId: 1, retain: false, dup: false })
  const start = bytes.length - payload.length
  const place = (name: string): number => bytes.indexOf(`"${name}":`, start) + name.length + 3
  return { bytes, id: start - 2, at: place('at'), seq: place('seq') }
}

class Connection {
  readonly #socket: Socket
  readonly #templates: Template[]
  readonly #sentAt = new Float64Array(65_536)
  #free: number
  #messageId = 0
  #sent = 0
  #rest: Buffer = Buffer.alloc(0)

  constructor(index: number) {
    const gateway = `bench-${index}`
    this.#templates = Array.from({ length: devices }, (_, device) => template(gateway, kindOf(device), `bench-${index}-${device}`))
    this.#free = window
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.write(
      mqtt.generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: gateway,
        username: gateway,
        password: Buffer.from(passwords[gateway] ?? 'bench'),
        keepalive: 600,
      }),
    )
    this.#socket.on('error', fail)
    this.#socket.on('close', () => fail(new Error('the connection was closed')))
  }

  /** Resolves when the platform let us in. */
  async ready(): Promise<void> {
    const connack = await new Promise<Buffer>((resolve) => this.#socket.once('data', resolve))
    if (connack[3] !== 0) throw new Error(`refused with code ${connack[3]}`)
    this.#socket.on('data', (chunk: Buffer) => this.#acknowledged(chunk))
  }

  /** Sends up to `count` messages, as the window allows; how many it sent. */
  send(count: number): number {
    const many = Math.min(count, this.#free)
    if (many === 0) return 0
    const now = performance.now()
    const at = String(Date.now())
    const packets: Buffer[] = []
    for (let n = 0; n < many; n++) packets.push(this.#next(at, now))
    this.#free -= many
    this.#socket.write(Buffer.concat(packets))
    return many
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #next(at: string, now: number): Buffer {
    const { bytes, id, at: atPlace, seq } = this.#templates[this.#sent % devices] as Template
    this.#messageId = (this.#messageId % 65_535) + 1
    bytes.writeUInt16BE(this.#messageId, id)
    bytes.write(at, atPlace, 'latin1')
    bytes.write(String(FIRST_SEQ + Math.floor(this.#sent / devices)), seq, 'latin1')
    this.#sentAt[this.#messageId] = now
    this.#sent++
    // A device's template is written again before this chunk is copied only when the window is larger than the number of devices.
    return window > devices ? Buffer.from(bytes) : bytes
  }

  #acknowledged(chunk: Buffer): void {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const now = performance.now()
    let place = 0
    for (; place + 4 <= data.length; place += 4) {
      if (data[place] !== 0x40) fail(new Error(`expected PUBACK, got ${data[place]}`))
      const sentAt = this.#sentAt[data.readUInt16BE(place + 2)] ?? now
      if (measuring) latencyUs.record(Math.max(1, Math.round((now - sentAt) * 1000)))
      this.#free++
      acked++
    }
    this.#rest = data.subarray(place)
    if (rate === 0) this.send(window)
  }
}

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Sends at the asked rate, evenly over the connections; what the windows do not allow is made up for later. */
function pace(all: readonly Connection[]): NodeJS.Timeout {
  const begun = performance.now()
  let sent = 0
  return setInterval(() => {
    let due = Math.floor(((performance.now() - begun) / SECOND) * rate) - sent
    for (const connection of all) {
      const many = connection.send(Math.ceil(due / all.length))
      sent += many
      due -= many
    }
  }, 2)
}

const all = Array.from({ length: connections }, (_, index) => new Connection(index))
await Promise.all(all.map((connection) => connection.ready()))
const pacer = rate > 0 ? pace(all) : undefined
if (rate === 0) for (const connection of all) connection.send(window)
await wait(warmup * SECOND)
measuring = true
process.send?.('measuring')
const [before, begun, cpuBefore] = [acked, performance.now(), process.cpuUsage()]
await wait(seconds * SECOND)
const [count, elapsed] = [acked - before, (performance.now() - begun) / SECOND]
process.send?.('measured')
clearInterval(pacer)
for (const connection of all) connection.close()
const cpu = process.cpuUsage(cpuBefore)
const ms = (percentile: number): number => latencyUs.percentile(percentile) / 1000
process.stdout.write(
  `${JSON.stringify({ acked: count, total: acked, cpuUs: (cpu.user + cpu.system) / count, seconds: elapsed, perSecond: Math.round(count / elapsed), p50: ms(50), p90: ms(90), p99: ms(99), max: latencyUs.max / 1000 })}\n`,
)
process.disconnect?.()
