import { CodedError } from '../../domain/errors.ts'
import { parseDuration } from '../../domain/time.ts'
import { BridgeSchema, type BridgeStats, runBridge } from '../../gateways/bridge.ts'
import { EdgeCamerasSchema, runCameras } from '../../gateways/camera.ts'
import type { GatewayStats } from '../../gateways/gateway.ts'
import { passwordsFrom } from '../../gateways/password.ts'
import { type ReplayOptions, runReplay } from '../../gateways/replay.ts'
import { runSimulate } from '../../gateways/simulate.ts'
import { parseYamlFile } from '../located.ts'
import { createLog } from '../log.ts'

interface EdgeOptions {
  url: string
  outbox: string
  quiet?: boolean
}

/** Ends when it is told to: drains, says `stopped`. */
function untilSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  endWithParent()
  return controller.signal
}

/**
 * The demo's traffic ends with the platform that started it, even one that was killed: a second start would have it
 * twice. There is nobody left to drain to, and what waits is on disk. Without a parent that talks to it nothing happens.
 */
function endWithParent(): void {
  const end = (): void => process.exit(1)
  if (process.connected === false) end()
  process.once('disconnect', end)
  process.channel?.unref()
}

function common({ url, outbox }: EdgeOptions): { url: string; dataDir: string; password: ReturnType<typeof passwordsFrom>; log: ReturnType<typeof createLog> } {
  return { url, dataDir: outbox, password: passwordsFrom(process.env), log: createLog(process.env.WANGLOU_LOG_LEVEL ?? 'info') }
}

/** At most one line a second on standard error. */
function reporter<T>(quiet: boolean | undefined, line: (progress: T) => string): (progress: T) => void {
  let last = 0
  return (progress) => {
    const now = Date.now()
    if (quiet || now - last < 1000) return
    last = now
    process.stderr.write(`${line(progress)}\n`)
  }
}

interface SimulateFlags extends EdgeOptions {
  seed: number
  rate?: number
  multiplier?: number
  incidents?: number
  covers?: number
  trucks?: number
  cameras?: number
  duration?: string
  fast?: boolean
}

export async function commandSimulate(flags: SimulateFlags): Promise<number> {
  const { seed, rate, multiplier, incidents, covers, trucks, cameras, duration, fast, quiet } = flags
  const durationMs = duration === undefined ? undefined : parseDuration(duration)
  if (duration !== undefined && durationMs === undefined) throw new CodedError('request.invalid', `--duration ${duration} is not a duration such as 10m.`)
  const given = Object.fromEntries(
    Object.entries({ rate, multiplier, incidentsPerMinute: incidents, covers, trucks, cameras, durationMs }).filter(([, value]) => value !== undefined),
  )
  const stats = await runSimulate(
    {
      ...common(flags),
      ...given,
      seed,
      pace: fast ? 'max' : 'real',
      progress: reporter(quiet, ({ at, gateways, incidents: news }) => {
        const sent = Object.entries(gateways).map(([id, figures]) => `${id} ${JSON.stringify(figures)}`)
        return `${new Date(at).toISOString()} ${sent.join(' ')}${news.map((incident) => `\n  incident: ${JSON.stringify(incident)}`).join('')}`
      }),
    },
    untilSignal(),
  )
  if (!quiet) process.stdout.write(`${JSON.stringify(stats)}\n`)
  return 0
}

interface ConfiguredFlags extends EdgeOptions {
  gateway: string
  config: string
}

export async function commandCamera({ gateway, config, ...flags }: ConfiguredFlags): Promise<number> {
  const { quiet } = flags
  const progress = reporter(quiet, (stats: GatewayStats) => `${stats.state} ${JSON.stringify(stats.frames)}`)
  const stats = await runCameras({ ...common(flags), ...parseYamlFile(config, EdgeCamerasSchema, 'config.invalid'), gateway, progress }, untilSignal())
  if (!quiet) process.stdout.write(`${JSON.stringify(stats)}\n`)
  return 0
}

export async function commandBridge({ gateway, config, ...flags }: ConfiguredFlags): Promise<number> {
  const { quiet } = flags
  const progress = reporter(quiet, (stats: BridgeStats) => JSON.stringify(stats))
  const stats = await runBridge({ ...common(flags), ...parseYamlFile(config, BridgeSchema, 'config.invalid'), env: process.env, gateway, progress }, untilSignal())
  if (!quiet) process.stdout.write(`${JSON.stringify(stats)}\n`)
  return 0
}

interface ReplayFlags extends EdgeOptions {
  gateway: string
  format?: 'csv' | 'barefoot'
  zone: string
  speed: number
  keepTime?: boolean
}

export async function commandReplayTrace(file: string, flags: ReplayFlags): Promise<number> {
  const { gateway, format, zone, speed, keepTime, quiet } = flags
  const options: ReplayOptions = {
    ...common(flags),
    file,
    gateway,
    zone,
    speed: speed === 0 ? Infinity : speed,
    keepTime: keepTime === true,
    progress: reporter(quiet, ({ read, sent, bad }) => `read ${read}, sent ${sent}, bad ${bad}`),
  }
  const result = await runReplay(format ? { ...options, format } : options, untilSignal())
  process.stdout.write(`${JSON.stringify(result)}\n`)
  return 0
}
