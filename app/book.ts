import { randomUUID } from 'node:crypto'
import { createAlerts } from '../alerts/alerts.ts'
import { alertsApplier } from '../alerts/applier.ts'
import { type AuthoringDeps, type AuthoringRoom, createAuthoring } from '../alerts/authoring.ts'
import { createSilences } from '../alerts/silences.ts'
import { casesApplier } from '../cases/applier.ts'
import { createCases } from '../cases/cases.ts'
import { type DesksDeps, openDesks } from '../cases/desks.ts'
import { createEvents } from '../cases/events.ts'
import { remindersApplier } from '../cases/reminders.ts'
import { routeTo } from '../cases/routes.ts'
import { CodedError } from '../domain/errors.ts'
import type { AssetChange } from '../domain/feed.ts'
import type { Offset } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { Cases, Events } from '../domain/ports/cases.ts'
import type { Desk } from '../domain/ports/desk.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Register } from '../domain/ports/register.ts'
import type { Silences } from '../domain/ports/silences.ts'
import type { Telemetry } from '../domain/ports/telemetry.ts'
import type { RuleFile } from '../domain/rule.ts'
import { parseRuleFile } from '../rules/file.ts'
import { type Book, openBook } from '../store/book/book.ts'
import { rulesTold } from '../store/book/changes.ts'
import { controlsApplier } from '../store/book/controls.ts'
import { openPlaces, type Places } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { createRegister } from '../store/book/register.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { oneAtATime } from '../store/book/turns.ts'
import type { Config } from './config.ts'
import { type DeviceIndex, openDeviceIndex } from './devices.ts'
import { gatewayIndex } from './gateways.ts'

/** The book with everything that reads and writes it. */
export interface BackOffice {
  book: Book
  places: Places
  projector: Projector
  alerts: Alerts
  silences: Silences
  cases: Cases
  events: Events
  register: Register
  authoring: AuthoringRoom
  desks: Desk[]
  devices: DeviceIndex
  /** Newest values of every asset, as the engine tells them. */
  latest: Map<string, AssetChange>
}

/** Opens the book and its services; what they write goes to the journal first. */
export async function openBackOffice(
  path: string,
  journal: ControlAppender & Pick<Telemetry, 'ledger'> & { head(): Offset },
  config: Config,
  { env, now, reminders }: { env: DesksDeps['env']; now: () => number; reminders?: AuthoringDeps['reminders'] },
): Promise<BackOffice> {
  const book = await openBook(path)
  const places = await openPlaces(book)
  const { desks, routes } = openDesks(config.desks, { env, site: config.site.id, now })
  const projector = await createProjector(
    book,
    [registerApplier(places, parseRule), alertsApplier(places, gatewayIndex(journal)), casesApplier, remindersApplier, controlsApplier, rulesTold],
    routeTo(routes),
  )
  const { reached } = projector
  const before = journal.head()
  const turns = oneAtATime(() => reached(before))
  const latest = new Map<string, AssetChange>()
  return {
    book,
    places,
    projector,
    desks,
    latest,
    devices: await openDeviceIndex(book, places),
    alerts: createAlerts({ book, journal, reached }),
    silences: createSilences({ book, journal, reached, newId: () => `silence-${randomUUID()}`, now }),
    cases: createCases({ book, journal, reached, desks: desks.map(({ name }) => name), newId: () => `case-${randomUUID()}` }),
    events: createEvents(book),
    authoring: createAuthoring({ book, journal, reached, turns, ...(reminders && { reminders }) }),
    register: createRegister({ book, places, journal, reached, turns, latest: (asset) => latest.get(asset) }),
  }
}

function parseRule(source: string, base?: string): RuleFile {
  const parsed = parseRuleFile(source, base)
  if ('errors' in parsed) throw new CodedError('rules.invalid', parsed.errors[0]?.why)
  return parsed.file
}
