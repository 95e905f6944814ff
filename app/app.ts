import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { concatMap } from 'rxjs'
import { startEngine } from '../alerts/engine/engine.ts'
import { openEvidence } from '../alerts/evidence.ts'
import { createFeed } from '../api/feed.ts'
import { loginPath } from '../api/routes/session.ts'
import { createApi } from '../api/server.ts'
import { openOutbox } from '../cases/outbox.ts'
import { messageOf } from '../domain/errors.ts'
import type { AssetId, DeviceId } from '../domain/ids.ts'
import { basemap } from '../fixtures/city/basemap.ts'
import { buildCity } from '../fixtures/city/city.ts'
import { startIngest } from '../ingest/ingest.ts'
import { openAccess } from '../store/access/access.ts'
import { createFeedSource } from '../store/book/feed.ts'
import { openFiles } from '../store/files.ts'
import { openHistoryReader } from '../store/history/history.ts'
import { openStills } from '../store/stills.ts'
import { openBackOffice } from './book.ts'
import { assetEvents, republish, tellChanges } from './changes.ts'
import { Cleanups } from './cleanups.ts'
import type { Config } from './config.ts'
import { demoPasswords, registerDemoCity, startDemoTraffic } from './demo.ts'
import { healthOf } from './health.ts'
import { Inbox } from './inbox.ts'
import { watchInbox } from './inbox-loop.ts'
import { lockData } from './lock.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { dataPaths } from './paths.ts'
import { importRuleBook } from './rule-book.ts'
import { startCameras } from './vision.ts'

export interface Platform {
  http: number
  mqtt: number
  /** With the demo: a link that logs in once. */
  loginLink: string | undefined
  close(): Promise<void>
}
