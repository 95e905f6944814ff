import { useEffect, useState } from 'react'
import type { Calendar } from '../../domain/calendar.ts'
import { type CalendarRow, calendars } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { changedParts, plain } from './merge.ts'

/** One calendar being edited: what it was read as, what it is to be, and what others saved meanwhile. */
export interface Edit {
  base: CalendarRow
  draft: Calendar
  dirty: boolean
  /** A newer version than the one that this edit began with, while there is something to lose. */
  theirs: CalendarRow | undefined
  busy: boolean
  problem: Problem | null
  change: (part: Partial<Calendar>) => void
  discard: () => void
  /** Goes on from what others saved, with this text. */
  goOn: (draft: Calendar) => void
  /** The saved calendar, or undefined when it was refused. */
  save: () => Promise<CalendarRow | undefined>
}

/** `newest` is the calendar as it was read last; who has changed nothing follows it. */
export function useEdit(newest: CalendarRow, reload: () => void): Edit {
  const [{ base, draft }, setEdit] = useState({ base: newest, draft: plain(newest) })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const dirty = changedParts(base, draft).length > 0
  const isNewer = newest.version > base.version
  const begin = (from: CalendarRow, text: Calendar = plain(from)): void => {
    setEdit({ base: from, draft: text })
    setProblem(null)
  }
  useEffect(() => {
    if (isNewer && !dirty) setEdit({ base: newest, draft: plain(newest) })
  }, [isNewer, dirty, newest])
  const save = async (): Promise<CalendarRow | undefined> => {
    setBusy(true)
    setProblem(null)
    try {
      const kept = await calendars.save(base.id, base.version, draft)
      begin(kept)
      reload()
      return kept
    } catch (thrown) {
      const failure = problemOf(thrown)
      // Somebody was faster: what they saved is read and shown beside this.
      if (failure.code === 'version.stale') reload()
      setProblem(failure)
      return undefined
    } finally {
      setBusy(false)
    }
  }
  return {
    base,
    draft,
    dirty,
    theirs: isNewer && dirty ? newest : undefined,
    busy,
    problem,
    change: (part) => setEdit((before) => ({ ...before, draft: { ...before.draft, ...part } })),
    discard: () => begin(newest),
    goOn: (text) => begin(newest, text),
    save,
  }
}
