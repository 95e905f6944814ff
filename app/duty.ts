import { type Asset, devicesOf } from '../domain/asset.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Algorithm, CameraConfig } from '../domain/camera.ts'
import { NO_ALGORITHM } from '../domain/coverage.ts'
import type { Projected } from '../domain/projection.ts'
import { type RuleFile, SEVERITIES, type Severity } from '../domain/rule.ts'
import { parseDuration } from '../domain/time.ts'
import type { IsOn, Pair } from '../inference/schedule/pair.ts'
import { selectsAsset } from '../rules/assets.ts'
import { calendarNamed, isOn } from '../rules/calendar.ts'
import type { Book } from '../store/book/book.ts'

/** What each camera is looked at for: the rules over scenes that it binds, or that select it, and when. */
export interface Duty {
  pairsOf(camera: string, config: CameraConfig): Pair[]
  isOn: IsOn
  /** Takes what the journal brought; true when the duty of cameras may have changed. */
  follow(entries: readonly Projected[]): Promise<boolean>
}

const PAGE = 1000

/** Reads rules, calendars and cameras' assets from the book. `everyMs`: longest interval of an algorithm that names none. */
export async function openDuty(book: Book, everyMs: number): Promise<Duty> {
  const assets = await cameraAssets(book)
  const calendars = new Map<string, Calendar>((await book.calendars.list('', PAGE)).map((calendar) => [calendar.id, calendar]))
  let rules = await sceneRules(book)
  return {
    isOn: (calendar, at) => {
      const named = calendarNamed(calendars, calendar)
      return named === undefined || isOn(named, at)
    },
    pairsOf: (camera, config) => pairsOf(config, rules, assets.get(camera), everyMs),
    async follow(entries) {
      let changed = false
      for (const entry of entries) {
        if (entry.type === 'asset') put(assets, entry.asset as Asset)
        if (entry.type === 'calendar') calendars.set(entry.id, entry.calendar)
        changed ||= entry.type === 'rule' || (entry.type === 'asset' && entry.asset.kind === 'camera')
      }
      if (entries.some(({ type }) => type === 'rule')) rules = await sceneRules(book)
      return changed
    },
  }
}

/** The pairs of one camera. Without any rule it is looked at all the same: scenes are kept for rules that come later. */
export function pairsOf(config: CameraConfig, rules: ReadonlyMap<string, RuleFile>, asset: Asset | undefined, everyMs: number): Pair[] {
  const bound = config.algorithms ?? [...rules].filter(([, file]) => selectsAsset(file, asset, 'camera') && hasZone(file, config)).map(([rule]) => bare(rule))
  const pairs = bound.flatMap((algorithm) => {
    const file = rules.get(algorithm.rule)
    return file ? [pairOf(algorithm, file, config, everyMs)] : []
  })
  return pairs.length > 0 ? pairs : [{ algorithm: NO_ALGORITHM, everyMs, schedule: null, zones: null, holdMs: 0, severity: 'info' }]
}

const bare = (rule: string): Algorithm => ({ rule, zones: [], schedule: null, everyS: null, params: {} })

function pairOf({ rule, zones, schedule, everyS, params }: Algorithm, file: RuleFile, config: CameraConfig, everyMs: number): Pair {
  return {
    algorithm: rule,
    everyMs: everyS === null ? everyMs : everyS * 1000,
    schedule,
    zones: zones.length > 0 ? zones : zonesFor(file, config),
    holdMs: holdOf(file, params),
    severity: severityOf(file),
  }
}

/** A rule about a type of zone is not about a camera that has none of it. */
function hasZone({ objects }: RuleFile, { zones }: CameraConfig): boolean {
  return objects === undefined || zones.some(({ type }) => type === objects.zone)
}

function zonesFor({ objects }: RuleFile, { zones }: CameraConfig): string[] | null {
  return objects === undefined ? null : zones.filter(({ type }) => type === objects.zone).map(({ id }) => id)
}

/** The hold that decides whether an alert is raised; the camera's own value of a param counts before the rule's. */
function holdOf({ for: hold, params }: RuleFile, own: Algorithm['params']): number {
  const name = /^params\.(.+)$/.exec(hold)?.[1]
  const text = name === undefined ? hold : (own[name] ?? params[name]?.value)
  return typeof text === 'string' ? (parseDuration(text) ?? 0) : 0
}

/** The most severe that its expression names. */
function severityOf({ severity }: RuleFile): Severity {
  return SEVERITIES.find((each) => severity.includes(each)) ?? 'info'
}

async function sceneRules({ rules }: Book): Promise<Map<string, RuleFile>> {
  const found = new Map<string, RuleFile>()
  for (let after = ''; ; ) {
    const ids = await rules.ids(after, PAGE)
    if (ids.length > 0) for (const [id, { file }] of await rules.live(ids)) if (file?.on === 'scene') found.set(id, file)
    if (ids.length < PAGE) return found
    after = ids.at(-1) ?? after
  }
}

async function cameraAssets(book: Book): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>()
  for (let after = ''; ; ) {
    const some = await book.assets.list({ kind: 'camera', after, limit: PAGE }, '')
    for (const asset of some) put(assets, asset)
    if (some.length < PAGE) return assets
    after = some.at(-1)?.id ?? after
  }
}

function put(assets: Map<string, Asset>, asset: Asset): void {
  if (asset.kind === 'camera') for (const device of devicesOf(asset)) assets.set(device, asset)
}
