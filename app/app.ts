import { randomBytes, randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Backtests } from '../alerts/backtest/backtests.ts'
import { startEngine } from '../alerts/engine/engine.ts'
import { createExplainer } from '../alerts/explain/explain.ts'
import { openReductionClock } from '../alerts/reduction-clock.ts'
import { createFeed } from '../api/feed.ts'
import { createApi } from '../api/server.ts'
import { type OutboxDeps, openOutbox } from '../cases/outbox.ts'
import { createNoDesk, reminderRecord } from '../cases/reminders.ts'
import { messageOf } from '../domain/errors.ts'
import type { Change, Digest } from '../domain/projection.ts'
import type { Publication } from '../domain/publication.ts'
import { PushedFrames } from '../inference/sources/pushed.ts'
import { startIngest } from '../ingest/ingest.ts'
import { openAccess } from '../store/access/access.ts'
import { createFeedSource } from '../store/book/feed.ts'
import { openFiles } from '../store/files.ts'
import { openStills } from '../store/stills.ts'
import { watchAccess } from './access-watch.ts'
import { openBackOffice } from './book.ts'
import { assetEvents, gatheredKicks, republish, tellChanges } from './changes.ts'
import { Cleanups } from './cleanups.ts'
import { BOOK_DIR } from './commands/rules.ts'
import { type Config, journalOptions } from './config.ts'
import { createConnections } from './connections.ts'
import { type Demo, prepareDemo } from './demo.ts'
import { openEvidenceOf } from './evidence.ts'
import { watchGuards } from './guards.ts'
import { healthOf } from './health.ts'
import { Inbox } from './inbox.ts'
import { watchInbox } from './inbox-loop.ts'
import { startInflux } from './influx.ts'
import { lockData } from './lock.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createOwnership } from './ownership.ts'
import { dataPaths } from './paths.ts'
import { startProjection } from './projection.ts'
import { startQuestions } from './questions.ts'
import { putAsideBroken } from './repair.ts'
import { type BookAppender, importRuleBook } from './rule-book.ts'
import { openTelemetry } from './telemetry.ts'
import { modelFolders, startCameras } from './vision.ts'

export interface Platform {
  http: number
  mqtt: number
  /** With the demo: a link that logs in once. */
  loginLink: string | undefined
  /** What the platform measured of itself, for benches. */
  measures(): Promise<object>
  close(): Promise<void>
}

interface StartOptions {
  /** With the demo city, its traffic and a login link. */
  demo: boolean
  log: Log
  now: () => number
  /** Where secrets stand that the configuration points at. */
  env?: Readonly<Record<string, string | undefined>>
  /** Folder of the rule book; the city's own if absent. */
  rules?: string
}

const PAGE_DIR = join(import.meta.dirname, '../dashboards/dist')

/**
 * The spine: opens every part in order, names an undoing for each, and closes in reverse. It is one straight function
 * because the order is the point: what is opened later may use what was opened before, and nothing else.
 */
