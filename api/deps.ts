import type { Texts } from '../domain/asset.ts'
import type { FeedEvent } from '../domain/feed.ts'
import type { Position } from '../domain/geo.ts'
import type { AssetOf } from '../domain/observation.ts'
import type { Access, Audit } from '../domain/ports/access.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { Authoring, Backtester, Explainer } from '../domain/ports/authoring.ts'
import type { Cases, Events } from '../domain/ports/cases.ts'
import type { CoverageReader } from '../domain/ports/coverage.ts'
import type { Desks } from '../domain/ports/desk.ts'
import type { Register } from '../domain/ports/register.ts'
import type { Silences } from '../domain/ports/silences.ts'
import type { Telemetry } from '../domain/ports/telemetry.ts'
import type { Principal } from '../domain/role.ts'
import type { Instant } from '../domain/time.ts'
import type { Feed } from './feed.ts'
import type { Live } from './live.ts'

export type HealthState = 'ok' | 'failing' | 'starting'
/** How the platform is: the worst of its parts. */
export interface HealthReport {
  status: HealthState
  parts: Record<string, { state: HealthState; why?: string; [fact: string]: unknown }>
}

/** frames = inferred + gated + dropped, but for the one that is being looked at. */
export interface CameraStatus {
  state: string
  frames: number
  inferred: number
  gated: Readonly<Record<string, number>>
  dropped: Readonly<Record<string, number>>
  /** Event time of the newest scene. */
  lastAt: Instant | null
  /** Why there are no pictures or no scenes. */
  error: string | null
}

/** What the page must know before it can draw anything. */
export interface SiteInfo {
  name: Texts
  center: Position
  zoom: number
  /** Template of raster tiles, `https://host/{z}/{x}/{y}.png`; null without an internet map. */
  tileUrl: string | null
  languages: readonly string[]
}

/** A file that proves an alert. */
export interface EvidenceFile {
  type: 'image/jpeg' | 'video/mp4' | 'application/json'
  /** Undefined for a copy that was made for this caller. */
  sha256: string | undefined
  bytes: Uint8Array
}
/** Evidence of alerts outside the caller's area is `not_found`. Below operator there are copies only (domain/privacy.ts); no clips (`auth.forbidden`). */
export interface EvidenceReader {
  get(id: string, who: Principal): Promise<EvidenceFile>
  /** The newest picture of a camera, or the one nearest to `at` within so many ms; undefined when there is none. The camera is one that they may see. */
  still(camera: string, query: { at?: Instant | undefined; within: number }, who: Principal): Promise<{ at: Instant; jpeg: Uint8Array } | undefined>
  /** A ZIP of all that proves an alert. */
  export(alert: string, options: { original: boolean }, who: Principal): Promise<Uint8Array>
  /** What manifests are signed with. */
  publicKey(): { keyId: string; publicKey: string }
}

/** What the feed resumes from: the book's events as a live view shows them. */
export interface FeedStore {
  /** Alert, case and rule events with a seq above `seq`, in order, at most `limit`; `gone` when some of them are no longer kept. */
  since(seq: number, limit: number): Promise<FeedEvent[] | 'gone'>
  /** The seq of the newest event, 0 when there is none. */
  head(): Promise<number>
}

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** All that the API needs of the rest of the platform; `app` hands it in. */
export interface ApiDeps {
  alerts: Alerts
  silences: Silences
  cases: Cases
  events: Events
  desks: Desks
  /** Moves devices between gateways: `not_found` for a gateway that is not there. */
  ownership: { move(device: string, gateway: string): Promise<void> }
  register: Register
  authoring: Authoring
  /** Absent: those who ask are told `not_ready`. */
  backtester?: Backtester | undefined
  explainer?: Explainer | undefined
  telemetry: Telemetry
  coverage: CoverageReader
  access: Access
  audit: Audit
  /** Absent: cameras are seen by their stills only. */
  live?: Live | undefined
  evidence: EvidenceReader
  feed: Feed
  /** Which asset a device watches: whose area decides who may see what the device sent. */
  assetOf: AssetOf
  health(): Promise<HealthReport>
  /** How the platform looks through a camera; undefined when it does not. */
  cameraStatus(camera: string): CameraStatus | undefined
  /** Prometheus' text format. */
  metrics(): Promise<string>
  site(): SiteInfo
  /** GeoJSON FeatureCollection; the same object as long as it has not changed. */
  basemap(): object
  /** Folder of the built page; null serves no page. */
  staticDir: string | null
  /** Addresses of reverse proxies whose X-Forwarded-… headers are believed; none by default. */
  proxies?: readonly string[]
  log: Log
  now(): Instant
  /** Told of every answer, for metrics: `path` is the template, `ms` how long it took. */
  answered?(answer: { method: string; path: string; status: number; ms: number }): void
}
