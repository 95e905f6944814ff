import { areaContains } from '../domain/area.ts'
import type { FeedEvent } from '../domain/feed.ts'
import { formatInstant } from '../domain/time.ts'

/** Alert, case and rule events: none may be missed, so each bears the cursor that a viewer resumes from. */
export type LastingEvent = Extract<FeedEvent, { seq: number }>

export const HEARTBEAT = Buffer.from(': \n\n')

const texts = new WeakMap<FeedEvent, string>()

/** An event in the form of Server-Sent Events; made once for all viewers, however many and however slow. */
export function frameOf(event: FeedEvent): string {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = write(event)
  texts.set(event, text)
  return text
}

function write(event: FeedEvent): string {
  if (event.event === 'asset') return `event: asset\ndata: ${JSON.stringify({ ...event.data, at: formatInstant(event.data.at) })}\n\n`
  return `id: ${event.seq}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`
}

/**
 * The first frame of a viewer that begins at the present (`ready`) or has to (`reset`: what it missed is no longer kept,
 * it must load everything again). Its id lets the viewer resume from here even if nothing has happened yet.
 */
export function beginning(event: 'ready' | 'reset', seq: number): string {
  return `id: ${seq}\nevent: ${event}\ndata: {"seq":${seq}}\n\n`
}

export function inArea<E extends FeedEvent>(events: readonly E[], area: string): readonly E[] {
  return area === '' ? events : events.filter((event) => event.event === 'rule' || areaContains(area, event.area))
}

export function bytesOf(events: readonly FeedEvent[]): Buffer {
  return Buffer.from(events.map(frameOf).join(''))
}
