import type { FeedEvent } from '../domain/feed.ts'

export type AssetEvent = Extract<FeedEvent, { event: 'asset' }>

/**
 * Keeps the newest value of each asset and forgets the ones before: a slow viewer gets the present, never a queue,
 * and costs no more memory than there are assets.
 */
export class LatestValues {
  readonly #events = new Map<string, AssetEvent>()

  put(event: AssetEvent): void {
    const known = this.#events.get(event.data.id)
    this.#events.set(event.data.id, known ? merge(known, event) : event)
  }

  /** Takes out at most `max` assets, those that have waited longest first; each with its newest value. */
  drain(max: number): AssetEvent[] {
    const events = this.#events.values().take(max).toArray()
    for (const event of events) this.#events.delete(event.data.id)
    return events
  }

  get size(): number {
    return this.#events.size
  }
}

/**
 * Two changes of one asset as one: field by field the newer value. The later event itself comes back when it says
 * everything that the earlier one did, so that all viewers go on sharing one serialised text.
 */
function merge(earlier: AssetEvent, later: AssetEvent): AssetEvent {
  const [older, newer] = later.data.at >= earlier.data.at ? [earlier, later] : [later, earlier]
  const whole = Object.keys(older.data.values).every((field) => field in newer.data.values) && (newer.data.lon !== null || older.data.lon === null)
  if (whole) return newer
  const place = newer.data.lon === null ? { lon: older.data.lon, lat: older.data.lat } : {}
  const area = newer.data.lon === null ? (newer.area ?? older.area) : newer.area
  return { event: 'asset', area, data: { ...newer.data, ...place, values: { ...older.data.values, ...newer.data.values } } }
}
