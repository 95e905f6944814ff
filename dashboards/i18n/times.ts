import type { Language } from './text.ts'

const LOCALE: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' }
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }
const formats = new Map<string, Intl.DateTimeFormat>()

function format(language: Language, options: Intl.DateTimeFormatOptions, zone: string | undefined): Intl.DateTimeFormat {
  const key = JSON.stringify([language, options, zone])
  const known = formats.get(key)
  if (known) return known
  // Making a formatter costs about a hundred times as much as using one, and lists use it per row.
  const made = new Intl.DateTimeFormat(LOCALE[language], zone === undefined ? options : { ...options, timeZone: zone })
  formats.set(key, made)
  return made
}

/** Reads a time as the API writes it (RFC 3339), or ms; NaN when there is none. */
export function msOf(time: string | number | null | undefined): number {
  return typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) : Number.NaN
}

/** Clock time, with the date in front when it is not today. `zone` is for tests; people read their own. */
export function clockTime(time: string | number, now: number, language: Language, zone?: string): string {
  const at = msOf(time)
  if (Number.isNaN(at)) return '—'
  const day = format(language, { year: 'numeric', month: '2-digit', day: '2-digit' }, zone)
  const clock = format(language, CLOCK, zone).format(at)
  if (day.format(at) === day.format(now)) return clock
  return `${format(language, { month: '2-digit', day: '2-digit' }, zone).format(at)} ${clock}`
}

/** The whole instant with its zone, the same in every language, for tooltips and evidence. */
export function fullTime(time: string | number, zone?: string): string {
  const at = msOf(time)
  if (Number.isNaN(at)) return '—'
  const parts = format('en', { year: 'numeric', month: '2-digit', day: '2-digit', ...CLOCK, timeZoneName: 'shortOffset' }, zone).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName').replace('GMT', 'UTC').replace(/\+0$/, '')}`
}

const UNITS: Record<Language, readonly [string, string, string, string]> = { zh: ['天', '小时', '分', '秒'], en: ['d', 'h', 'm', 's'] }

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g

/** A sentence of the platform with its times as people read them. */
export function timesIn(text: string, zone?: string): string {
  return text.replace(INSTANT, (time) => fullTime(time, zone))
}

/** A length of time in its two largest units: 3 h 12 m, 4 m 5 s. Negative lengths lose their sign. */
export function lengthOfTime(ms: number, language: Language): string {
  const seconds = Math.floor(Math.abs(ms) / 1000)
  const parts = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  const first = parts.findIndex((part) => part > 0)
  const shown = first === -1 ? [3] : first === 3 ? [3] : [first, first + 1]
  const glue = language === 'zh' ? '' : ' '
  return shown
    .filter((index) => index === shown[0] || (parts[index] ?? 0) > 0)
    .map((index) => `${parts[index]}${UNITS[language][index]}`)
    .join(glue)
}
