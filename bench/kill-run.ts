import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SECRET } from '../cases/receiver.ts'
import { DAY } from '../domain/time.ts'
import { Random } from '../fixtures/city/random.ts'
import { all, ask, type Client, checkAlerts, checkCases, checkJournal, until } from './kill-checks.ts'
import { type ForgetfulDesk, openForgetfulDesk } from './kill-desk.ts'
import { Sender } from './kill-load.ts'
import { type PlatformProcess, startProcess, wanglou } from './kill-platform.ts'
import { type Script, type ScriptAlert, writeScript } from './kill-script.ts'

export interface KillOptions {
  rounds: number
  seed: number
  covers: number
  /** Reports of each cover over the whole run. */
  steps: number
  /** An empty folder; left as it is at the end. */
  folder: string
  /** About how long this machine takes to start, in ms: some are killed before they are ready. */
  startMs?: number
  told?: (line: string) => void
}

export interface KillResult {
  rounds: number
  acknowledged: number
  lost: number
  doubled: number
  alerts: number
  alertsWrong: number
  cases: number
  casesWrong: number
  replay: { compared: number; differences: number }
  /** What is wrong, in words; at most a few of each. */
  wrong: string[]
}

const GATEWAYS = ['kill-a', 'kill-b', 'kill-c']
const DESK_ENV = { KILL_DESK_SECRET: SECRET, WANGLOU_LOG_LEVEL: 'warn' }
const PATIENCE_MS = 90_000
/** How many alerts become cases, per round. */
const CASES_PER_ROUND = 3

/**
 * Kills the platform over and over under load, then looks at what it kept. Everything that it is compared with is known
 * from the script and from what was answered, never from the platform.
 */
export async function runKills(options: KillOptions): Promise<KillResult> {
  const { rounds, seed, covers, steps, folder, told = () => {} } = options
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true })
  const script = writeScript({ seed, gateways: GATEWAYS, covers, steps, begin: Math.floor((Date.now() - 6.5 * DAY) / 1000) * 1000 })
  const token = (JSON.parse(wanglou(['token', 'add', 'kill', '--role', 'admin', '--data', data, '--json'])) as { token: string }).token
  const senders = GATEWAYS.map(
    (id) => new Sender(id, (JSON.parse(wanglou(['gateway', 'add', id, '--data', data, '--json'])) as { password: string }).password, script.messages.get(id) ?? []),
  )
  const desk = await openForgetfulDesk()
  try {
    const city = new KilledCity({ data, token, senders, desk, script, random: new Random(seed), startMs: options.startMs ?? 2000 })
    city.dispatcher.wants(rounds * CASES_PER_ROUND)
    for (let round = 1; round <= rounds; round++) told(`round ${round}: ${await city.round(Math.ceil((covers * steps * round) / GATEWAYS.length / (rounds + 1)))}`)
    return await city.finish(rounds, told).finally(() => city.end())
  } finally {
    await desk.close()
  }
}

interface CityParts {
  data: string
  token: string
  senders: readonly Sender[]
  desk: ForgetfulDesk
  script: Script
  random: Random
  startMs: number
}

class KilledCity {
  readonly dispatcher: Dispatcher
  readonly #parts: CityParts
  readonly #config: string
  #platform: PlatformProcess | undefined

  constructor(parts: CityParts) {
    this.#parts = parts
    this.dispatcher = new Dispatcher(parts)
    this.#config = join(parts.data, '..', 'wanglou.yaml')
    writeFileSync(this.#config, `desks:\n  - { name: city, url: ${parts.desk.url}, secretEnv: KILL_DESK_SECRET, allow: [127.0.0.1] }\nretain: { segmentMb: 1 }\n`)
  }

  /** Whatever became of the last life, its process does not outlive the bench. */
  end(): void {
    this.#platform?.signal('SIGKILL')
  }

  #start(): PlatformProcess {
    this.#platform = startProcess(['--config', this.#config, '--data', this.#parts.data, '--http', '0', '--mqtt', '0'], DESK_ENV)
    return this.#platform
  }

  /** One life, ended at a random moment: before it is ready, or under load. Each gateway may have sent `through` messages by its end. */
  async round(through: number): Promise<string> {
    const { random, senders, startMs } = this.#parts
    for (const sender of senders) sender.allow(through)
    const platform = this.#start()
    const early = random.chance(0.2) ? random.between(50, startMs) : undefined
    const killAfter = random.between(20, 1500)
    if (early !== undefined) setTimeout(() => platform.signal('SIGKILL'), early)
    const at = await platform.ready
    if (at) {
      const work = this.#work(at)
      if (early === undefined) setTimeout(() => platform.signal('SIGKILL'), killAfter)
      await platform.gone
      await work.stop()
    }
    const code = await platform.gone
    if (code !== null) throw new Error(`the platform ended by itself with ${code}: ${platform.errors()}`)
    const errors = platform.errors()
    return `${at ? 'killed under load' : 'killed while starting'}, ${senders.reduce((sum, { acknowledged }) => sum + acknowledged, 0)} acknowledged${errors ? `\n${errors}` : ''}`
  }

