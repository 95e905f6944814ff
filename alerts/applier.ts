import { placeOfArea } from '../domain/area.ts'
import type { Change, Projected } from '../domain/projection.ts'
import type { RuleFile } from '../domain/rule.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Tables } from '../store/book/book.ts'
import { alertChanged } from '../store/book/changes.ts'
import type { Places } from '../store/book/places.ts'
import type { Applier } from '../store/book/projector.ts'
import { alertAfter, becomesDisproved, eventOf, noteOf, type Surroundings } from './condition.ts'
import { type ReviewEvent, reviewAfter, reviewOf } from './review.ts'

type TransitionEntry = Extract<Projected, { type: 'transition' }>
type Judgement = Extract<Projected, { type: 'verdict' | 'acknowledge' }>

/** Who is named where the engine did it. */
const PLATFORM = 'platform'

/** Projects transitions (the condition side) and what people say (the review side) into the book of alerts. */
export function alertsApplier(places: Pick<Places, 'at'>): Applier {
  return async (tables, entry) => {
    if (entry.type === 'transition') return applyTransition(tables, entry, places)
    if (entry.type === 'verdict' || entry.type === 'acknowledge') return applyJudgement(tables, entry)
    return []
  }
}

async function applyTransition(tables: Tables, entry: TransitionEntry, places: Pick<Places, 'at'>): Promise<Change[]> {
  const isNew = await tables.transitions.add(entry)
  if (!isNew || entry.shadow) return []
  const before = await tables.alerts.find(entry.alert)
  const file = (await tables.rules.find(entry.rule, entry.ruleVersion))?.file ?? null
  const after = alertAfter(before, entry, await surroundings(tables, entry, file, places))
  await tables.alerts.save(after)
  await tables.alerts.addLine(entry.alert, { at: entry.at, by: PLATFORM, what: entry.what, note: noteOf(before, entry) })
  if (becomesDisproved(before, entry)) await tables.alerts.addLine(entry.alert, { at: entry.at, by: PLATFORM, what: 'reopened', note: 'disproved by later data' })
  if (!before) await tables.evidence.want(entry.alert, file?.on === 'scene' || entry.model !== null)
  return [await alertChanged(tables, after, eventOf(before, entry), { id: `e${entry.offset}-${entry.n}`, at: entry.receivedAt })]
}

async function surroundings(tables: Tables, entry: TransitionEntry, file: RuleFile | null, places: Pick<Places, 'at'>): Promise<Surroundings> {
  const asset = await tables.assets.find(entry.asset)
  const found = places.at(entry.lon, entry.lat)
  const its = file?.gather ? placeOfArea(file.gather.by, entry.asset) : undefined
  return {
    title: file?.title ?? { zh: entry.rule, en: entry.rule },
    matter: file?.matter ?? asset?.matter ?? null,
    // An alert of an area lies in that area, whatever lies in the middle of its members.
    area: its?.area ?? found.area ?? asset?.area ?? null,
    grid: its ? its.grid : (found.grid ?? asset?.grid ?? null),
  }
}

async function applyJudgement(tables: Tables, entry: Judgement): Promise<Change[]> {
  const before = await tables.alerts.find(entry.alert)
  if (!before) return []
  const event: ReviewEvent = entry.type === 'verdict' ? { type: 'verdict', verdict: entry.verdict } : { type: 'acknowledge' }
  const after: AlertRecord = { ...before, ...reviewAfter(reviewOf(before), event) }
  await tables.alerts.save(after)
  await tables.alerts.addLine(entry.alert, { at: entry.receivedAt, by: entry.by, ...lineOf(entry) })
  return [await alertChanged(tables, after, entry.type === 'verdict' ? 'verdict' : 'updated', { id: `e${entry.offset}`, at: entry.receivedAt })]
}

function lineOf(entry: Judgement): { what: string; note: string } {
  if (entry.type === 'acknowledge') return { what: 'acknowledged', note: '' }
  return { what: 'verdict', note: entry.reason === '' ? entry.verdict : `${entry.verdict}: ${entry.reason}` }
}
