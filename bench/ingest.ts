import { availableParallelism } from 'node:os'
import { messageOf } from '../domain/errors.ts'
import { given, round } from './given.ts'
import { type AlertLoad, measureNodeRed } from './node-red/measure.ts'
import { install } from './node-red/peer.ts'
import { type Cpu, load, type Measures, type System, startRaw, startWhole, watchFeed } from './systems.ts'

/**
 * How fast messages are acknowledged and how soon an alert is out, in one run:
 * raw aedes that keeps nothing, then the whole platform (flush before PUBACK, deduplication, history, nine rules,
 * 1,000 devices, one live view) under the same load, then alerts at a steady rate, and the same from Node-RED.
 *
 *   npm run bench -- ingest [--json] [--seconds 10] [--rate 5000]
 *
 * `cpu` is µs per message by thread, of the platform's process; `helpers` are what V8 and libuv do beside them (memory,
 * compiling), `raw` is all of aedes. The run is `void` when neither the broker's thread nor the machine was busy: then
 * something else limited it; on two cores the platform's broker shares its core with the other threads and never has 0.9 of one. `fsyncP99` is of writing and flushing a commit alone,
 * `commitP99` of the whole of it, both since the start; `within` says whether the alerts' p99 kept to `limit` = 5 × fsyncP99 + 5 ms. How it misleads: everything shares the
 * machine's cores, the load too; raw aedes uses one of them, the platform all. Only the ratios travel from machine to machine.
 */
const CONNECTIONS = 20
const DEVICES_EACH = 50
const BUSY = 0.9
/** Until the engine must have caught up after the load. */
const CATCH_UP_MS = 60_000

interface Load {
  acked: number
  perSecond: number
  seconds: number
  cpuUs: number
  p50: number
  p99: number
}

/** What a system did while the load was measured. */
interface Stretch {
  load: Load
  before: Measures
  after: Measures
  elapsedUs: number
}

async function saturate(system: System, seconds: number): Promise<Stretch> {
  const marks: Promise<{ measures: Measures; at: number }>[] = []
  const mark = async (): Promise<{ measures: Measures; at: number }> => ({ measures: await system.measure(), at: performance.now() })
  const args = ['--connections', String(CONNECTIONS), '--devices', String(DEVICES_EACH), '--seconds', String(seconds)]
  const result = await load<Load>('./load.ts', system, args, () => marks.push(mark()))
  const [before, after] = await Promise.all(marks)
  if (before === undefined || after === undefined) throw new Error('the load did not say when it measured')
  return { load: result, before: before.measures, after: after.measures, elapsedUs: (after.at - before.at) * 1000 }
}

const spent = (after: Cpu | undefined, before: Cpu | undefined): number =>
  after === undefined || before === undefined ? Number.NaN : after.user + after.system - before.user - before.system

async function measureRaw(seconds: number): Promise<{ perSecond: number; cpu: number }> {
  const system = await startRaw()
  const { load: result, before, after } = await saturate(system, seconds).finally(system.stop)
  return { perSecond: result.perSecond, cpu: spent(after.processCpu, before.processCpu) / result.acked }
}

async function measureWhole(seconds: number): Promise<ReturnType<typeof figures> & { caughtUpMs: number }> {
  const system = await startWhole(Array.from({ length: CONNECTIONS }, (_, index) => `bench-${index}`))
  const leave = watchFeed(system)
  try {
    const stretch = await saturate(system, seconds)
    const caughtUpMs = await catchUp(system)
    return { ...figures(stretch), caughtUpMs }
  } finally {
    leave()
    await system.stop()
  }
}

