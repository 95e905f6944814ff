import type { ServerResponse } from 'node:http'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { FeedEvent } from '../domain/feed.ts'
import type { Principal } from '../domain/role.ts'
import type { FeedStore, Log } from './deps.ts'
import { bytesOf, HEARTBEAT, inArea } from './frames.ts'
import { type AssetEvent, LatestValues } from './latest.ts'
import { placeOf, Viewer, type ViewerLimits } from './viewer.ts'

export interface FeedOptions {
  store: FeedStore
  log: Log
  limits?: Partial<FeedLimits>
}

export interface FeedLimits extends ViewerLimits {
  viewers: number
  viewersPerPrincipal: number
  /** Changes of assets gather for so long. */
  tickMs: number
  /** How soon a viewer whose credentials were withdrawn is cut off. */
  checkMs: number
  heartbeatMs: number
}

const LIMITS: FeedLimits = {
  ...{ viewers: 500, viewersPerPrincipal: 50, slowBytes: 64 * 1024, cutBytes: 4 * 1024 * 1024, backlog: 20_000, assetsPerTick: 2000 },
  ...{ tickMs: 500, checkMs: 1000, heartbeatMs: 15_000 },
}

/** Who wants to see, from where on, and how to ask whether they still may. */
export interface FeedRequest {
  who: Principal
  lastEventId: string | undefined
  stillWho(): Promise<Principal | undefined>
}

/** The live feed: one source, many viewers. */
export interface Feed {
  /** Alerts, cases and rules in order of seq, after the book has committed them; and assets. Never blocks, never throws. */
  publish(events: readonly FeedEvent[]): void
  /** Opens a view: answers what writes to the response. Throws `feed.full`. */
  open(request: FeedRequest): Promise<(response: ServerResponse) => void>
  viewers(): number
  /** Ends every view; viewers come again by themselves. */
  close(): void
}

export function createFeed({ store, log, limits: given }: FeedOptions): Feed {
  const limits = { ...LIMITS, ...given }
  const viewers = new Map<Viewer, FeedRequest>()
  const assets = new LatestValues()
  const timers = [
    setInterval(() => tell(viewers, assets.drain(limits.assetsPerTick)), limits.tickMs),
    setInterval(() => void cutWithdrawn(viewers, log), limits.checkMs),
    setInterval(() => viewers.forEach((_, viewer) => void viewer.heartbeat(HEARTBEAT)), limits.heartbeatMs),
  ].map((timer) => timer.unref())

  return {
    publish(events) {
      if (viewers.size === 0) return
      const lasting = events.filter((event) => event.event !== 'asset')
      for (const event of events) if (event.event === 'asset') assets.put(event)
      if (lasting.length > 0) fanOut(viewers, lasting, (viewer, mine, bytes) => viewer.lasting(mine, bytes))
    },
    async open(request) {
      refuseIfFull(viewers, request.who, limits)
      const place = await placeOf(request.lastEventId, store)
      return (response) => {
        refuseIfFull(viewers, request.who, limits)
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        const viewer = new Viewer(request.who, response, place, limits)
        viewers.set(viewer, request)
        response.once('close', () => viewers.delete(viewer))
        viewer.catchUp(store).catch((error: unknown) => {
          log.error({ error: messageOf(error) }, 'a live view could not be resumed')
          viewer.end()
        })
      }
    },
    viewers: () => viewers.size,
    close() {
      timers.forEach(clearInterval)
      for (const viewer of viewers.keys()) viewer.end()
      viewers.clear()
    },
  }
}

type Viewers = ReadonlyMap<Viewer, FeedRequest>

function tell(viewers: Viewers, changed: readonly AssetEvent[]): void {
  fanOut(viewers, changed, (viewer, mine, bytes) => viewer.assets(mine, bytes))
}

/** Hot path: the events of one area are picked and written out once, however many viewers look at it. */
function fanOut<E extends FeedEvent>(viewers: Viewers, events: readonly E[], give: (viewer: Viewer, mine: readonly E[], bytes: Buffer) => void): void {
  const byArea = new Map<string, { mine: readonly E[]; bytes: Buffer }>()
  for (const viewer of viewers.keys()) {
    let cut = byArea.get(viewer.who.area)
    if (!cut) {
      const mine = inArea(events, viewer.who.area)
      cut = { mine, bytes: bytesOf(mine) }
      byArea.set(viewer.who.area, cut)
    }
    give(viewer, cut.mine, cut.bytes)
  }
}

function refuseIfFull(viewers: Viewers, who: Principal, limits: FeedLimits): void {
  const same = viewers.keys().filter((viewer) => viewer.who.name === who.name)
  if (viewers.size >= limits.viewers || [...same].length >= limits.viewersPerPrincipal) throw new CodedError('feed.full')
}

/** A session that ended, a token that was removed or an area that changed ends the view; the page comes again and is told why. */
async function cutWithdrawn(viewers: Viewers, log: Log): Promise<void> {
  for (const [viewer, request] of [...viewers]) {
    const now = await request.stillWho().catch((error: unknown) => log.error({ error: messageOf(error) }, 'a live view could not be checked'))
    if (now?.area !== viewer.who.area) viewer.end()
  }
}
