import { overlap } from '../../domain/box.ts'
import { groupOf } from '../../domain/labels.ts'
import type { Seen } from './track.ts'

/** Two boxes of one group in one picture that overlap more are one thing seen twice. */
const SAME = 0.7

/** For each thing the strongest one that it is a second sight of; itself if it is none. */
export function originalsOf(seen: readonly Seen[]): number[] {
  const strongestFirst = [...seen.keys()].sort((a, b) => (seen[b] as Seen).score - (seen[a] as Seen).score || a - b)
  const originals = new Array<number>(seen.length)
  const kept: number[] = []
  for (const index of strongestFirst) {
    const thing = seen[index] as Seen
    const original = kept.find((other) => groupOf((seen[other] as Seen).label) === groupOf(thing.label) && overlap((seen[other] as Seen).box, thing.box) >= SAME)
    originals[index] = original ?? index
    if (original === undefined) kept.push(index)
  }
  return originals
}
