import type { Offset } from '../domain/ids.ts'
import { HOUR } from '../domain/time.ts'
import { BACKFILL_MS } from './backfill.ts'
import { forgetOld } from './raised.ts'
import { type AssetState, copyCourse } from './state.ts'

const EVERY_OBSERVATIONS = 64
const EVERY_MS = 6 * HOUR
/** An asset with fewer has all that were taken within the reach of a backfill. */
export const MOST_CHECKPOINTS = 8

/** After the record at `offset`: keeps a copy of the course now and then, so that a backfill has somewhere near to begin. */
export function checkpoint(asset: AssetState, offset: Offset, force = false): void {
  asset.sinceCheckpoint++
  const last = asset.checkpoints.at(-1)
  const { course } = asset
  if (!force && asset.sinceCheckpoint < EVERY_OBSERVATIONS && course.frontier - (last?.at ?? 0) < EVERY_MS) return
  asset.sinceCheckpoint = 0
  if (last && last.at >= course.frontier) asset.checkpoints.pop()
  asset.checkpoints.push({ at: course.frontier, offset, course: copyCourse(course) })
  prune(asset)
  forgetOld(asset)
}

/** Drops what no backfill can reach, then thins the rest where it stands closest. */
function prune(asset: AssetState): void {
  const reach = asset.course.frontier - BACKFILL_MS
  const oldest = asset.checkpoints.findLastIndex((each) => each.at <= reach)
  if (oldest > 0) asset.checkpoints.splice(0, oldest)
  while (asset.checkpoints.length > MOST_CHECKPOINTS) asset.checkpoints.splice(closest(asset), 1)
}

/** Index of the checkpoint that is missed least: its neighbours stand closest together, relative to their age. */
function closest(asset: AssetState): number {
  let best = 1
  let least = Infinity
  for (let i = 1; i < asset.checkpoints.length - 1; i++) {
    const before = asset.checkpoints[i - 1]
    const after = asset.checkpoints[i + 1]
    if (!before || !after) continue
    const gap = (after.at - before.at) / (asset.course.frontier - after.at + 60_000)
    if (gap < least) {
      least = gap
      best = i
    }
  }
  return best
}
