import type { AuthoringRoom } from '../alerts/authoring.ts'
import { type Asset, AssetSchema } from '../domain/asset.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Audit } from '../domain/ports/access.ts'
import type { Desks } from '../domain/ports/desk.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import { formatInstant, type Instant } from '../domain/time.ts'
import type { Places } from '../store/book/places.ts'
import type { Inbox, InboxEntry } from './inbox.ts'
import type { Log } from './log.ts'

const EVERY_MS = 250
const BATCH = 5000

interface InboxDeps {
  inbox: Inbox
  journal: ControlAppender
  authoring: Pick<AuthoringRoom, 'takeFile'>
  desks: Pick<Desks, 'replay' | 'enable'>
  audit: Pick<Audit, 'append'>
  places: Pick<Places, 'located'>
  log: Log
  now(): Instant
}

/** Takes what commands of other processes left: assets and rules into the journal, what is asked of desks to the outbox. */
export function watchInbox(deps: InboxDeps): { close(): Promise<void> } {
  let closed = false
  let running: Promise<void> = Promise.resolve()
  const look = (): void => {
    running = takeAll(deps)
      .catch((error: unknown) => deps.log.error({ why: messageOf(error) }, 'the inbox could not be taken; it is tried again'))
      .finally(() => {
        if (!closed) timer = setTimeout(look, EVERY_MS)
      })
  }
  let timer = setTimeout(look, 0)
  return {
    close: async () => {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}

async function takeAll(deps: InboxDeps): Promise<void> {
  const { inbox } = deps
  for (let entries = inbox.take(BATCH); entries.length > 0; entries = inbox.take(BATCH)) {
    await takeSome(entries, deps)
  }
}

/**
 * In order; assets that follow each other go in together, a rule waits until it shows, because the next may extend it.
 * What is done is taken out at once: a later one that fails is tried again alone.
 */
async function takeSome(entries: readonly { id: number; entry: InboxEntry }[], deps: InboxDeps): Promise<void> {
  const { inbox, journal, authoring, places, log } = deps
  let controls: Control[] = []
  const flush = async (): Promise<void> => {
    if (controls.length > 0) await journal.append(controls)
    controls = []
  }
  for (const [index, { id, entry }] of entries.entries()) {
    if (entry.type === 'asset') {
      // The engine reads the journal alone: what is not in the record it does not know.
      const asset = places.located(AssetSchema.parse(entry.asset) as Asset)
      controls.push({ type: asset.kind === 'zone' ? 'zone' : 'asset', by: entry.by, asset })
      continue
    }
    await flush()
    inbox.remove(entries[index - 1]?.id ?? 0)
    if (entry.type === 'desk') await takeDesk(entry, deps).catch((error: unknown) => unknown(entry.desk, error, log))
    else await authoring.takeFile(entry).catch((error: unknown) => refused(entry.id, error, log))
    inbox.remove(id)
  }
  await flush()
  inbox.remove(entries.at(-1)?.id ?? 0)
}

async function takeDesk({ by, desk, act }: Extract<InboxEntry, { type: 'desk' }>, { desks, audit, now }: InboxDeps): Promise<void> {
  const detail = act === 'replay' ? JSON.stringify({ replayed: await desks.replay(desk) }) : ''
  if (act === 'enable') await desks.enable(desk)
  audit.append({ at: formatInstant(now()), by, what: `desk.${act}`, target: desk, detail })
}

/** A desk that is configured no more stays so; whatever else stopped it is tried again. */
function unknown(desk: string, error: unknown, log: Log): void {
  if (!(error instanceof CodedError) || error.code !== 'desk.unknown') throw error
  log.error({ desk }, 'a command named a desk that is not configured')
}

/** A text that is no rule stays out for good; whatever else stopped it is tried again. */
function refused(rule: string, error: unknown, log: Log): void {
  if (!(error instanceof CodedError) || error.code !== 'rules.invalid') throw error
  log.error({ rule, errors: error.details }, 'a rule was not imported')
}
