import { parseArgs } from 'node:util'
import { load, type System, startRaw, startWhole, watchFeed } from './systems.ts'

/**
 * How fast messages are acknowledged and how soon an alert is out, in one run:
 * raw aedes that keeps nothing, then the whole platform (flush before PUBACK, deduplication, history, nine rules,
 * 1,000 devices, one live view), then alerts at a steady rate. Only the ratios travel from machine to machine.
 *
 *   npm run bench -- ingest [--json] [--seconds 10] [--rate 5000]
 */
const CONNECTIONS = 16
const DEVICES_EACH = 62
/** Below this the broker's thread was not what limited the run, which then says nothing about it. */
const BUSY = 0.9

interface Load {
  perSecond: number
  seconds: number
  p50: number
  p99: number
}
interface AlertLoad {
  published: number
  acked: number
  marks: number
  alerts: number
  lost: number
  p50: number | null
  p99: number | null
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits))

async function saturate(system: System, seconds: number): Promise<Load> {
  return load<Load>('./load.ts', system, ['--connections', String(CONNECTIONS), '--devices', String(DEVICES_EACH), '--seconds', String(seconds)])
}

async function measureWhole(seconds: number): Promise<{ load: Load; busy: number; fsyncP99: number; perCommit: number }> {
  const system = await startWhole(Array.from({ length: CONNECTIONS }, (_, index) => `bench-${index}`))
  const leave = watchFeed(system)
  const begun = performance.now()
  const result = await saturate(system, seconds)
  const elapsedUs = (performance.now() - begun) * 1000
  leave()
  const { brokerCpu, commits, counters } = await system.stop()
  if (!brokerCpu || !commits || !counters) throw new Error('the platform measured nothing of itself')
  if (counters.kept !== counters.received) throw new Error(`not all of the load was kept: ${JSON.stringify(counters)}`)
  return { load: result, busy: (brokerCpu.user + brokerCpu.system) / elapsedUs, fsyncP99: commits.p99Ms, perCommit: counters.received / commits.commits }
}

async function measureAlerts(seconds: number, rate: number): Promise<{ alerts: AlertLoad; fsyncP99: number }> {
  const system = await startWhole(['g-0', 'g-1', 'g-2', 'g-3'])
  const alerts = await load<AlertLoad>('./alert-load.ts', system, ['--seconds', String(seconds), '--rate', String(rate)])
  const { commits } = await system.stop()
  return { alerts, fsyncP99: commits?.p99Ms ?? Number.NaN }
}

export async function benchIngest(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '10' }, rate: { type: 'string', default: '5000' } },
  })
  const [seconds, rate] = [Number(values.seconds), Number(values.rate)]
  const rawSystem = await startRaw()
  const raw = await saturate(rawSystem, seconds)
  await rawSystem.stop()
  const whole = await measureWhole(seconds)
  const { alerts, fsyncP99 } = await measureAlerts(seconds, rate)
  const limit = 5 * fsyncP99 + 5
  const result = {
    raw: raw.perSecond,
    platform: whole.load.perSecond,
    ratio: round(whole.load.perSecond / raw.perSecond),
    brokerCpu: round(whole.busy),
    void: whole.busy < BUSY,
    p50: round(whole.load.p50),
    p99: round(whole.load.p99),
    fsyncP99: round(whole.fsyncP99),
    messagesPerCommit: Math.round(whole.perCommit),
    alerts: {
      rate,
      ...alerts,
      p50: alerts.p50 === null ? null : round(alerts.p50),
      p99: alerts.p99 === null ? null : round(alerts.p99),
      fsyncP99: round(fsyncP99),
      limit: round(limit),
    },
  }
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(describe(result))
}

function describe(result: {
  raw: number
  platform: number
  ratio: number
  brokerCpu: number
  void: boolean
  p50: number
  p99: number
  fsyncP99: number
  alerts: Record<string, unknown>
}): string {
  return [
    `raw aedes            ${result.raw} messages/s`,
    `the platform         ${result.platform} messages/s, ratio ${result.ratio} (goal 0.6)${result.void ? ` – VOID: the broker's thread was busy for ${result.brokerCpu} of a core only` : ''}`,
    `publish to PUBACK    p50 ${result.p50} ms, p99 ${result.p99} ms; commit with flush p99 ${result.fsyncP99} ms`,
    `publish to alert     ${JSON.stringify(result.alerts)}`,
    '',
  ].join('\n')
}
