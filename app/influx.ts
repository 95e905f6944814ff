import { readFileSync } from 'node:fs'
import type { Alert } from '../domain/alert.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { Change } from '../domain/projection.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { type InfluxCounters, openInflux } from '../store/influx.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** The copy of telemetry in InfluxDB; nothing waits for it. */
export interface InfluxOut {
  alerts(changes: readonly Change[]): void
  counters(): InfluxCounters
  close(): Promise<void>
}

const BATCH = 5000
const NOTHING: InfluxOut = { alerts: () => {}, counters: () => ({ written: 0, lost: 0, retried: 0, queued: 0 }), close: async () => {} }

/** Follows the journal from its present end; without a configuration it does nothing. */
export function startInflux({ config, ingest, journal, log }: { config: Config['influx']; ingest: Ingest; journal: string; log: Log }): InfluxOut {
  if (!config) return NOTHING
  const influx = openInflux({ url: config.url, org: config.org, bucket: config.bucket, token: tokenOf(config), log })
  const reader = openJournalReader(journal)
  const port = ingest.headPort()
  let next: Offset = ingest.head() + 1
  port.on('message', ({ head }: { head: Offset }) => {
    while (next <= head) {
      const records = reader.read(next, BATCH).flatMap((batch) => batch.records)
      const last = records.at(-1)
      if (!last) return
      next = last.offset + 1
      influx.add(records.filter((record): record is Observation => record.type === 'observation'))
    }
  })
  return {
    alerts: (changes) => influx.addAlerts(changes.filter(({ event }) => event.type.startsWith('city.wanglou.alert.')).map(({ event }) => event.data as Alert)),
    counters: influx.counters,
    close: async () => {
      port.close()
      reader.close()
      await influx.close()
    },
  }
}

function tokenOf({ tokenEnv, tokenFile }: NonNullable<Config['influx']>): string {
  try {
    const token = tokenEnv === undefined ? (tokenFile === undefined ? '' : readFileSync(tokenFile, 'utf8')) : (process.env[tokenEnv] ?? '')
    if (token.trim() !== '') return token.trim()
  } catch (error) {
    throw new CodedError('config.invalid', undefined, { details: [{ where: 'influx.tokenFile', why: messageOf(error) }] })
  }
  throw new CodedError('config.invalid', undefined, { details: [{ where: 'influx', why: 'tokenEnv or tokenFile must name a token' }] })
}
