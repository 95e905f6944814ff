import { AssetSchema } from '../domain/asset.ts'
import { messageOf } from '../domain/errors.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import type { Book } from '../store/book/book.ts'
import type { Inbox, InboxEntry } from './inbox.ts'
import type { Log } from './log.ts'
import { ruleControl } from './rule-book.ts'

const EVERY_MS = 250
const BATCH = 5000

/** Takes what commands of other processes left, into the journal. */
export function watchInbox(inbox: Inbox, book: Book, journal: ControlAppender, log: Log): { close(): Promise<void> } {
  let closed = false
  let running: Promise<void> = Promise.resolve()
  const given: Given = new Map()
  const look = (): void => {
    running = takeAll({ inbox, book, journal, log, given })
      .catch((error: unknown) => log.error({ why: messageOf(error) }, 'the inbox could not be taken; it is tried again'))
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

/** Versions that this process gave: the book shows them only after a while, and two must not bear one number. */
type Given = Map<string, { version: number; source: string }>

interface Parts {
  inbox: Inbox
  book: Book
  journal: ControlAppender
  log: Log
  given: Given
}

async function takeAll(parts: Parts): Promise<void> {
  const { inbox, journal } = parts
  for (let entries = inbox.take(BATCH); entries.length > 0; entries = inbox.take(BATCH)) {
    const controls: Control[] = []
    for (const { entry } of entries) {
      const control = await controlOf(entry, parts)
      if (control) controls.push(control)
    }
    if (controls.length > 0) await journal.append(controls)
    inbox.remove(entries.at(-1)?.id ?? 0)
  }
}

/** An entry of another program version that cannot be read is left out, with a word: it must not hold up those behind it. */
async function controlOf(entry: InboxEntry, { book, log, given }: Parts): Promise<Control | undefined> {
  if (entry.type === 'rule') {
    const control = await ruleControl(book, entry, given.get(entry.id))
    if (control?.type === 'rule') given.set(entry.id, control)
    return control
  }
  const parsed = AssetSchema.safeParse(entry.asset)
  if (!parsed.success) {
    log.error({ why: parsed.error.message }, 'an asset in the inbox cannot be read and is left out')
    return undefined
  }
  const asset = parsed.data
  return { type: asset.kind === 'zone' ? 'zone' : 'asset', by: entry.by, asset }
}
