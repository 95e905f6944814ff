import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BacktestPaths } from '../alerts/backtest/messages.ts'
import { AssetSchema } from '../domain/asset.ts'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { ControlRecord } from '../domain/record.ts'
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { parseRuleFile } from '../rules/file.ts'
import { openBook } from '../store/book/book.ts'
import { controlsApplier } from '../store/book/controls.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { openHistory } from '../store/history/writer.ts'

/** A day of a city as it lies on disk: 1,000 covers each 15 minutes and 405 trucks each 10 seconds. */
export interface CityDay {
  folder: string
  paths: BacktestPaths
  from: Instant
  to: Instant
  observations: number
}

const COVERS = 1000
const TRUCKS = 405
const COVER_EVERY = 15 * MINUTE
const TRUCK_EVERY = 10 * SECOND
const FROM = Date.UTC(2026, 0, 5)
/** As often as it takes for hours to be joined like those of a platform that runs all day. */
const FLUSH_EVERY = HOUR / 4
export const RULES = ['truck-speeding', 'cover-displaced'] as const

/** Makes the day through the history's own writer and the book's own projector, in a folder below `data/`. */
export async function makeCityDay(): Promise<CityDay> {
  mkdirSync('data', { recursive: true })
  const folder = mkdtempSync(join('data', 'bench-day-'))
  const paths = { journal: join(folder, 'journal'), history: join(folder, 'history.db'), book: join(folder, 'book.db') }
  const controls = await makeBook(paths.book)
  const history = openHistory(paths.history, { keepMs: 36_500 * DAY })
  let offset = controls
  for (let t = 0; t < DAY; t += TRUCK_EVERY) {
    const batch: Observation[] = []
    for (let n = 0; n < TRUCKS; n++) batch.push(truck(++offset, n, FROM + t + n * 20))
    for (let n = 0; n < COVERS; n++) if (t % COVER_EVERY === (n % 90) * TRUCK_EVERY) batch.push(cover(++offset, n, FROM + t))
    history.add(batch)
    if ((t + TRUCK_EVERY) % FLUSH_EVERY === 0) history.flush()
  }
  history.close()
  return { folder, paths, from: FROM, to: FROM + DAY, observations: offset - controls }
}

function observation(offset: number, kind: Observation['kind'], device: string, at: Instant, fields: object): Observation {
  return { type: 'observation', offset, receivedAt: at + 300, kind, device: device as DeviceId, gateway: `gw-${kind}` as GatewayId, at, payload: { at, seq: offset, ...fields } }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** It drives in circles, a little too fast now and then. */
function truck(offset: number, n: number, at: Instant): Observation {
  const turn = (at / HOUR) * Math.PI * 2 + n
  const speedKmh = Math.max(0, 40 + 15 * Math.sin(turn * 4) + (n % 10 === 0 ? 10 * Math.sin(turn * 30) : 0))
  return observation(offset, 'vehicle', `truck-${n}`, at, {
    ...{ lon: round(121.4 + 0.02 * Math.sin(turn), 6), lat: round(37.5 + 0.02 * Math.cos(turn), 6), speedKmh: round(speedKmh, 1), headingDeg: Math.floor((at / 1000 + n) % 360) },
    ...{ altM: 12, ignition: true, load: n % 2 === 0 ? 'full' : 'empty', lid: 'closed', mileageKm: 10_000 + n },
  })
}

/** Every hundredth is shaken for a while. */
function cover(offset: number, n: number, at: Instant): Observation {
  const tiltDeg = n % 100 === 0 && Math.floor(at / HOUR) % 6 === 0 ? 17 : 2
  return observation(offset, 'cover', `cover-${n}`, at, { tiltDeg, displaced: false, waterMm: 120 + (n % 7), ch4Lel: 0.5, tempC: 14.5, batteryPct: 88, rssiDbm: -91 })
}

/** The register and the rules; answers the offset of the last record. */
async function makeBook(path: string): Promise<number> {
  const book = await openBook(path)
  const projector = await createProjector(book, [registerApplier(await openPlaces(book), parsed), controlsApplier], async () => undefined)
  const assets = [...Array.from({ length: COVERS }, (_, n) => ['cover', `cover-${n}`]), ...Array.from({ length: TRUCKS }, (_, n) => ['vehicle', `truck-${n}`])]
  const controls = [
    ...assets.map(([kind, id]) => ({ type: 'asset', by: 'bench', asset: AssetSchema.parse({ id, kind }) })),
    ...RULES.map((id) => ({ type: 'rule', by: 'bench', id, version: 1, state: 'live', source: readFileSync(join('rules', 'book', `${id}.yaml`), 'utf8'), note: '' })),
  ]
  const entries = controls.map((control, index) => ({ ...control, offset: index + 1, receivedAt: FROM - 3 * DAY })) as ControlRecord[]
  await projector.apply({ through: entries.length, entries })
  await book.close()
  return entries.length
}

function parsed(source: string) {
  const result = parseRuleFile(source)
  if ('errors' in result) throw new Error(result.errors[0]?.why)
  return result.file
}