/** How long the engine takes after the load until rules and history know everything, in ms; half a second is its own rhythm. */
async function catchUp(system: System): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const { engine, head, counters } = await system.measure()
    if (counters?.kept !== counters?.received) throw new Error(`not all of the load was kept: ${JSON.stringify(counters)}`)
    if ((engine?.offset ?? 0) >= (head ?? 0)) return Math.round(performance.now() - begun)
    if (performance.now() - begun > CATCH_UP_MS) throw new Error('the engine did not catch up with the load')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function figures({ load: result, before, after, elapsedUs }: Stretch) {
  const threads = {
    broker: spent(after.brokerCpu, before.brokerCpu),
    journal: spent(after.journalCpu, before.journalCpu),
    engine: spent(after.engine?.cpu, before.engine?.cpu),
    main: spent(after.mainCpu, before.mainCpu),
  }
  const whole = spent(after.processCpu, before.processCpu)
  const helpers = whole - Object.values(threads).reduce((sum, each) => sum + each, 0)
  const perMessage = Object.entries({ ...threads, helpers }).map(([name, us]) => [name, round(us / result.acked)])
  const brokerCpu = threads.broker / elapsedUs
  const coresBusy = (whole + result.cpuUs * result.acked) / elapsedUs
  const commits = after.commits
  return {
    perSecond: result.perSecond,
    brokerCpu: round(brokerCpu),
    cores: availableParallelism(),
    coresBusy: round(coresBusy),
    void: brokerCpu < BUSY && coresBusy < BUSY * availableParallelism(),
    cpu: { ...(Object.fromEntries(perMessage) as Record<string, number>), load: round(result.cpuUs) },
    p50: round(result.p50),
    p99: round(result.p99),
    fsyncP99: round(commits?.flushP99Ms ?? Number.NaN),
    commitP99: round(commits?.p99Ms ?? Number.NaN),
    messagesPerCommit: Math.round((after.counters?.received ?? 0) / (commits?.commits ?? 1)),
  }
}

async function measureAlerts(seconds: number, rate: number): Promise<object> {
  const system = await startWhole(['g-0', 'g-1', 'g-2', 'g-3'])
  try {
    const alerts = await load<AlertLoad>('./alert-load.ts', system, ['--seconds', String(seconds), '--rate', String(rate)])
    const { commits } = await system.measure()
    const fsyncP99 = commits?.flushP99Ms ?? Number.NaN
    const limit = 5 * fsyncP99 + 5
    return { rate, ...rounded(alerts), fsyncP99: round(fsyncP99), commitP99: round(commits?.p99Ms ?? Number.NaN), limit: round(limit), within: (alerts.p99 ?? Infinity) <= limit }
  } finally {
    await system.stop()
  }
}

function rounded(result: AlertLoad): object {
  // Every 97th message is a mark, whatever its device: as large a share of all messages was handled as of the marks.
  const handledPerSecond = (result.perSecond * result.alerts) / result.marks
  return Object.fromEntries(Object.entries({ ...result, handledPerSecond }).map(([name, value]) => [name, typeof value === 'number' ? round(value) : value]))
}

export async function benchIngest(args: readonly string[]): Promise<void> {
  const { json, seconds, rate } = given({ json: false, seconds: 10, rate: 5000 }, args)
  const raw = await measureRaw(seconds)
  const { perSecond, ...platform } = await measureWhole(seconds)
  const alerts = await measureAlerts(seconds, rate)
  const nodeRed = await install()
    .then(() => measureNodeRed({ seconds, rate, 'max-queued': 1000, settle: 5 }))
    .then(rounded, (error: unknown) => ({ leftOut: messageOf(error) }))
  const result = { raw: raw.perSecond, platform: perSecond, ratio: round(perSecond / raw.perSecond), ...platform, rawCpu: round(raw.cpu), alerts, nodeRed }
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${describe(result)}\n`)
}

function describe(result: { raw: number; platform: number; ratio: number; p50: number; p99: number } & Record<string, unknown>): string {
  const { raw, platform, ratio, p50, p99, alerts, nodeRed, ...rest } = result
  return [
    `raw aedes          ${raw} messages/s`,
    `the platform       ${platform} messages/s, ratio ${ratio} (goal 0.6)${rest.void ? ', VOID' : ''}`,
    `publish to PUBACK  p50 ${p50} ms, p99 ${p99} ms`,
    `                   ${JSON.stringify(rest)}`,
    `publish to alert   ${JSON.stringify(alerts)}`,
    `Node-RED           ${JSON.stringify(nodeRed)}`,
  ].join('\n')
}
