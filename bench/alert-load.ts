import { connect as connectSocket, type Socket } from 'node:net'
import { connect } from 'mqtt'
import packets from 'mqtt-packet'
import { topics } from '../domain/topics.ts'
import { given, givenPasswords } from './given.ts'

/**
 * From publish to the alert on MQTT, at a steady rate, in a process of its own.
 *
 *   node bench/alert-load.ts --port 1883 --alerts city/v1/alert/# [--rate 5000] [--seconds 20] [--devices 1000] [--every 97]
 *
 * Every 97th message (a prime, so that all devices get their turn) raises the water above the rule's limit, the device's next one lowers it again; the rule has
 * no hold, so each such message must give one alert. Passwords come from the environment: BENCH_PASSWORDS is a JSON
 * object by gateway, BENCH_TOKEN the reader's. Prints one line of JSON. An alert is known by asset and openedAt.
 */
const options = given({ port: 0, alerts: 'city/v1/alert/#', rate: 5000, seconds: 20, devices: 1000, every: 97, settle: 5, warmup: 3 })
const { port, rate, seconds, devices, every, settle, warmup } = options
const passwords = givenPasswords()
const gateways = Object.keys(passwords)
const boot = `b${process.pid}`

/** When the message that must raise an alert was written to the socket, by asset and event time. */
const sent = new Map<string, number>()
const latencies: number[] = []
let acked = 0
let alerts = 0
let measured = Infinity
let seq = 0

async function open(gateway: string): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1')
  socket.setNoDelay(true)
  const parser = packets.parser()
  const connected = new Promise<void>((resolve, reject) => {
    parser.on('packet', (packet) => {
      if (packet.cmd === 'puback') acked++
      if (packet.cmd === 'connack') {
        if (packet.returnCode === 0) resolve()
        else reject(new Error(`${gateway} was refused: ${packet.returnCode}`))
      }
    })
    socket.once('error', reject)
  })
  socket.on('data', (chunk) => parser.parse(chunk))
  socket.write(
    packets.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: gateway,
      username: gateway,
      password: Buffer.from(passwords[gateway] ?? ''),
      keepalive: 600,
    }),
  )
  await connected
  return socket
}

async function subscribe(): Promise<() => Promise<void>> {
  const client = connect(`mqtt://127.0.0.1:${port}`, { clientId: 'bench-reader', username: 'bench-reader', password: process.env.BENCH_TOKEN ?? '', reconnectPeriod: 0 })
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
  })
  await client.subscribeAsync(options.alerts, { qos: 1 })
  client.on('message', (_topic, payload) => {
    if (payload.length === 0) return
    const { asset, openedAt } = JSON.parse(payload.toString()) as { asset: string; openedAt: string | number }
    const key = `${asset} ${new Date(openedAt).getTime()}`
    const at = sent.get(key)
    if (at === undefined) return
    sent.delete(key)
    alerts++
    // While code is still being compiled and devices are new, times say how a platform starts, not how it runs.
    if (at >= measured) latencies.push(performance.now() - at)
  })
  return () => client.endAsync()
}

/** Writes message number n of the load. */
function publish(sockets: readonly Socket[], n: number, raised: Set<number>): void {
  const device = n % devices
  const gateway = device % gateways.length
  const mark = n % every === 0 && !raised.has(device)
  const waterMm = mark ? 900 : raised.delete(device) ? 100 : 120
  const at = Date.now()
  const name = `bench-${device}`
  if (mark) {
    raised.add(device)
    sent.set(`${name} ${at}`, performance.now())
  }
  const payload = `{"at":${at},"boot":"${boot}","seq":${++seq},"tiltDeg":3.25,"displaced":false,"waterMm":${waterMm},"batteryPct":88}`
  sockets[gateway]?.write(
    packets.generate({
      cmd: 'publish',
      topic: topics.observation(gateways[gateway] ?? '', 'cover', name),
      payload,
      qos: 1,
      messageId: (n % 65_535) + 1,
      retain: false,
      dup: false,
    }),
  )
}

const sockets = await Promise.all(gateways.map(open))
const leave = await subscribe()
const begin = performance.now()
measured = begin + warmup * 1000
const total = rate * seconds
const raised = new Set<number>()
let n = 0
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1000) * rate))
    while (n < due) publish(sockets, n++, raised)
    if (n < total) return
    clearInterval(timer)
    resolve()
  }, 2)
})
const published = performance.now() - begin
const marks = sent.size + alerts
const deadline = performance.now() + settle * 1000
while ((sent.size > 0 || acked < total) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
latencies.sort((a, b) => a - b)
const at = (share: number): number | null => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? null
process.stdout.write(
  `${JSON.stringify({
    published: total,
    acked,
    // Waiting for what is lost is not part of the load.
    perSecond: Math.round((total / published) * 1000),
    marks,
    alerts,
    measured: latencies.length,
    lost: sent.size,
    p50: at(0.5),
    p99: at(0.99),
    max: latencies.at(-1) ?? null,
  })}\n`,
)
for (const socket of sockets) socket.destroy()
await leave()
process.exit(0)
