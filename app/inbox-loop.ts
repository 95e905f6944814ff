import { AssetSchema } from '../domain/asset.ts'
import { messageOf } from '../domain/errors.ts'
import type { Control } from '../domain/record.ts'
import { parentOf } from '../rules/source.ts'
import type { Book } from '../store/book/book.ts'
import type { Inbox, InboxEntry } from './inbox.ts'
import type { Log } from './log.ts'
import { type BookAppender, ruleWanted } from './rule-book.ts'

const EVERY_MS = 250
const BATCH = 5000

/** Takes what commands of other processes left, into the journal. */
export function watchInbox(inbox: Inbox, book: Book, journal: BookAppender, log: Log): { close(): Promise<void> } {
  let closed = false
  let running: Promise<void> = Promise.resolve()
  const look = (): void => {
    running = takeAll(inbox, book, journal, log)
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

async function takeAll(inbox: Inbox, book: Book, journal: BookAppender, log: Log): Promise<void> {
  for (let entries = inbox.take(BATCH); entries.length > 0; entries = inbox.take(BATCH)) {
    // The next version of a rule is counted from the last one, which may have been appended a moment ago.
    await journal.shown()
    await takeSome(
      entries.map(({ entry }) => entry),
      book,
      journal,
      log,
    )
    inbox.remove(entries.at(-1)?.id ?? 0)
  }
}

async function takeSome(entries: readonly InboxEntry[], book: Book, journal: BookAppender, log: Log): Promise<void> {
  let controls: Control[] = []
  const rules = new Set<string>()
  const flush = async (): Promise<void> => {
    if (controls.length > 0) await journal.append(controls)
    controls = []
  }
  for (const entry of entries) {
    // The next version counts on the last one, and on its parent's, being in the book.
    if (entry.type === 'rule' && (rules.has(entry.id) || rules.has(parentOf(entry.source) ?? ''))) {
      await flush()
      await journal.shown()
    }
    if (entry.type === 'rule') rules.add(entry.id)
    const control = await controlOf(entry, book, log)
    if (control) controls.push(control)
  }
  await flush()
}

async function controlOf(entry: InboxEntry, book: Book, log: Log): Promise<Control | undefined> {
  if (entry.type === 'rule') {
    const wanted = await ruleWanted(book, entry)
    if ('missing' in wanted) log.error({ rule: entry.id, extends: wanted.missing }, 'a rule was not imported: the one that it extends is not live')
    return 'control' in wanted ? wanted.control : undefined
  }
  const asset = AssetSchema.parse(entry.asset)
  return { type: asset.kind === 'zone' ? 'zone' : 'asset', by: entry.by, asset }
}