export async function startPlatform(config: Config, { demo, log, now, env = process.env, rules = BOOK_DIR }: StartOptions): Promise<Platform> {
  const paths = dataPaths(config.data)
  const cleanups = new Cleanups(log)
  const failed = (error: unknown): void => log.error({ why: messageOf(error) }, 'something failed and goes on')
  try {
    const lock = lockData(config.data)
    cleanups.push('lock', lock.release)
    putAsideBroken(paths, log)
    const store = openAccess(paths.access, { now })
    cleanups.push('access', store.close)
    const connections = createConnections(store)
    const pushed = new PushedFrames()
    const ingest = await startIngest({
      dataDir: config.data,
      mqtt: config.mqtt,
      limits: config.limits,
      journal: journalOptions(config),
      authenticate: connections.authenticate,
      onFrame: (frame) => pushed.push(frame.camera, frame),
      log,
    })
    cleanups.push('ingest', () => ingest.close())
    const ownership = createOwnership(store.owners, ingest)
    await ownership.apply()
    const commanded = (): void => void Promise.all([connections.recheck(ingest), ownership.apply()]).catch(failed)
    cleanups.push('access watch', watchAccess(store, commanded))
    const office = await openBackOffice(paths.book, ingest, config, { env, now, reminders: () => engine.stats()?.reminders ?? {} })
    const { book, projector, register, latest } = office
    cleanups.push('book', () => book.close())
    const files = await openFiles(paths.evidence)
    const stills = await openStills({ folder: paths.stills, maxBytes: config.retain.stillsGb * 1024 ** 3 })

    const publish = ({ topic, payload, qos, retain }: Publication, area: string | null): void => ingest.publish(topic, payload, { qos, retain, area: area ?? '' })
    const engine = await startEngine({
      paths: { journal: paths.journal, history: paths.history, snapshots: paths.snapshots, book: paths.book },
      historyDays: config.retain.historyDays,
      bookOffset: book.bookOffset,
      headPort: () => ingest.headPort(),
      tick: async () => void (await ingest.append([{ type: 'tick' }])),
      quarantine: async ({ rule, version, from, why }) =>
        void (await ingest.append([{ type: 'rule', by: 'platform', id: rule, version, state: 'quarantined', source: '', note: why, from }])),
      deadlineMs: config.limits.judgeSeconds * 1000,
      failed,
    })
    cleanups.push('engine', () => engine.close())
    const telemetry = openTelemetry({ ingest, history: paths.history, journal: paths.journal, assetOf: office.devices.assetOf })
    cleanups.push('telemetry', telemetry.close)
    const feed = createFeed({ store: createFeedSource(book), log })
    cleanups.push('feed', feed.close)
    const influx = startInflux({ config: config.influx, env, ingest, journal: paths.journal, log })
    cleanups.push('influx', influx.close)
    const work = gatheredKicks(() => [outbox.kick, evidence.kick, reduction.kick, questions.kick])
    cleanups.push('work', work.close)
    const changed = (changes: readonly Change[]): void => {
      tellChanges(changes, { feed, publish, kick: work.kick })
      influx.alerts(changes)
    }
    const reminded: OutboxDeps['reminded'] = async (reminder, sentAt) => void (await ingest.append([reminderRecord(reminder, sentAt)]))
    const outbox = openOutbox({ book, desks: [...office.desks, createNoDesk()], concurrency: 4, now, random: Math.random, failed, reminded })
    cleanups.push('outbox', () => outbox.close())
    const models = modelFolders(config)
    const evidence = await openEvidenceOf({ paths, config, models, book, files, stills, telemetry, audit: store.audit, commit: projector.commit, changed, log, now, failed })
    cleanups.push('evidence', () => evidence.close())
    const questions = startQuestions({ paths, book, assetOf: office.devices.assetOf, commit: projector.commit, changed, now, failed })
    cleanups.push('questions', () => questions.close())

    // Behind a backlog the clock is that of the last record: nothing ends before what came before its end.
    const clock = (): number => (engine.stats()?.offset === ingest.head() ? now() : (engine.stats()?.clock ?? 0))
    const reduction = openReductionClock({ book, commit: projector.commit, changed, clock, now, failed })
    cleanups.push('reduction', () => reduction.close())

    const cameras = await startCameras({ book, ingest, stills, clips: evidence.tap, pushed, past: telemetry.lastScenes, movedTo: ownership.gatewayOf, config, log, now })
    cleanups.push('cameras', () => cameras.close())
    const applied = (digest: Digest, changes: readonly Change[]): void => {
      changed(changes)
      engine.applied(digest.through)
      cameras.follow(digest.entries)
      office.devices.follow(digest.entries)
    }
    const projection = startProjection({ digests$: engine.digests$, projector, applied, log })
    cleanups.push('projection', projection.close)
    const news = engine.latest$.subscribe((changes) => {
      for (const change of changes) latest.set(change.id, change)
      feed.publish(assetEvents(changes, office.devices.areaOf))
    })
    cleanups.push('latest', () => news.unsubscribe())

    // The views of the last life first: what the engine says from here on is newer.
    await republish(book, publish)
    engine.begin()
    const intoBook: BookAppender = { append: ingest.append.bind(ingest), shown: () => projector.reached(ingest.head()) }
    const bookFaults = await importRuleBook(book, intoBook, { log, folder: rules })
    const city: Demo | undefined = demo ? await prepareDemo({ folder: paths.demo, keys: store.keys, book, places: office.places, journal: intoBook }) : undefined
    const inbox = new Inbox(config.data)
    const inboxLoop = watchInbox({ inbox, journal: intoBook, authoring: office.authoring, places: office.places, desks: outbox, audit: store.audit, log, now })
    cleanups.push('inbox', async () => {
      await inboxLoop.close()
      inbox.close()
    })
    const guards = watchGuards({ book, putBack: office.authoring.putBack, audit: store.audit, log, now })
    cleanups.push('guards', () => guards.close())
    const backtests = new Backtests({ paths, book, newId: randomUUID, now, cores: availableParallelism() })
    cleanups.push('backtests', () => backtests.close())

    const metrics = createMetrics({
      ingest: () => ingest.counters(),
      commits: () => ingest.commits(),
      engine: engine.stats,
      head: () => ingest.head(),
      viewers: feed.viewers,
      cameras: cameras.status,
      influx: influx.counters,
      evidence: evidence.stats,
      stills: stills.held,
      desks: outbox.status,
    })
    const { site } = config
    const api = createApi({
      ...{
        alerts: office.alerts,
        silences: office.silences,
        cases: office.cases,
        events: office.events,
        desks: outbox,
        ownership,
        register,
        authoring: office.authoring,
        telemetry,
        coverage: cameras.coverage,
        access: store.access,
        audit: store.audit,
        evidence,
        feed,
        log,
        now,
      },
      backtester: backtests,
      explainer: createExplainer({ book, trace: engine.explain, now }),
      assetOf: telemetry.assetOf,
      health: async () => healthOf({ ingest, engine, projection, cameras, bookFaults, desks: await outbox.status().catch(messageOf) }),
      live: { has: cameras.live.has, watch: cameras.live.watch, close: () => void cameras.live.close(), key: randomBytes(32) },
      cameraStatus: (camera) => cameras.status()[camera],
      metrics: metrics.text,
      answered: metrics.answered,
      site: () =>
        city
          ? { ...city.site, tileUrl: site.tileUrl, languages: ['zh', 'en'] }
          : { name: site.name, center: site.center, zoom: site.zoom, tileUrl: site.tileUrl, languages: ['zh', 'en'] },
      basemap: () => city?.basemap ?? { type: 'FeatureCollection', features: [] },
      staticDir: PAGE_DIR,
    })
    const server = await api.listen(config.http.host, config.http.port)
    cleanups.push('http', server.close)
    if (city) cleanups.push('demo traffic', city.drive(`mqtt://${config.mqtt.host}:${ingest.port}`, log))
    if (city) cleanups.push('demo clips', city.show(log))
    return {
      http: server.port,
      mqtt: ingest.port,
      loginLink: city?.loginLink(`http://${config.http.host}:${server.port}`),
      measures: async () => ({
        ...{ counters: await ingest.counters(), commits: await ingest.commits(), head: ingest.head(), engine: engine.stats() },
        ...{ brokerCpu: await ingest.brokerCpu(), journalCpu: await ingest.journalCpu(), mainCpu: process.threadCpuUsage(), processCpu: process.cpuUsage() },
      }),
      close: () => cleanups.run(),
    }
  } catch (error) {
    await cleanups.run()
    throw error
  }
}
