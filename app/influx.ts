import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Alert } from '../domain/alert.ts'
import { messageOf } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { Change } from '../domain/projection.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { type InfluxCounters, openInflux } from '../store/influx.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import type { Log } from './log.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the copy goes. That its token is where it says belongs to its being right. */
export const influxSchema = (env: Environment) =>
  z
    .strictObject({
      url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).describe('of the server'),
      org: z.string().describe('organisation'),
      bucket: z.string().describe('bucket that telemetry goes to'),
      tokenEnv: z.string().optional().describe('environment variable that holds the token; it or the file is needed'),
      tokenFile: z.string().optional().describe('file that holds it'),
    })
    .superRefine(
      ({ tokenEnv, tokenFile }, context) => {
        if (tokenEnv === undefined && tokenFile === undefined) return context.addIssue('needs a token: tokenEnv or tokenFile')
        try {
          tokenOf({ tokenEnv, tokenFile }, env)
        } catch (error) {
          context.addIssue({ code: 'custom', path: [tokenEnv === undefined ? 'tokenFile' : 'tokenEnv'], message: messageOf(error) })
        }
      },
      // Also beside other errors: all are told at once.
      { when: ({ value }) => typeof value === 'object' && value !== null },
    )
type InfluxConfig = z.infer<ReturnType<typeof influxSchema>>

/** The copy of telemetry in InfluxDB; nothing waits for it. */
export interface InfluxOut {
  alerts(changes: readonly Change[]): void
  counters(): InfluxCounters
  close(): Promise<void>
}

const BATCH = 5000
const NOTHING: InfluxOut = { alerts: () => {}, counters: () => ({ written: 0, lost: 0, retried: 0, queued: 0 }), close: async () => {} }

/** Follows the journal from its present end; without a configuration it does nothing. */
export function startInflux({ config, env, ingest, journal, log }: { config: InfluxConfig | null; env: Environment; ingest: Ingest; journal: string; log: Log }): InfluxOut {
  if (!config) return NOTHING
  const influx = openInflux({ url: config.url, org: config.org, bucket: config.bucket, token: tokenOf(config, env), log })
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

/** The token that the configuration points at. Throws when there is none. */
function tokenOf({ tokenEnv, tokenFile }: Pick<InfluxConfig, 'tokenEnv' | 'tokenFile'>, env: Environment): string {
  const token = (tokenEnv === undefined ? readFileSync(tokenFile ?? '', 'utf8') : (env[tokenEnv] ?? '')).trim()
  if (token === '') throw new RangeError(tokenEnv === undefined ? `${tokenFile} is empty` : `the environment has no ${tokenEnv}`)
  return token
}
