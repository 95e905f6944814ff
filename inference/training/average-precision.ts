import { overlap } from '../../domain/box.ts'
import type { Box } from '../../domain/observation.ts'

export interface Truth {
  label: string
  box: Box
  /** Neither right nor wrong when found. */
  faint: boolean
}
export interface Found {
  label: string
  score: number
  box: Box
}
/** What is in one picture and what was found there. */
export interface Judged {
  truths: readonly Truth[]
  found: readonly Found[]
}

export interface Precision {
  label: string
  /** Things that are there and not faint. */
  truths: number
  /** Area under precision over recall, 0–1; null where there is nothing to find. */
  ap50: number | null
  /** Of what scored at least the threshold, the share that is right; null if there was none. */
  precision: number | null
  /** Share of the things that were found at the threshold; null where there is nothing to find. */
  recall: number | null
}

const SAME = 0.5

/**
 * Average precision at an overlap of one half, all points (as PASCAL VOC since 2010): strongest first, each find takes
 * the thing that it overlaps most if nobody has it yet; precision at a recall is the best at that recall or above.
 */
export function averagePrecision(pictures: readonly Judged[], label: string, threshold: number): Precision {
  const total = pictures.flatMap(({ truths }) => truths).filter((truth) => truth.label === label && !truth.faint).length
  const hits = verdicts(pictures, label)
  const precisions: number[] = []
  let [right, strong, strongRight] = [0, 0, 0]
  for (const [i, { hit, score }] of hits.entries()) {
    if (hit) right++
    precisions.push(right / (i + 1))
    if (score < threshold) continue
    strong++
    if (hit) strongRight++
  }
  let [area, best] = [0, 0]
  for (let i = hits.length - 1; i >= 0; i--) {
    best = Math.max(best, precisions[i] as number)
    if (hits[i]?.hit) area += best
  }
  return {
    label,
    truths: total,
    ap50: total === 0 ? null : area / total,
    precision: strong === 0 ? null : strongRight / strong,
    recall: total === 0 ? null : strongRight / total,
  }
}

/** Whether each find of one label is right, strongest first, without those of faint things. */
export function verdicts(pictures: readonly Judged[], label: string): { score: number; hit: boolean }[] {
  const truths = pictures.map((picture) => picture.truths.filter((truth) => truth.label === label))
  const taken = new Set<Truth>()
  const all = pictures.flatMap(({ found }, picture) => found.filter((each) => each.label === label).map((each) => ({ ...each, picture })))
  return all
    .sort((a, b) => b.score - a.score)
    .flatMap(({ score, box, picture }) => {
      let [nearest, most]: [Truth | undefined, number] = [undefined, SAME]
      for (const truth of truths[picture] as readonly Truth[]) {
        const common = overlap(truth.box, box)
        if (common < most) continue
        nearest = truth
        most = common
      }
      if (nearest?.faint) return []
      const hit = nearest !== undefined && !taken.has(nearest)
      if (nearest) taken.add(nearest)
      return [{ score, hit }]
    })
}

/** Mean over the labels that there is something of; null if there is none. */
export function meanPrecision(each: readonly Precision[]): number | null {
  const known = each.flatMap(({ ap50 }) => ap50 ?? [])
  return known.length === 0 ? null : known.reduce((sum, ap50) => sum + ap50, 0) / known.length
}
