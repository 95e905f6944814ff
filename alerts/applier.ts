import { placeOfArea } from '../domain/area.ts'
import type { Change, Projected } from '../domain/projection.ts'
import type { RuleFile } from '../domain/rule.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Standing } from '../store/book/attention.ts'
import type { Tables } from '../store/book/book.ts'
import { alertChanged, type Cause } from '../store/book/changes.ts'
import type { Places } from '../store/book/places.ts'
import type { Applier } from '../store/book/projector.ts'
import { placeCode } from '../store/book/scope.ts'
import type { Silence } from '../store/book/silences.ts'
import { addAttentionLine, elapse, writeAttention } from './attention.ts'
import { alertAfter, becomesDisproved, eventOf, noteOf, type Surroundings } from './condition.ts'
import { joinFused } from './fusion/fusion.ts'
import { type Outcome, reduceInBook } from './neighbourhood.ts'
import { policyOf } from './policy.ts'
import { type ReviewEvent, reviewAfter, reviewOf } from './review.ts'

type TransitionEntry = Extract<Projected, { type: 'transition' }>
type Judgement = Extract<Projected, { type: 'verdict' | 'acknowledge' }>
type SilenceEntry = Extract<Projected, { type: 'silence' }>

interface Around {
  places: Pick<Places, 'at'>
  gatewayOf(tables: Tables, device: string | undefined): Promise<string | null>
}

/** Who is named where the engine did it. */
const PLATFORM = 'platform'

/**
 * Projects transitions (the condition side), what people say (the review side) and silences into the book of alerts.
 * `gatewayOf` knows the gateway that a device belongs to; it is asked only while a live rule speaks of gateways.
 */
export function alertsApplier(places: Pick<Places, 'at'>, gatewayOf: (device: string) => Promise<string | null> = async () => null): Applier {
  let spoken: boolean | undefined
  const around: Around = {
    places,
    async gatewayOf(tables, device) {
      spoken ??= await tables.attention.rulesSpeakOfGateways()
      return spoken && device !== undefined ? gatewayOf(device) : null
    },
  }
  return async (tables, entry) => {
    if (entry.type === 'rule') spoken = undefined
    if (entry.type !== 'transition' && entry.type !== 'verdict' && entry.type !== 'acknowledge' && entry.type !== 'silence') return []
    const before = await tables.attention.standing()
    // What was due before this record happened before it.
    if (before.due === null || before.due > entry.receivedAt) return apply(tables, entry, around, before)
    const told = await elapse(tables, entry.receivedAt)
    return [...told, ...(await apply(tables, entry, around, await tables.attention.standing()))]
  }
}

async function apply(tables: Tables, entry: TransitionEntry | SilenceEntry | Judgement, around: Around, standing: Standing): Promise<Change[]> {
  if (entry.type === 'transition') return applyTransition(tables, entry, around, standing)
  return entry.type === 'silence' ? applySilence(tables, entry, standing) : applyJudgement(tables, entry, standing)
}

async function applyTransition(tables: Tables, entry: TransitionEntry, around: Around, standing: Standing): Promise<Change[]> {
  const isNew = await tables.transitions.add(entry)
  if (!isNew || entry.shadow) return []
  const before = await tables.alerts.find(entry.alert)
  const file = (await tables.rules.find(entry.rule, entry.ruleVersion))?.file ?? null
  const alert = alertAfter(before, entry, await surroundings(tables, entry, file, around))
  const outcome = await reduceInBook(tables, { type: 'transition', alert, what: entry.what, at: entry.at, clock: entry.receivedAt, policy: policyOf(file) }, standing)
  const after = await keep(tables, alert, outcome)
  await tables.alerts.addLine(entry.alert, { at: entry.at, by: PLATFORM, what: entry.what, note: noteOf(before, entry) })
  if (becomesDisproved(before, entry)) await tables.alerts.addLine(entry.alert, { at: entry.at, by: PLATFORM, what: 'reopened', note: 'disproved by later data' })
  // At its end there is a last picture to take, and the manifest says when it ended.
  if (!before || (entry.condition === 'resolved' && before.condition !== 'resolved')) await tables.evidence.want(entry.alert, file?.on === 'scene' || entry.model !== null)
  if (file?.attribute && (!before || entry.what === 'amended')) await tables.questions.ask(entry.alert, 'vehicle')
  if (file?.doubt && !before) await tables.questions.ask(entry.alert, 'doubt')
  return tell(tables, after, eventOf(before, entry), outcome, { id: `e${entry.offset}-${entry.n}`, at: entry.receivedAt })
}

