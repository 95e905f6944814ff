import { access, constants } from 'node:fs/promises'
import { setTimeout as later } from 'node:timers/promises'
import { CodedError } from '../domain/errors.ts'
import type { Instant } from '../domain/time.ts'
import { Gateway, type GatewayStats, type Log, SILENT } from './gateway.ts'
import type { Report } from './outbox.ts'
import { formatOf, readTrace, type TraceFormat } from './replay/read.ts'
import { schedule } from './replay/schedule.ts'
import type { BadLine, Fix } from './replay/trace.ts'

export interface ReplayOptions {
  url: string
  /** Folder of the outbox. */
  dataDir: string
  /** Gateway id; default `gw-replay`. */
  gateway?: string
  password: (gateway: string) => string | undefined
  ca?: string
  file: string
  /** By the file's name if absent. */
  format?: TraceFormat
  /** Zone of times that have none: Z or ±hh:mm. Default +08:00. */
  zone?: string
  /** Times as fast as recorded; Infinity for all at once. Default 1. */
  speed?: number
  /** Leaves recorded times as they are; the platform refuses what is older than its horizon. */
  keepTime?: boolean
  /** Frame of the recorded positions; WGS-84 if absent. */
  crs?: 'gcj02' | 'bd09'
  log?: Log
  progress?: (progress: ReplayProgress) => void
  clock?: () => Instant
}
export interface ReplayProgress {
  read: number
  sent: number
  bad: number
  gateway: GatewayStats
}
export interface ReplayResult extends ReplayProgress {
  devices: number
  /** The first bad lines, with reasons. */
  badLines: BadLine[]
}

const REPLAY_GATEWAY = 'gw-replay'
const TICK_MS = 100
const BATCH = 2000
const NAMED_BAD_LINES = 100
/** This many messages may wait in the outbox before the replay does. */
const AHEAD = 20_000

/**
 * Publishes a recorded trace as vehicle observations through a real gateway, in order of recorded time, and resolves
 * when all of it is acknowledged or the signal aborts. `read = sent + bad` unless it was aborted.
 * Throws `request.invalid` for an impossible option or an unreadable file and `field.missing` for a file without the needed columns.
 */
export async function runReplay(options: ReplayOptions, signal: AbortSignal): Promise<ReplayResult> {
  const { url, dataDir, password, ca, log = SILENT, clock = Date.now, gateway: id = REPLAY_GATEWAY } = options
  check(options)
  const { fixes, bad } = await load(options)
  for (const { line, code, why } of bad.slice(0, NAMED_BAD_LINES)) log.warn({ file: options.file, line, code, why }, 'a line of the trace is no fix')
  const secret = password(id)
  const gateway = new Gateway({ id, url, dataDir, log, clock, ...(secret !== undefined && { password: secret }), ...(ca !== undefined && { ca }) })
  const figures = (sent: number): ReplayProgress => ({ read: fixes.length + bad.length, sent, bad: bad.length, gateway: gateway.stats() })
  let sent = 0
  try {
    for await (const count of play(fixes, options, gateway, clock, signal)) {
      sent += count
      options.progress?.(figures(sent))
    }
    await gateway.belowPending(0, signal)
  } finally {
    await gateway.stop()
  }
  return { ...figures(sent), devices: new Set(fixes.map(({ device }) => device)).size, badLines: bad.slice(0, NAMED_BAD_LINES) }
}

function check({ zone, speed = 1 }: ReplayOptions): void {
  if (zone !== undefined && !/^(Z|[+-]\d\d:\d\d)$/.test(zone)) throw new CodedError('request.invalid', `zone must be Z or ±hh:mm, not ${zone}.`)
  if (!(speed > 0)) throw new CodedError('request.invalid', `speed must be above 0, not ${speed}.`)
}

/** Recordings lie device by device and are played by time: the fixes of the whole file are held and sorted (about 100 bytes each). */
async function load({ file, format = formatOf(file), zone = '+08:00' }: ReplayOptions): Promise<{ fixes: Fix[]; bad: BadLine[] }> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new CodedError('request.invalid', `The trace ${file} cannot be read.`, { cause })
  })
  const fixes: Fix[] = []
  const bad: BadLine[] = []
  for await (const read of readTrace(file, format, zone)) {
    if ('fix' in read) fixes.push(read.fix)
    else bad.push(read.bad)
  }
  // Stable: fixes of one device at one time stay in the order of the file.
  return { fixes: fixes.sort((a, b) => a.at - b.at), bad }
}

/** Hands over what is due, batch by batch; yields the size of each. */
async function* play(fixes: readonly Fix[], options: ReplayOptions, gateway: Gateway, clock: () => Instant, signal: AbortSignal): AsyncGenerator<number> {
  const { speed = 1, keepTime = false, crs } = options
  const [oldest, newest] = [fixes[0], fixes.at(-1)]
  if (!oldest || !newest) return
  const start = clock()
  const plan = schedule(oldest.at, newest.at, start, speed, keepTime)
  const report = ({ device, at, lon, lat }: Fix): Report => ({ kind: 'vehicle', device, payload: { at: at + plan.shiftMs, lon, lat, ...(crs && { crs }) } })
  for (let next = 0; next < fixes.length && !signal.aborted; ) {
    let end = next
    while (end < fixes.length && end - next < BATCH && plan.sendAfterMs((fixes[end] as Fix).at) <= clock() - start) end++
    gateway.observe(fixes.slice(next, end).map(report))
    const count = end - next
    if (count > 0) yield count
    next = end
    await later(count === BATCH || speed === Number.POSITIVE_INFINITY ? 0 : TICK_MS, undefined, { signal }).catch(() => {})
    await gateway.belowPending(AHEAD, signal)
  }
}
