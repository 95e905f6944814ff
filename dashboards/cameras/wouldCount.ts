import { zonesOf } from '../../domain/box.ts'
import type { PictureZone } from '../../domain/camera.ts'
import type { Box } from '../../domain/observation.ts'
import type { RuleFile } from '../../domain/rule.ts'

/** An object of a stored scene, as far as it matters here. */
export interface Seen {
  label: string
  score: number
  box: Box
}

/** What an algorithm asks of an object in a picture: a label, a zone, a score. */
export interface Ask {
  labels: readonly string[] | null
  zones: readonly PictureZone[]
  /** Objects below it do not count; null: the rule has no such param. */
  score: number | null
}

/** What a rule bound to a camera asks: its zones by id, else all of its type; its score as the camera sets it. */
export function askOf(
  rule: Pick<RuleFile, 'objects' | 'params'>,
  binding: { zones: readonly string[]; params: Readonly<Record<string, unknown>> },
  zones: readonly PictureZone[],
): Ask {
  const named = zones.filter(({ id }) => binding.zones.includes(id))
  const score = binding.params.score ?? rule.params.score?.value
  return {
    labels: rule.objects?.labels ?? null,
    zones: binding.zones.length > 0 ? named : zones.filter(({ type }) => rule.objects === undefined || type === rule.objects.zone),
    score: typeof score === 'number' ? score : null,
  }
}

/** Why an object does or does not count, by name. */
export type Count = 'counts' | 'otherLabel' | 'outside' | 'tooWeak'

export function countOf(object: Seen, { labels, zones, score }: Ask): Count {
  if (labels && !labels.includes(object.label)) return 'otherLabel'
  if (zonesOf(object.box, zones).length === 0) return 'outside'
  return score !== null && object.score < score ? 'tooWeak' : 'counts'
}

export interface Tally {
  counts: number
  tooWeak: number
  outside: number
  otherLabel: number
}

export function tallyOf(objects: readonly Seen[], ask: Ask): Tally {
  const tally: Tally = { counts: 0, tooWeak: 0, outside: 0, otherLabel: 0 }
  for (const object of objects) tally[countOf(object, ask)]++
  return tally
}

/** How many objects with the right label in the right place there are at each score, in `bins` steps from 0 to 1. */
export function scoreBins(objects: readonly Seen[], ask: Ask, bins = 20): number[] {
  const heights = Array.from({ length: bins }, () => 0)
  for (const object of objects) {
    if (countOf(object, { ...ask, score: null }) !== 'counts') continue
    const bin = Math.min(bins - 1, Math.floor(object.score * bins))
    heights[bin] = (heights[bin] ?? 0) + 1
  }
  return heights
}
