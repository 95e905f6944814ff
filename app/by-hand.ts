import { readFileSync } from 'node:fs'
import { type Instant, MINUTE, SECOND } from '../domain/time.ts'

/**
 * What somebody with the recording, the rule book and a pocket calculator would expect. Written from semantics.md and
 * the rules' texts alone: nothing here is the engine's code, so that agreement means something.
 */
export interface Line {
  /** Where it stands in the file: the line of the CSV, the item of the list, from 1. */
  line: number
  vehicle: string
  at: Instant
  lon: number
  lat: number
}
export interface Expected {
  vehicle: string
  /** The line that began it. */
  line: number
  openedAt: Instant
  /** Event time at which its hold was satisfied. */
  due: Instant
  resolvedAt: Instant | null
}
export type Rectangle = readonly [west: number, south: number, east: number, north: number]

/** The Wuxi taxis: local times of China without a zone. */
export function wuxiLines(file: string): Line[] {
  const [, ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
  return rows.map((row, index) => {
    const [lon = '', lat = '', time = '', vehicle = ''] = row.split(',')
    return { line: index + 2, vehicle, at: Date.parse(`${time.replace(' ', 'T')}+08:00`), lon: Number(lon), lat: Number(lat) }
  })
}

/** The Munich drive: one vehicle, whose id in the file is no legal device id, so the caller names it. */
export function munichLines(file: string, vehicle: string): Line[] {
  const items = JSON.parse(readFileSync(file, 'utf8')) as { point: string; time: string }[]
  return items.map(({ point, time }, index) => {
    const [lon = '', lat = ''] = point.slice('POINT('.length, -1).split(' ')
    return { line: index + 1, vehicle, at: Date.parse(time.replace(' ', 'T').replace('+0200', '+02:00')), lon: Number(lon), lat: Number(lat) }
  })
}

/** Metres between two fixes: the chord through the earth, turned back into an arc. */
export function metres(a: Line, b: Line): number {
  const [p, q] = [a, b].map(({ lon, lat }) => {
    const [λ, φ] = [(lon * Math.PI) / 180, (lat * Math.PI) / 180]
    return [Math.cos(φ) * Math.cos(λ), Math.cos(φ) * Math.sin(λ), Math.sin(φ)] as const
  }) as [readonly [number, number, number], readonly [number, number, number]]
  return 2 * 6_371_008.8 * Math.asin(Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]) / 2)
}

export function kmh(a: Line, b: Line): number {
  return (metres(a, b) / (b.at - a.at)) * 3600
}

/** S19: a fix that takes more than 150 km/h to reach is suspect, until three in a row agree with each other. */
export function suspects(lines: readonly Line[]): Set<Line> {
  const suspect = new Set<Line>()
  let last: Line | undefined
  let doubted: Line[] = []
  for (const line of lines) {
    if (last && kmh(last, line) > 150) {
      const before = doubted.at(-1)
      doubted = before && kmh(before, line) <= 150 ? [...doubted, line] : [line]
      if (doubted.length < 3) {
        suspect.add(line)
        continue
      }
    }
    last = line
    doubted = []
  }
  return suspect
}

/** truck-staying: 15 min within 50 m of where it stopped, never silent for 5 min. */
export function stays(lines: readonly Line[]): Expected[] {
  const found: Expected[] = []
  const suspect = suspects(lines)
  let here: Line | undefined
  let heard: Line | undefined
  const leave = (at: Instant | null): void => {
    if (here && (at ?? Infinity) >= here.at + 15 * MINUTE) found.push({ vehicle: here.vehicle, line: here.line, openedAt: here.at, due: here.at + 15 * MINUTE, resolvedAt: at })
    here = undefined
  }
  for (const line of lines) {
    if (heard && line.at - heard.at >= 5 * MINUTE) leave(heard.at + 5 * MINUTE)
    heard = line
    if (suspect.has(line)) continue
    if (here && metres(here, line) > 50) leave(line.at)
    here ??= line
  }
  leave(heard ? heard.at + 5 * MINUTE : null)
  return found
}

/** truck-banned-zone: from the first believed fix inside until 30 s after the first one outside. */
export function visits(lines: readonly Line[], [west, south, east, north]: Rectangle): Expected[] {
  const inside = ({ lon, lat }: Line): boolean => lon >= west && lon <= east && lat >= south && lat <= north
  return spells(believed(lines), inside, (line) => !inside(line), 0, 30 * SECOND)
}

/** truck-speeding: faster than 60 km/h for 10 s, over when 60 or slower for 10 s; speeds between believed fixes at most 30 s apart. */
export function speeding(lines: readonly Line[]): Expected[] {
  const fixes = believed(lines)
  const speeds = new Map<Line, number>()
  for (const [index, line] of fixes.entries()) {
    const before = fixes[index - 1]
    // A vehicle that turns up elsewhere has a new place and no speed.
    if (before && line.at - before.at <= 30 * SECOND && kmh(before, line) <= 150) speeds.set(line, kmh(before, line))
  }
  const speed = (line: Line): number => speeds.get(line) ?? Number.NaN
  return spells(
    fixes,
    (line) => speed(line) > 60,
    (line) => speed(line) <= 60,
    10 * SECOND,
    10 * SECOND,
  )
}

function believed(lines: readonly Line[]): Line[] {
  const suspect = suspects(lines)
  return lines.filter((line) => !suspect.has(line))
}

/** Stretches that began with `on` and lasted `holdMs` until `off`, and ended when `off` had lasted `clearMs`; a line that is neither changes nothing. */
function spells(lines: readonly Line[], on: (line: Line) => boolean, off: (line: Line) => boolean, holdMs: number, clearMs: number): Expected[] {
  const found: Expected[] = []
  let [begun, ending]: (Line | undefined)[] = []
  const finish = (now: Instant): void => {
    if (!begun || !ending || now < ending.at + clearMs) return
    found.push({ vehicle: begun.vehicle, line: begun.line, openedAt: begun.at, due: begun.at + holdMs, resolvedAt: ending.at + clearMs })
    begun = undefined
    ending = undefined
  }
  for (const line of lines) {
    finish(line.at)
    if (!begun && on(line)) begun = line
    else if (begun && on(line)) ending = undefined
    else if (begun && off(line)) {
      if (line.at < begun.at + holdMs) begun = undefined
      else ending ??= line
    }
  }
  finish(Infinity)
  if (begun) found.push({ vehicle: begun.vehicle, line: begun.line, openedAt: begun.at, due: begun.at + holdMs, resolvedAt: null })
  return found
}
