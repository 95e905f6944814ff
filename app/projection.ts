import { setTimeout as delay } from 'node:timers/promises'
import { concatMap, type Observable } from 'rxjs'
import { messageOf } from '../domain/errors.ts'
import type { Change, Digest } from '../domain/projection.ts'
import type { Projector } from '../store/book/projector.ts'
import type { Log } from './log.ts'

export interface Projection {
  /** Why the book cannot be written; undefined while it can. */
  fault(): string | undefined
  close(): void
}

const RETRY_MS = 1000

/**
 * Writes what the engine says into the book, digest by digest. A book that cannot be written (a full disk) is tried again
 * until it can: the digest waits, the engine behind it stops reading, and the journal keeps everything.
 */
export function startProjection(parts: {
  digests$: Observable<Digest>
  projector: Projector
  /** It is in the book. */
  applied(digest: Digest, changes: readonly Change[]): void
  log: Log
}): Projection {
  const { digests$, projector, applied, log } = parts
  let fault: string | undefined
  const closing = new AbortController()

  async function project(digest: Digest): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const changes = await projector.apply(digest)
        if (fault !== undefined) log.info({}, 'the book is writable again')
        fault = undefined
        return applied(digest, changes)
      } catch (error) {
        refused(messageOf(error))
        await delay(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined)
      }
    }
  }

  function refused(why: string): void {
    if (fault === undefined) log.error({ why }, 'the book cannot be written; it is tried again')
    fault = why
    projector.refuse(`The book cannot be written (${why}); the record is kept and will show when it can.`)
  }

  const digests = digests$.pipe(concatMap(project)).subscribe()
  return {
    fault: () => fault,
    close() {
      closing.abort()
      digests.unsubscribe()
      projector.refuse('The platform is going down; the record is kept and will show after the next start.')
    },
  }
}
