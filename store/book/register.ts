import { areaContains } from '../../domain/area.ts'
import type { Asset } from '../../domain/asset.ts'
import { type CameraConfig, CameraConfigSchema } from '../../domain/camera.ts'
import { CodedError } from '../../domain/errors.ts'
import { insideBbox } from '../../domain/geo.ts'
import type { Offset } from '../../domain/ids.ts'
import type { ControlAppender } from '../../domain/ports/journal.ts'
import type { AssetQuery, AssetView, Register } from '../../domain/ports/register.ts'
import type { Control } from '../../domain/record.ts'
import type { Principal } from '../../domain/role.ts'
import type { Instant } from '../../domain/time.ts'
import type { Book } from './book.ts'
import { calendarViews } from './calendar-views.ts'
import { algorithmFaults } from './camera-faults.ts'
import { decodeCursor, pageOf } from './cursor.ts'
import type { Places } from './places.ts'
import { presentRules, ruleViews } from './rule-views.ts'
import { placeCode } from './scope.ts'
import { refuseStale } from './stale.ts'
import { oneAtATime, type Turns } from './turns.ts'

/** What the devices of an asset reported last; `lon`, `lat` are the newest trustworthy fix. */
export interface Latest {
  values: Record<string, unknown>
  at: Instant | null
  lon: number | null
  lat: number | null
}

export interface RegisterDeps {
  book: Book
  places: Places
  journal: ControlAppender
  reached(offset: Offset): Promise<void>
  latest(asset: string): Latest | undefined
  turns?: Turns
}

/** The register of the city (domain/ports/register.ts) on the book. */
export function createRegister(deps: RegisterDeps): Register {
  const { book, places, turns = oneAtATime() } = deps

  async function write(control: Control): Promise<void> {
    const { first } = await deps.journal.append([control])
    await deps.reached(first)
  }

  async function visible(id: string, who: Principal): Promise<Asset> {
    const found = await book.assets.find(id, who.area)
    if (!found) throw new CodedError('not_found')
    return found
  }

  /** A camera may be configured before anything has reported under its name, but only by somebody who sees the whole city. */
  async function cameraVisible(id: string, who: Principal): Promise<void> {
    if (who.area !== '' || (await book.assets.find(id))) await visible(id, who)
  }

  async function camera(id: string, who: Principal): Promise<{ version: number; config: CameraConfig }> {
    const stored = await book.assets.camera(id)
    if (!stored) await visible(id, who)
    else await cameraVisible(id, who)
    return { version: stored?.version ?? 0, config: CameraConfigSchema.parse(stored?.config ?? {}) }
  }

  return {
    assets: (query, who) => listAssets(deps, query, who),
    asset: async (id, who) => view(deps, await visible(id, who)),
    async putAsset(given, who) {
      const asset = places.located({ ...given, origin: 'registered' })
      const before = await book.assets.find(asset.id)
      if (before && !(await book.assets.find(asset.id, who.area))) throw new CodedError('not_found')
      if (!areaContains(who.area, placeCode(asset.area, asset.grid))) throw new CodedError('not_found')
      await write({ type: asset.kind === 'zone' ? 'zone' : 'asset', by: who.name, asset })
      return view(deps, await visible(asset.id, who))
    },
    areas: (level) => book.assets.areas(level),
    camera,
    putCamera: (id, version, config, who) =>
      turns(id, async () => {
        await cameraVisible(id, who)
        refuseStale(await book.assets.camera(id), version)
        await checkAlgorithms(book, config)
        await write({ type: 'camera', by: who.name, id, version: version + 1, config })
        return camera(id, who)
      }),
    ...calendarViews(book, turns, write),
    ...ruleViews(book),
  }
}

async function checkAlgorithms({ rules, calendars }: Book, config: CameraConfig): Promise<void> {
  if (!config.algorithms || config.algorithms.length === 0) return
  const present = await presentRules(rules, [...new Set(config.algorithms.map(({ rule }) => rule))])
  const files = new Map([...present].map(([id, { file }]) => [id, file]))
  const details = algorithmFaults(config, files, await calendars.ids())
  if (details.length > 0) throw new CodedError('request.invalid', undefined, { details })
}

/** Vehicles are where they were last; what stands still is where it was registered. */
function view({ latest }: Pick<RegisterDeps, 'latest'>, asset: Asset): AssetView {
  const now = latest(asset.id)
  const moves = asset.lon === null || asset.kind === 'vehicle'
  const place = moves && now && now.lon !== null ? { lon: now.lon, lat: now.lat } : { lon: asset.lon, lat: asset.lat }
  return { ...asset, ...place, values: now?.values ?? {}, at: now?.at ?? null }
}

/** In order of id. The bbox asks where things are now, which for vehicles only their last fix tells, so rows are filtered once more. */
async function listAssets(deps: RegisterDeps, { limit, cursor, kind, bbox, q }: AssetQuery, who: Principal) {
  let after = cursor === undefined ? '' : decodeCursor(cursor, ['string'])[0]
  const found: AssetView[] = []
  for (;;) {
    const rows = await deps.book.assets.list({ ...(kind !== undefined && { kind }), ...(bbox && { bbox }), ...(q !== undefined && { q }), after, limit: limit + 1 }, who.area)
    const views = rows.map((asset) => view(deps, asset))
    found.push(...views.filter((item) => !bbox || item.zone !== null || (item.lon !== null && item.lat !== null && insideBbox([item.lon, item.lat], bbox))))
    if (rows.length <= limit || found.length > limit) break
    after = rows.at(-1)?.id ?? after
  }
  return pageOf(
    found,
    limit,
    (item) => item,
    (item) => [item.id],
  )
}
