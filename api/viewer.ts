import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Principal } from '../domain/role.ts'
import type { FeedStore } from './deps.ts'
import { beginning, bytesOf, inArea, type LastingEvent } from './frames.ts'
import { type AssetEvent, LatestValues } from './latest.ts'

export interface ViewerLimits {
  /** With more bytes than this waiting for its socket a viewer is slow: it gets the newest value of each asset once it catches up. */
  slowBytes: number
  /** With more than this it is cut off and resumes: alerts and cases are never left out, and never pile up here. */
  cutBytes: number
  /** Events that may happen while a viewer still reads what it missed. */
  backlog: number
  /** Assets told of in one tick; a burst of more takes several ticks, so that it alone never makes a viewer look slow. */
  assetsPerTick: number
}

export interface Place {
  /** Where this viewer begins, and the frame that tells it so. */
  from: number
  first: string
}

const STRETCH = 500

/** Where a viewer begins: after the event that it saw last, or at the present if there is none or it is no longer kept. */
export async function placeOf(lastEventId: string | undefined, store: FeedStore): Promise<Place> {
  const head = await store.head()
  if (lastEventId === undefined || lastEventId === '') return { from: head, first: beginning('ready', head) }
  const from = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : Number.POSITIVE_INFINITY
  // An id from the future belongs to another book: what this one has to tell cannot be told from there.
  if (from > head || (await store.since(from, 1)) === 'gone') return { from: head, first: beginning('reset', head) }
  return { from, first: '' }
}

/**
 * One open live view. It begins *catching up*: reading from the store what it missed, while what happens meanwhile waits in the
 * backlog. Then it is *live*. `#seq` is the last event written; whatever is not above it was written before.
 */
export class Viewer {
  readonly who: Principal
  readonly #response: ServerResponse
  readonly #limits: ViewerLimits
  readonly #assets = new LatestValues()
  readonly #closed: Promise<void>
  #backlog: LastingEvent[] | undefined = []
  #seq: number

  constructor(who: Principal, response: ServerResponse, place: Place, limits: ViewerLimits) {
    this.who = who
    this.#response = response
    this.#limits = limits
    this.#seq = place.from
    this.#closed = new Promise((resolve) => response.once('close', resolve))
    response.write(`retry: 2000\n${place.first === '' ? '\n' : place.first}`)
  }

  /** Sends what the viewer missed, at the pace of its reading, then goes live. */
  async catchUp(store: FeedStore): Promise<void> {
    for (;;) {
      const events = await store.since(this.#seq, STRETCH)
      if (this.#response.destroyed) return
      // The horizon overtook a viewer that reads too slowly: it comes again and is told to reset.
      if (events === 'gone') return this.end()
      await this.#paced(events.filter((event) => event.event !== 'asset'))
      if (events.length < STRETCH) break
    }
    while (this.#backlog && this.#backlog.length > 0) await this.#paced(this.#backlog.splice(0, STRETCH))
    this.#backlog = undefined
  }

  async #paced(events: readonly LastingEvent[]): Promise<void> {
    this.#write(events)
    const last = events.at(-1)
    if (last) this.#seq = Math.max(this.#seq, last.seq)
    if (this.#response.writableNeedDrain && !this.#response.destroyed) await Promise.race([once(this.#response, 'drain'), this.#closed])
  }

  #write(events: readonly LastingEvent[]): void {
    const fresh = inArea(events, this.who.area).filter((event) => event.seq > this.#seq)
    if (fresh.length > 0 && !this.#response.destroyed) this.#response.write(bytesOf(fresh))
  }

  /** Alerts and cases of the viewer's area, in order; `bytes` are all of them written out, shared with other viewers. */
  lasting(events: readonly LastingEvent[], bytes: Buffer): void {
    if (this.#backlog) {
      this.#backlog.push(...events)
      if (this.#backlog.length > this.#limits.backlog) this.#response.destroy()
      return
    }
    const first = events[0]
    const last = events.at(-1)
    if (!first || !last || last.seq <= this.#seq) return
    if (first.seq > this.#seq) this.#response.write(bytes)
    else this.#write(events)
    this.#seq = last.seq
    if (this.#response.writableLength > this.#limits.cutBytes) this.#response.destroy()
  }

  /** Newest values of assets of the viewer's area, once every tick, even when there are none. */
  assets(events: readonly AssetEvent[], bytes: Buffer): void {
    const behind = this.#backlog !== undefined || this.#response.writableLength > this.#limits.slowBytes
    if (!behind && this.#assets.size === 0) {
      if (events.length > 0) this.#response.write(bytes)
      return
    }
    for (const event of events) this.#assets.put(event)
    if (!behind) this.#response.write(bytesOf(this.#assets.drain(this.#limits.assetsPerTick)))
  }

  heartbeat(bytes: Buffer): void {
    this.#response.write(bytes)
  }

  /** Assets whose newest value waits for this viewer. */
  get waiting(): number {
    return this.#assets.size
  }

  end(): void {
    this.#response.end()
  }
}
