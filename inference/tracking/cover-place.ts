import { areaShare, centre } from '../../domain/box.ts'
import { groupOf } from '../../domain/labels.ts'
import type { Box, SceneObject } from '../../domain/observation.ts'

export const CLOSED = 'cover-closed'
export const SHIFTED = 'cover-shifted'
export const MISSING = 'cover-missing'

/** Boxes of what lies still tremble by a tenth of their size; a lid that has moved by more than this share of its own no longer closes. */
export const SHIFT = 0.35
/** What lies farther away than so many of its sizes is another cover. */
const REACH = 3
/** A lid that is seen whole is as large as it was, within these factors: one that is half hidden has its middle elsewhere. */
const WHOLE: readonly [least: number, most: number] = [0.6, 1.7]

/** What one look says of a cover whose place is known. `unclear`: something stands there, or what is seen may be a part of it. */
export type CoverVerdict = { is: 'there' | 'unclear' | 'gone' } | { is: 'shifted'; lid: SceneObject }

/**
 * Judges a cover by its place: `there` when anything of its group is seen where it lies, however faintly; `shifted` when its lid lies
 * beside it, whole and meant (`strong`: from that score on); `gone` when there is nothing of a cover, and nothing else that could hide it.
 */
export function coverAt(place: Box, objects: readonly SceneObject[], strong: number): CoverVerdict {
  const covers = objects.filter(({ label }) => isCover(label))
  if (covers.some(({ box }) => sizesApart(box, place) <= SHIFT)) return { is: 'there' }
  if (objects.some(({ label, box }) => !isCover(label) && touch(box, place))) return { is: 'unclear' }
  const lid = covers.find(({ label, score, box }) => label === CLOSED && score >= strong && sizesApart(box, place) <= REACH && isWhole(box, place))
  if (lid) return { is: 'shifted', lid }
  return { is: covers.some(({ box }) => touch(box, place)) ? 'unclear' : 'gone' }
}

/** Whether another cover lies so near that its lid could be taken for this one's. */
export function isCrowded(place: Box, objects: readonly SceneObject[], strong: number): boolean {
  const near = objects.filter(({ label, score, box }) => isCover(label) && score >= strong && sizesApart(box, place) <= REACH + 1)
  return near.some(({ box }) => sizesApart(box, place) > SHIFT)
}

export function isCover(label: string): boolean {
  return groupOf(label) === 'cover'
}

/** How far the middle of a box is from that of a place, in widths or heights of the place, whichever is more. */
export function sizesApart(box: Box, place: Box): number {
  const [[x, y], [px, py]] = [centre(box), centre(place)]
  return Math.max(Math.abs(x - px) / place[2], Math.abs(y - py) / place[3])
}

function isWhole(box: Box, place: Box): boolean {
  const share = areaShare(box) / areaShare(place)
  return share >= WHOLE[0] && share <= WHOLE[1]
}

function touch(a: Box, b: Box): boolean {
  return a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
}
