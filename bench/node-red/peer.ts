import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import type { Ring } from '../../domain/geo.ts'
import { topics } from '../../domain/topics.ts'
import { buildCity } from '../../fixtures/city/city.ts'
import type { ZoneType } from '../../fixtures/city/zones.ts'
import { freePort } from '../../fixtures/free-port.fixture.ts'
import { flowOf, type Zones } from './flow.ts'

/** Node-RED behind mosquitto, with the rules of the book. */
export interface Peer {
  mqttPort: number
  /** Filter of the alerts' topics; their payload has `rule`, `asset` and `openedAt` (ms). */
  alertTopic: string
  stop(): Promise<void>
}
export interface PeerOptions {
  /** How many messages mosquitto keeps for a Node-RED that is behind; then it drops. 0 keeps all. mosquitto's own default is 1000. */
  maxQueued?: number
}

const PROGRAM = join(import.meta.dirname, 'node_modules/node-red/red.js')
const ALERTS = 'city/v1/alert/#'

/**
 * Starts both on loopback in a folder of their own; resolves once an alert has come through. Throws when
 * Node-RED is not installed in this folder (`install`) or mosquitto not on the machine.
 */
export async function start({ maxQueued = 1000 }: PeerOptions = {}): Promise<Peer> {
  if (!existsSync(PROGRAM)) throw new Error('Node-RED is not installed here: npm install --prefix bench/node-red')
  const folder = await mkdtemp(join(tmpdir(), 'wanglou-node-red-'))
  const children: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    for (const child of children.splice(0).reverse()) await end(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const mqttPort = await freePort()
    children.push(await startMosquitto(folder, mqttPort, maxQueued), await startNodeRed(folder, mqttPort))
    await untilAlerting(mqttPort)
    return { mqttPort, alertTopic: ALERTS, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Installs Node-RED here from the registry, if it is not; what the product needs does not change. */
export async function install(): Promise<void> {
  if (existsSync(PROGRAM)) return
  const npm = spawn('npm', ['install', '--prefix', import.meta.dirname, '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = (await once(npm, 'close')) as [number]
  if (code !== 0) throw new Error(`npm could not install Node-RED: it ended with ${code}`)
}

async function startMosquitto(folder: string, port: number, maxQueued: number): Promise<ChildProcess> {
  const program = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync) ?? 'mosquitto'
  const file = join(folder, 'mosquitto.conf')
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\nlog_type error\nmax_queued_messages ${maxQueued}\n`)
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  await once(child, 'spawn')
  return child
}

async function startNodeRed(folder: string, mqttPort: number): Promise<ChildProcess> {
  const userDir = join(folder, 'user')
  await mkdir(userDir)
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flowOf({ mqttPort, zones: zonesOfCity() })))
  // Without editor and HTTP nodes it opens no port at all.
  const settings = {
    flowFile: 'flows.json',
    httpAdminRoot: false,
    httpNodeRoot: false,
    credentialSecret: false,
    telemetry: { enabled: false },
    logging: { console: { level: 'warn' } },
  }
  await writeFile(join(userDir, 'settings.js'), `module.exports = ${JSON.stringify(settings)}`)
  const child = spawn(process.execPath, [PROGRAM, '--userDir', userDir, '--settings', join(userDir, 'settings.js')], { stdio: ['ignore', 'ignore', 'inherit'] })
  await once(child, 'spawn')
  return child
}

function zonesOfCity(): Zones {
  const { zones } = buildCity()
  const rings = (type: ZoneType): Ring[] => zones.filter((zone) => zone.type === type).map(({ ring }) => ring)
  return { banned: rings('banned'), depot: rings('depot'), site: [...rings('site'), ...rings('dump')] }
}

/** Asks with messages that must raise an alert until one does. */
async function untilAlerting(port: number): Promise<void> {
  const client = await connected(port)
  try {
    const heard = new Promise((resolve) => client.once('message', resolve))
    await client.subscribeAsync(ALERTS, { qos: 1 })
    for (let probe = 0; probe < 300; probe++) {
      await client.publishAsync(topics.observation('probe', 'cover', `probe-${probe}`), JSON.stringify({ at: Date.now(), waterMm: 900 }), { qos: 1 })
      if (await Promise.race([heard.then(() => true), pause(200)])) return
    }
    throw new Error('Node-RED raised no alert within a minute')
  } finally {
    await client.endAsync()
  }
}

async function connected(port: number): Promise<MqttClient> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'probe', reconnectPeriod: 0 }, false)
    } catch (error) {
      if (attempt === 50) throw error
      await pause(100)
    }
  }
}

const pause = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(resolve, ms, false))

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}
