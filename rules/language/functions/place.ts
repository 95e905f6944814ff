import { overlap } from '../../../domain/box.ts'
import { distanceM, type Position } from '../../../domain/geo.ts'
import type { Box } from '../../../domain/observation.ts'
import type { Instant } from '../../../domain/time.ts'
import { type LanguageFunction, remember } from '../function.ts'
import type { Context, Evaluate } from '../values.ts'

/** Memory of one `still(…)`: where the thing has stood since when. */
interface Anchor {
  readonly place: Position | Box
  readonly since: Instant
}

/** A box that overlaps its anchor by less than this has moved. */
export const STILL_OVERLAP = 0.6

export const PLACE: readonly LanguageFunction[] = [
  {
    name: 'still',
    signatures: ['still(): bool'],
    only: 'object',
    help: { zh: '目标停在原处', en: 'the object stands where it stood when the hold began' },
    example: 'still()',
    compile: (_args, build) => stillObject(build.slot('hold')),
  },
  {
    name: 'still',
    signatures: ['still(double): bool', 'still(int): bool'],
    only: 'asset',
    help: { zh: '移动不超过这么多米', en: 'it has stayed within so many metres since the hold began' },
    example: 'still(50)',
    compile: (args, build) => stillAsset(build.slot('hold'), args[0] ? build.compile(args[0]) : () => undefined),
  },
]

function stillObject(slot: number): Evaluate {
  return (context) => {
    if (!context.object) return undefined
    const anchor = context.memory[slot] as Anchor | undefined
    if (anchor && overlap(anchor.place as Box, context.object.box) >= STILL_OVERLAP) return true
    return moved(context, slot, context.object.box, anchor !== undefined)
  }
}

function stillAsset(slot: number, radius: Evaluate): Evaluate {
  return (context) => {
    const lon = context.values.lon
    const lat = context.values.lat
    const radiusM = radius(context)
    if (lon === undefined || lat === undefined || radiusM === undefined) return undefined
    const place: Position = [lon.value as number, lat.value as number]
    const anchor = context.memory[slot] as Anchor | undefined
    if (anchor && distanceM(anchor.place as Position, place) <= (radiusM as number)) return true
    return moved(context, slot, place, anchor !== undefined)
  }
}

/** It stands somewhere else now: a hold that was running begins anew at this very look, so the answer stays true. */
function moved(context: Context, slot: number, place: Position | Box, again: boolean): boolean {
  remember(context, slot, { place, since: context.at } satisfies Anchor)
  if (again) context.restarted = true
  return true
}
