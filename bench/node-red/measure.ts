import { parseArgs } from 'node:util'
import { load, type System, startWhole } from '../systems.ts'
import { start } from './peer.ts'

/**
 * From publish to alert at one rate: Node-RED 5 behind mosquitto, then this platform, with the same load and rules.
 *
 *   npm run bench -- node-red [--json] [--seconds 10] [--rate 5000] [--max-queued 1000] [--settle 5]
 *
 * Lost is what has not come `settle` seconds after the load; with `--max-queued 0` mosquitto drops nothing and it is late.
 * How it misleads: Node-RED's PUBACK comes from mosquitto, which keeps nothing on disk here, the platform's after the
 * flush; and the load shares the machine with what it measures, so only the comparison within one run says anything.
 */
interface AlertLoad {
  published: number
  acked: number
  marks: number
  alerts: number
  lost: number
  p50: number | null
  p99: number | null
  max: number | null
}

const GATEWAYS = ['g-0', 'g-1', 'g-2', 'g-3']

export async function benchNodeRed(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '5000' },
      'max-queued': { type: 'string', default: '1000' },
      settle: { type: 'string', default: '5' },
    },
  })
  const given = ['--seconds', values.seconds, '--rate', values.rate, '--settle', values.settle]
  const peer = await start({ maxQueued: Number(values['max-queued']) })
  const system: System = { mqtt: peer.mqttPort, passwords: Object.fromEntries(GATEWAYS.map((id) => [id, ''])), stop: async () => ({}) }
  const nodeRed = await load<AlertLoad>('./alert-load.ts', system, [...given, '--alerts', peer.alertTopic]).finally(peer.stop)
  const whole = await startWhole(GATEWAYS)
  const platform = await load<AlertLoad>('./alert-load.ts', whole, given).finally(whole.stop)
  if (values.json) process.stdout.write(`${JSON.stringify({ nodeRed, platform })}\n`)
  else for (const [name, result] of Object.entries({ 'Node-RED behind mosquitto': nodeRed, 'this platform': platform })) process.stdout.write(`${name}: ${sentence(result)}\n`)
}

function sentence({ published, acked, marks, alerts, lost, p50, p99, max }: AlertLoad): string {
  const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} ms`)
  return `${acked} of ${published} acknowledged, ${alerts} of ${marks} alerts, ${lost} lost; publish to alert p50 ${ms(p50)}, p99 ${ms(p99)}, longest ${ms(max)}`
}
