import type { Area, AreaLevel } from '../area.ts'
import type { Asset } from '../asset.ts'
import type { CameraConfig } from '../camera.ts'
import type { Bbox } from '../geo.ts'
import type { Principal } from '../role.ts'
import type { RuleFile, RuleState } from '../rule.ts'
import type { Instant } from '../time.ts'
import type { Page, PageQuery } from './alerts.ts'

export interface AssetQuery extends PageQuery {
  kind?: string
  bbox?: Bbox
  q?: string
}
/** An asset with the newest values that its devices reported. */
export type AssetView = Asset & { values: Record<string, unknown>; at: Instant | null }

export interface RuleView {
  id: string
  version: number
  state: RuleState
  author: string
  at: Instant
  note: string
  /** The version that is live, parsed, and as written. */
  file: RuleFile
  source: string
}

/** What stands in the city and which rules watch it. Writes go through the journal. */
export interface Register {
  assets(query: AssetQuery, who: Principal): Promise<Page<AssetView>>
  asset(id: string, who: Principal): Promise<AssetView>
  putAsset(asset: Asset, who: Principal): Promise<AssetView>
  areas(level?: AreaLevel): Promise<Area[]>
  camera(id: string, who: Principal): Promise<{ version: number; config: CameraConfig }>
  /** Throws `version.stale` when `version` is not the present one. */
  putCamera(id: string, version: number, config: CameraConfig, who: Principal): Promise<{ version: number; config: CameraConfig }>
  rules(query: PageQuery): Promise<Page<RuleView>>
  rule(id: string): Promise<RuleView>
  ruleVersions(id: string): Promise<RuleView[]>
}
