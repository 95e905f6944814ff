import type { AlertId, RuleId } from '../domain/ids.ts'
import type { Register } from '../domain/ports/register.ts'
import type { Principal } from '../domain/role.ts'
import type { RuleFile } from '../domain/rule.ts'
import { createLoopbackJournal, type LoopbackJournal } from '../fixtures/loopback-journal.ts'
import { NINE, transitionOf } from '../fixtures/records.ts'
import { parseRuleFile } from '../rules/file.ts'
import type { Book } from '../store/book/book.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { createRegister } from '../store/book/register.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { temporaryBook } from '../store/book/temporary-book.ts'
import { alertsApplier } from './applier.ts'
import { type AuthoringRoom, createAuthoring } from './authoring.ts'

export const [WEST, EAST] = ['310104', '310115'] as const
export const zhao: Principal = { name: 'zhao', role: 'author', area: '' }

export const rule = (tilt: number, more = '') => `# ours\nrule: tilted
title: { zh: 倾斜, en: Tilted }
on: cover
params:
  tiltDeg: { value: ${tilt}, unit: deg, min: 2, max: 90 } # of the standard
when: tiltDeg > params.tiltDeg
severity: major
${more}`

/** The rule book on a real disk, its journal in memory, and a clock that the test moves. */
export interface RuleRoom {
  book: Book
  projector: Projector
  journal: LoopbackJournal
  register: Register
  room: AuthoringRoom
  clock: { now: number }
  saved(version: number, source: string, to?: Parameters<AuthoringRoom['save']>[1]['to']): ReturnType<AuthoringRoom['save']>
  /** Versions of `tilted` with their states. */
  states(): Promise<Record<number, string>>
  /** Alerts that a version of `tilted` raises now. */
  raise(version: number, count: number, given?: Partial<ReturnType<typeof transitionOf>>): Promise<void>
  remove(): Promise<void>
}

function parse(source: string): RuleFile {
  const parsed = parseRuleFile(source)
  if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
  return parsed.file
}

export async function openRuleRoom(): Promise<RuleRoom> {
  const at = await temporaryBook()
  const { book } = at
  const clock = { now: NINE }
  const places = await openPlaces(book)
  await places.replace([WEST, EAST].map((code) => ({ code, level: 'district', name: code, polygon: [] })))
  const projector = await createProjector(book, [registerApplier(places, parse), alertsApplier(places)], async () => undefined)
  const journal = createLoopbackJournal(projector.apply, () => clock.now)
  const register = createRegister({ book, places, journal, reached: projector.reached, latest: () => undefined })
  const room = createAuthoring({ book, journal, reached: projector.reached })
  return {
    ...{ book, projector, journal, register, room, clock, remove: at.remove },
    saved: (version, source, to) => room.save('tilted', { version, source, note: `after ${version}`, ...(to && { to }) }, zhao),
    states: async () => Object.fromEntries((await register.ruleVersions('tilted')).map(({ version, state, areas }) => [version, areas ? `${state} in ${areas}` : state])),
    async raise(version, count, given = {}) {
      const offset = journal.head()
      const entries = Array.from({ length: count }, (_, i) =>
        transitionOf(offset + 1, {
          ...{ n: i, rule: 'tilted' as RuleId, ruleVersion: version, alert: `a-${offset}-${i}` as AlertId, key: `c-${i}`, raisedAt: clock.now + i, openedAt: clock.now },
          ...given,
        }),
      )
      await journal.append([{ type: 'tick' }])
      await journal.settled()
      await book.transaction(async (tables) => {
        for (const entry of entries) await alertsApplier(places)(tables, entry)
      })
    },
  }
}
