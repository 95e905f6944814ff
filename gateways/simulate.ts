import { setTimeout as later } from 'node:timers/promises'
import { type Instant, SECOND } from '../domain/time.ts'
import { buildCity, type City, type CitySize } from '../fixtures/city/city.ts'
import { Gateway, type GatewayStats, type Log, SILENT } from './gateway.ts'
import type { Report } from './outbox.ts'
import type { Incident } from './simulate/incidents.ts'
import { Life } from './simulate/life.ts'

export interface SimulateGateways {
  cover: string
  vehicle: string
  camera: string
}
export const SIMULATE_GATEWAYS: SimulateGateways = { cover: 'gw-cover', vehicle: 'gw-vehicle', camera: 'gw-camera' }

export interface SimulateOptions extends Partial<CitySize> {
  url: string
  /** Folder of the outboxes. */
  dataDir: string
  /** Secrets come from the environment or a file, never from the command line; see password.ts. */
  password: (gateway: string) => string | undefined
  ca?: string
  gateways?: SimulateGateways
  /** Of the city and of what happens in it; default 1. */
  seed?: number
  /** The city, if it has been built already; `seed` and the size then only matter for what happens. */
  city?: City
  /** Devices report so many times as often as usual (about 60 messages a second). */
  multiplier?: number
  /** Messages per second of the whole city; overrides `multiplier`. */
  rate?: number
  incidentsPerMinute?: number
  /** Ends by itself after so much city time. */
  durationMs?: number
  /** Event time of the beginning; default now. */
  start?: Instant
  /** `max`: the city's clock runs as fast as the platform acknowledges. */
  pace?: 'real' | 'max'
  maxOutboxBytes?: number
  log?: Log
  progress?: (progress: SimulateProgress) => void
  clock?: () => Instant
}
export interface SimulateProgress {
  /** The city's time. */
  at: Instant
  gateways: Record<string, GatewayStats>
  /** Incidents since the last call. */
  incidents: Incident[]
}

const TICK_MS = 100
/** In `max`, this many messages per gateway may wait before the city's clock does. */
const AHEAD = 20_000

/**
 * Runs the demo city through real gateways until the signal aborts or the duration is over; then drains for up to
 * 10 s and says `stopped`. Resolves to the final figures of each gateway. Throws `data.in_use` when another process has the outboxes.
 */
export async function runSimulate(options: SimulateOptions, signal: AbortSignal): Promise<Record<string, GatewayStats>> {
  const { seed = 1, url, dataDir, password, ca, log = SILENT, clock = Date.now } = options
  const ids = options.gateways ?? SIMULATE_GATEWAYS
  const city = options.city ?? buildCity(seed, sizeOf(options))
  const gateways: Gateway[] = []
  try {
    for (const id of Object.values(ids)) {
      const secret = password(id)
      gateways.push(
        new Gateway({
          id,
          url,
          dataDir,
          log,
          clock,
          ...(secret !== undefined && { password: secret }),
          ...(ca !== undefined && { ca }),
          ...(options.maxOutboxBytes !== undefined && { maxBytes: options.maxOutboxBytes }),
        }),
      )
    }
    await live(city, seed, options, gateways, signal)
  } finally {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  }
  return figures(gateways)
}

async function live(city: City, seed: number, options: SimulateOptions, gateways: readonly Gateway[], signal: AbortSignal): Promise<void> {
  const { clock = Date.now, pace = 'real', durationMs = Number.POSITIVE_INFINITY, multiplier, rate, incidentsPerMinute, progress } = options
  const began = clock()
  const start = options.start ?? began
  const life = new Life(city, {
    seed,
    start,
    ...(multiplier !== undefined && { multiplier }),
    ...(rate !== undefined && { rate }),
    ...(incidentsPerMinute !== undefined && { incidentsPerMinute }),
  })
  let [at, toldAt, told] = [start, clock(), 0]
  while (!signal.aborted && at < start + durationMs) {
    at = Math.min(start + durationMs, pace === 'real' ? start + (clock() - began) : at + SECOND)
    hand(life.step(at), gateways)
    if (clock() - toldAt >= SECOND) {
      progress?.({ at, gateways: figures(gateways), incidents: life.incidents.slice(told) })
      toldAt = clock()
      told = life.incidents.length
    }
    if (pace === 'real') await later(TICK_MS, undefined, { signal }).catch(() => {})
    else await yieldTo(gateways, signal)
  }
  progress?.({ at, gateways: figures(gateways), incidents: life.incidents.slice(told) })
}

/** Gives the connections a turn, and waits while too much waits. */
async function yieldTo(gateways: readonly Gateway[], signal: AbortSignal): Promise<void> {
  await later(0)
  for (const gateway of gateways) await gateway.belowPending(AHEAD, signal)
}

/** Covers, vehicles and cameras each through their own gateway, in that order. */
function hand(reports: readonly Report[], [cover, vehicle, camera]: readonly Gateway[]): void {
  const byKind = Map.groupBy(reports, ({ kind }) => kind)
  cover?.observe(byKind.get('cover') ?? [])
  vehicle?.observe(byKind.get('vehicle') ?? [])
  camera?.observe(byKind.get('scene') ?? [])
}

function figures(gateways: readonly Gateway[]): Record<string, GatewayStats> {
  return Object.fromEntries(gateways.map((gateway) => [gateway.id, gateway.stats()]))
}

function sizeOf({ covers, trucks, cameras }: SimulateOptions): Partial<CitySize> {
  return { ...(covers !== undefined && { covers }), ...(trucks !== undefined && { trucks }), ...(cameras !== undefined && { cameras }) }
}
