import { given } from '../given.ts'
import { load, startWhole } from '../systems.ts'
import { install, start } from './peer.ts'

/**
 * From publish to alert at one rate: Node-RED 5 behind mosquitto, then this platform, with the same load and rules.
 *
 *   npm run bench -- node-red [--json] [--seconds 10] [--rate 5000] [--max-queued 1000] [--settle 5]
 *
 * Lost is what has not come `settle` seconds after the load; with `--max-queued 0` mosquitto drops nothing and it is late.
 * How it misleads: Node-RED's PUBACK comes from mosquitto, which keeps nothing on disk here, the platform's after the
 * flush; and the load shares the machine with what it measures, so only the comparison within one run says anything.
 */
export interface AlertLoad {
  published: number
  acked: number
  perSecond: number
  marks: number
  alerts: number
  lost: number
  p50: number | null
  p99: number | null
  max: number | null
}

const GATEWAYS = ['g-0', 'g-1', 'g-2', 'g-3']

interface Load {
  seconds: number
  rate: number
  'max-queued': number
  settle: number
}

const argsOf = ({ seconds, rate, settle }: Load): string[] => ['--seconds', String(seconds), '--rate', String(rate), '--settle', String(settle)]

/** Node-RED behind mosquitto under this load. Throws when one of the two is not there. */
export async function measureNodeRed(options: Load): Promise<AlertLoad> {
  const peer = await start({ maxQueued: options['max-queued'] })
  const passwords = Object.fromEntries(GATEWAYS.map((id) => [id, '']))
  return load<AlertLoad>('./alert-load.ts', { mqtt: peer.mqttPort, passwords }, [...argsOf(options), '--alerts', peer.alertTopic]).finally(peer.stop)
}

export async function benchNodeRed(args: readonly string[]): Promise<void> {
  const { json, ...options } = given({ json: false, seconds: 10, rate: 5000, 'max-queued': 1000, settle: 5 }, args)
  await install()
  const nodeRed = await measureNodeRed(options)
  const loadArgs = argsOf(options)
  const whole = await startWhole(GATEWAYS)
  const platform = await load<AlertLoad>('./alert-load.ts', whole, loadArgs).finally(whole.stop)
  if (json) process.stdout.write(`${JSON.stringify({ nodeRed, platform })}\n`)
  else for (const [name, result] of Object.entries({ 'Node-RED behind mosquitto': nodeRed, 'this platform': platform })) process.stdout.write(`${name}: ${sentence(result)}\n`)
}

function sentence({ published, acked, marks, alerts, lost, p50, p99, max }: AlertLoad): string {
  const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} ms`)
  return `${acked} of ${published} acknowledged, ${alerts} of ${marks} alerts, ${lost} lost; publish to alert p50 ${ms(p50)}, p99 ${ms(p99)}, longest ${ms(max)}`
}
