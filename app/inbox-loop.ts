import type { AuthoringRoom } from '../alerts/authoring.ts'
import { AssetSchema } from '../domain/asset.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import type { Inbox, InboxEntry } from './inbox.ts'
import type { Log } from './log.ts'

const EVERY_MS = 250
const BATCH = 5000

interface InboxDeps {
  inbox: Inbox
  journal: ControlAppender
  authoring: Pick<AuthoringRoom, 'takeFile'>
  log: Log
}

/** Takes what commands of other processes left, into the journal. */
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
    await takeSome(
      entries.map(({ entry }) => entry),
      deps,
    )
    inbox.remove(entries.at(-1)?.id ?? 0)
  }
}

/** In order; assets that follow each other go in together, a rule waits until it shows, because the next may extend it. */
async function takeSome(entries: readonly InboxEntry[], { journal, authoring, log }: InboxDeps): Promise<void> {
  let controls: Control[] = []
  const flush = async (): Promise<void> => {
    if (controls.length > 0) await journal.append(controls)
    controls = []
  }
  for (const entry of entries) {
    if (entry.type === 'asset') {
      const asset = AssetSchema.parse(entry.asset)
      controls.push({ type: asset.kind === 'zone' ? 'zone' : 'asset', by: entry.by, asset })
      continue
    }
    await flush()
    await authoring.takeFile(entry).catch((error: unknown) => refused(entry.id, error, log))
  }
  await flush()
}

/** A text that is no rule stays out for good; whatever else stopped it is tried again. */
function refused(rule: string, error: unknown, log: Log): void {
  if (!(error instanceof CodedError) || error.code !== 'rules.invalid') throw error
  log.error({ rule, errors: error.details }, 'a rule was not imported')
}
