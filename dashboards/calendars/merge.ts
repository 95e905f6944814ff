import type { Calendar } from '../../domain/calendar.ts'
import { isClock } from './days.ts'

export const PARTS = ['hours', 'holidays', 'workdays', 'zone', 'source'] as const
export type Part = (typeof PARTS)[number]

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The calendar alone, without who saved it and when. */
export function plain({ zone, hours, holidays, workdays, source }: Calendar): Calendar {
  return { zone, hours, holidays, workdays, source }
}

/** Which parts of a calendar differ. */
export function changedParts(before: Calendar, after: Calendar): Part[] {
  return PARTS.filter((part) => !same(before[part], after[part]))
}

/** What two people made of one calendar, joined part by part; undefined when both changed the same part in different ways. */
export function mergeCalendars(base: Calendar, mine: Calendar, theirs: Calendar): Calendar | undefined {
  const both = changedParts(base, mine).filter((part) => !same(base[part], theirs[part]) && !same(mine[part], theirs[part]))
  if (both.length > 0) return undefined
  return { ...plain(theirs), ...Object.fromEntries(changedParts(base, mine).map((part) => [part, mine[part]])) }
}

/** Whether a calendar can be saved as it stands: a stretch may still lack its days or be half typed. The platform checks the rest. */
export function isWhole({ hours }: Calendar): boolean {
  return hours.every(({ days, from, to }) => days.length > 0 && isClock(from) && isClock(to))
}
