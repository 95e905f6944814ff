import { Inbox, type InboxEntry } from '../inbox.ts'

/** Who it was, where a command did it. */
export const BY = 'command-line'

/** Leaves entries to the platform, all or none. True: a running one has taken them; else they wait for the next start. */
export async function leave(data: string, entries: readonly InboxEntry[]): Promise<boolean> {
  const inbox = new Inbox(data)
  try {
    inbox.add(entries, Date.now())
    for (let i = 0; i < 20 && inbox.waiting > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100))
    return inbox.waiting === 0
  } finally {
    inbox.close()
  }
}
