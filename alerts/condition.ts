import type { EditReason, Transition } from '../domain/alert.ts'
import type { Texts } from '../domain/asset.ts'
import { SHOWN } from '../domain/attention.ts'
import type { Doubt, Matter } from '../domain/rule.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import { doubted } from './fusion/doubt.ts'
import { reviewAfter, reviewOf, UNREVIEWED } from './review.ts'

/** What the book knows of an alert besides its transition. */
export interface Surroundings {
  title: Texts
  matter: Matter | null
  area: string | null
  grid: string | null
  gateway: string | null
  /** The order that makes it information only (S12). */
  maintenance: AlertRecord['maintenance']
  /** What becomes of it while it is doubted. */
  doubt: Doubt | null
}

/** How an alert stands after a transition. The condition side is the transition's; review changes only when it was disproved. */
export function alertAfter(before: AlertRecord | undefined, transition: Transition, around: Surroundings): AlertRecord {
  const review = before ? reviewOf(before) : UNREVIEWED
  const after: AlertRecord = {
    ...conditionSide(transition),
    ...(becomesDisproved(before, transition) ? reviewAfter(review, { type: 'disproved' }) : review),
    title: around.title,
    matter: around.matter,
    // The area stays that of the raise: people's lists and the topic must not lose an alert because its vehicle drove on.
    area: before ? before.area : around.area,
    grid: before ? before.grid : around.grid,
    case: before?.case ?? null,
    offset: before?.offset ?? transition.offset,
    gateway: before ? before.gateway : around.gateway,
    maintenance: around.maintenance,
    // Whose it was is asked beside the projection.
    vehicle: before?.vehicle ?? null,
    attributedAt: before?.attributedAt ?? null,
    doubt: null,
    // What becomes of it is reduction's to say.
    group: before?.group ?? null,
    attention: before?.attention ?? SHOWN,
  }
  return before?.doubt && around.doubt ? doubted(after, around.doubt, before.doubt) : after
}

export function becomesDisproved(before: AlertRecord | undefined, transition: Transition): boolean {
  return transition.amended === 'disproved' && before !== undefined && before.amended !== 'disproved'
}

type Around = keyof Surroundings | 'doubt' | 'vehicle' | 'attributedAt' | 'case' | 'offset' | 'review' | 'verdict' | 'group' | 'attention'

function conditionSide(transition: Transition): Omit<AlertRecord, Around> {
  return {
    id: transition.alert,
    rule: transition.rule,
    ruleVersion: transition.ruleVersion,
    key: transition.key,
    asset: transition.asset,
    devices: transition.devices,
    severity: transition.severity,
    condition: transition.condition,
    openedAt: transition.openedAt,
    raisedAt: transition.raisedAt,
    resolvedAt: transition.resolvedAt,
    late: transition.late,
    amended: transition.amended,
    lon: transition.lon,
    lat: transition.lat,
    values: transition.values,
    params: transition.params,
    observations: transition.observations,
    model: transition.model,
    dispatch: transition.dispatch,
  }
}

const EVENT_OF = { raised: 'opened', resolved: 'resolved', recovering: 'updated', refired: 'updated', severity: 'updated', amended: 'updated', edited: 'updated' } as const

/** Which event tells consumers of a transition. The first that they hear of an alert is always `opened`. */
export function eventOf(before: AlertRecord | undefined, transition: Transition): 'opened' | 'updated' | 'resolved' {
  return before ? EVENT_OF[transition.what] : 'opened'
}

/** An area's alert tells now and then how many it has become. */
function grownNote(before: AlertRecord | undefined, { values }: Transition): string {
  return before && before.values.count !== values.count ? `${String(before.values.count)} → ${String(values.count)}` : ''
}

const WHY = {
  edited: 'the rule was edited',
  not_in_force: 'the rule no longer applies',
  not_looking: 'the camera no longer looks there',
  quarantined: 'the rule is quarantined',
} as const satisfies Record<EditReason, string>

/** What the timeline says beside the name of the change. */
export function noteOf(before: AlertRecord | undefined, transition: Transition): string {
  switch (transition.what) {
    case 'raised':
      return [transition.severity, transition.late ? 'late' : '', transition.why ? WHY[transition.why] : ''].filter(Boolean).join(', ')
    case 'severity':
      return before ? `${before.severity} → ${transition.severity}` : transition.severity
    case 'amended':
      return transition.amended ?? grownNote(before, transition)
    case 'edited':
      return [`version ${transition.ruleVersion}`, before && before.severity !== transition.severity ? `${before.severity} → ${transition.severity}` : '']
        .filter(Boolean)
        .join(', ')
    case 'recovering':
    case 'refired':
    case 'resolved':
      return transition.why === undefined ? '' : WHY[transition.why]
  }
}