async function surroundings(tables: Tables, entry: TransitionEntry, file: RuleFile | null, { places, gatewayOf }: Around): Promise<Surroundings> {
  const asset = await tables.assets.find(entry.asset)
  const found = places.at(entry.lon, entry.lat)
  const its = file?.gather ? placeOfArea(file.gather.by, entry.asset) : undefined
  return {
    title: file?.title ?? { zh: entry.rule, en: entry.rule },
    matter: file?.matter ?? asset?.matter ?? null,
    // An alert of an area lies in that area, whatever lies in the middle of its members.
    area: its?.area ?? found.area ?? asset?.area ?? null,
    grid: its ? its.grid : (found.grid ?? asset?.grid ?? null),
    gateway: entry.what === 'raised' ? await gatewayOf(tables, entry.devices[0]) : null,
    doubt: file?.doubt ?? null,
    maintenance: file?.inform === undefined ? null : await tables.attention.openOrder(entry.asset, 'maintenance', entry.receivedAt),
  }
}

async function applyJudgement(tables: Tables, entry: Judgement, standing: Standing): Promise<Change[]> {
  const before = await tables.alerts.find(entry.alert)
  if (!before) return []
  const event: ReviewEvent = entry.type === 'verdict' ? { type: 'verdict', verdict: entry.verdict } : { type: 'acknowledge' }
  const alert: AlertRecord = { ...before, ...reviewAfter(reviewOf(before), event) }
  const outcome = await reduceInBook(tables, { type: 'review', alert, policy: policyOf((await tables.rules.find(alert.rule, alert.ruleVersion))?.file ?? null) }, standing)
  const after = await keep(tables, alert, outcome)
  await tables.alerts.addLine(entry.alert, { at: entry.receivedAt, by: entry.by, ...lineOf(entry) })
  if (entry.type === 'verdict') await tables.evidence.want(entry.alert, alert.model !== null)
  return tell(tables, after, entry.type === 'verdict' ? 'verdict' : 'updated', outcome, { id: `e${entry.offset}`, at: entry.receivedAt })
}

function lineOf(entry: Judgement): { what: string; note: string } {
  if (entry.type === 'acknowledge') return { what: 'acknowledged', note: '' }
  return { what: 'verdict', note: entry.reason === '' ? entry.verdict : `${entry.verdict}: ${entry.reason}` }
}

/** Writes an alert with the attention that reduction gave it. */
async function keep(tables: Tables, alert: AlertRecord, { changes }: Outcome): Promise<AlertRecord> {
  const after = changes.find((change) => change.after.id === alert.id)?.after ?? alert
  await tables.alerts.save(after)
  return after
}

/** The alert's own event first, so that whoever follows knows it before those that it makes quiet. */
async function tell(tables: Tables, alert: AlertRecord, what: 'opened' | 'updated' | 'resolved' | 'verdict', outcome: Outcome, cause: Cause): Promise<Change[]> {
  const change = outcome.changes.find(({ after }) => after.id === alert.id)
  if (change) await addAttentionLine(tables, change, outcome, cause.at)
  // A pair is written down before anybody is told of one of them.
  const fused = await joinFused(tables, outcome, cause, new Set([alert.id]), alert)
  return [await alertChanged(tables, (await tables.alerts.find(alert.id)) ?? alert, what, cause), ...(await writeAttention(tables, outcome, cause, alert.id)), ...fused]
}

async function applySilence(tables: Tables, entry: SilenceEntry, standing: Standing): Promise<Change[]> {
  const known = await tables.silences.find(entry.id)
  const silence = known ? removed(known, entry) : await made(tables, entry)
  if (!silence) return []
  const outcome = await reduceInBook(tables, { type: 'silence', silence }, standing)
  const cause = { id: `e${entry.offset}`, at: entry.receivedAt }
  return [...(await writeAttention(tables, outcome, cause)), ...(await joinFused(tables, outcome, cause, new Set()))]
}

async function made(tables: Tables, entry: SilenceEntry): Promise<Silence> {
  const { id, kind, matchers, from, to, by, reason, receivedAt: at, offset } = entry
  const asset = matchers.asset === undefined ? undefined : await tables.assets.find(matchers.asset)
  const place = matchers.area ?? (asset ? placeCode(asset.area, asset.grid) : null)
  const state = to <= at ? 'expired' : from <= at ? 'active' : 'scheduled'
  return { id, kind, matchers, from, to, by, at, reason, state, removedBy: null, endedAt: state === 'expired' ? to : null, place, offset }
}

/** Somebody ends it; one that is over stays as it ended. */
function removed(silence: Silence, entry: SilenceEntry): Silence | undefined {
  if (!entry.removed || (silence.state !== 'active' && silence.state !== 'scheduled')) return undefined
  return { ...silence, state: 'removed', removedBy: entry.by, endedAt: entry.receivedAt }
}
