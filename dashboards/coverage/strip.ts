import type { CoverageView } from '../../domain/ports/coverage.ts'
import { HOUR } from '../../domain/time.ts'

/** One hour of a pair on the strip. */
export interface StripHour {
  at: number
  /** Undefined: nothing is known of this hour. */
  stretch: CoverageView['hours'][number] | undefined
  tone: Tone
}

/** How an hour looks: nothing known, off duty for most of it, looked at, or blind for a little, much, nearly all of it. */
export type Tone = 'unknown' | 'off' | 'seen' | 'little' | 'much' | 'blind'

/** Every hour from `from` to `to` in order, also those of which nothing is known: a gap must look like one. */
export function stripOf(hours: CoverageView['hours'], from: number, to: number): StripHour[] {
  const known = new Map(hours.map((hour) => [Date.parse(hour.at), hour]))
  const strip: StripHour[] = []
  for (let at = Math.floor(from / HOUR) * HOUR; at < to; at += HOUR) strip.push({ at, stretch: known.get(at), tone: toneOf(known.get(at)) })
  return strip
}

function toneOf(hour: CoverageView['hours'][number] | undefined): Tone {
  if (!hour) return 'unknown'
  if (hour.blindMinutes > 30) return 'blind'
  if (hour.blindMinutes > 5) return 'much'
  if (hour.blindMinutes > 0) return 'little'
  return hour.inferred === 0 && (hour.causes.off_schedule ?? 0) > 0 ? 'off' : 'seen'
}