  #work(at: { http: string; mqtt: string }): { stop(): Promise<void> } {
    const { senders, token } = this.#parts
    for (const sender of senders) sender.connect(at.mqtt)
    const stopDispatch = this.dispatcher.work({ http: at.http, token })
    return {
      stop: async () => {
        await Promise.all([stopDispatch(), ...senders.map((sender) => sender.disconnect())])
      },
    }
  }

  /** The last life: everything is brought over, everything settles, everything is compared. */
  async finish(rounds: number, told: (line: string) => void): Promise<KillResult> {
    const { data, senders, desk, script, token } = this.#parts
    const platform = this.#start()
    const at = await platform.ready
    if (!at) throw new Error(`the platform did not start again: ${platform.errors()}`)
    const client = { http: at.http, token }
    for (const sender of senders) sender.allow(Infinity)
    const work = this.#work(at)
    await until(async () => this.dispatcher.done && senders.every(({ acknowledged }, index) => acknowledged === script.messages.get(GATEWAYS[index] ?? '')?.length), PATIENCE_MS)
    await work.stop()
    told('everything is sent')
    await until(async () => checkAlerts(await all(client, 'alerts'), script.alerts).length === 0, 30_000)
    await until(() => desk.settled([...this.dispatcher.dispatched.values()]), 30_000)
    const alerts = await all<Parameters<typeof checkAlerts>[0][number]>(client, 'alerts')
    const alertsWrong = checkAlerts(alerts, script.alerts)
    const cases = await all<{ id: string; alerts: string[] }>(client, 'cases')
    const casesWrong = [...checkCases(cases, this.dispatcher.dispatched, alerts, desk), ...this.dispatcher.missing()]
    platform.signal('SIGTERM')
    const code = await platform.gone
    const journal = checkJournal(join(data, 'journal'), script, senders)
    const sent = GATEWAYS.reduce((sum, id) => sum + (script.messages.get(id)?.length ?? 0), 0)
    const unsent = sent === journal.acknowledged ? [] : [`${sent - journal.acknowledged} messages were never acknowledged`]
    const replay = replayed(data)
    const orderly = code === 0 ? [] : [`the platform ended with ${code}: ${platform.errors()}`]
    return {
      rounds,
      ...journal,
      alerts: script.alerts.length,
      alertsWrong: alertsWrong.length,
      cases: cases.length,
      casesWrong: casesWrong.length,
      replay: { compared: replay.compared, differences: replay.differences.length },
      wrong: [...orderly, ...unsent, ...alertsWrong.slice(0, 10), ...casesWrong.slice(0, 10), ...replay.differences.slice(0, 10).map((each) => JSON.stringify(each))],
    }
  }
}

function replayed(data: string): { compared: number; differences: unknown[] } {
  try {
    return JSON.parse(wanglou(['replay', '--json', '--data', data]))
  } catch (error) {
    // With differences it ends with 1 and says which.
    return JSON.parse((error as { stdout: string }).stdout)
  }
}

/** Dispatches a sample of alerts, each until it is answered; a crash in between is asked through. */
class Dispatcher {
  readonly dispatched = new Map<string, string>()
  readonly #parts: CityParts
  #sample: ScriptAlert[] = []

  constructor(parts: CityParts) {
    this.#parts = parts
  }

  /** Alerts from all over the run, so that some become cases in each life. */
  wants(count: number): void {
    const { alerts } = this.#parts.script
    const every = Math.max(1, Math.floor(alerts.length / count))
    this.#sample = alerts.filter((_, index) => index % every === 0).slice(0, count)
  }

  get done(): boolean {
    return this.#sample.every(({ id }) => this.dispatched.has(id))
  }

  missing(): string[] {
    return this.#sample.filter(({ id }) => !this.dispatched.has(id)).map(({ id }) => `alert ${id} could not be dispatched`)
  }

  /** Works against this platform until it is stopped. */
  work(client: Client): () => Promise<void> {
    const { senders } = this.#parts
    let stopped = false
    const open = (alert: ScriptAlert): boolean =>
      !this.dispatched.has(alert.id) && senders.some((sender) => sender.gateway === alert.gateway && sender.wasAcknowledged(alert.index))
    const running = (async () => {
      while (!stopped) {
        for (const alert of this.#sample.filter(open)) {
          if (stopped) return
          // Two ask at once, as two operators do: both must mean the same case.
          const [one, two] = await Promise.allSettled([this.#dispatch(client, alert), this.#dispatch(client, alert)])
          if (one.status === 'fulfilled') this.dispatched.set(alert.id, one.value)
          if (one.status === 'fulfilled' && two.status === 'fulfilled' && one.value !== two.value) this.dispatched.set(alert.id, `${one.value} and ${two.value}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })()
    return async () => {
      stopped = true
      await running
    }
  }

  async #dispatch(client: Client, { id }: ScriptAlert): Promise<string> {
    return (await ask<{ id: string }>(client, `/api/v1/alerts/${id}/dispatch`, { note: 'by the script' })).id
  }
}
