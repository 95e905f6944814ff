import { distanceM, distanceToLineM } from '../../../domain/geo.ts'
import type { Offset } from '../../../domain/ids.ts'
import type { Instant } from '../../../domain/time.ts'
import { exactPlaceOf, placeOf, registeredPlace, routesOf, zoneAt } from '../../city.ts'
import { distanceToZoneM } from '../../zones.ts'
import type { Node } from '../environment.ts'
import { type Builder, type LanguageFunction, remember } from '../function.ts'
import type { Context, Evaluate } from '../values.ts'

/** Memory of one `entered`, `left` or `dwell`: what the newest fix said of the zone. */
interface Visit {
  readonly zone: string
  readonly inside: boolean
  /** Since which fix it has been so, and the newest one. */
  readonly since: Instant
  readonly fix: Instant
  /** What the newest fix changed; `unknown`: there was none before it, or too long ago. */
  readonly turned: 'entered' | 'left' | 'unknown' | null
  /** The observation that brought the newest fix. */
  readonly by: Offset
}

export const ZONES: readonly LanguageFunction[] = [
  {
    name: 'inside',
    signatures: ['inside(string): bool'],
    names: ['zone'],
    help: {
      zh: '位于该区域(编号或类型)内;没有移动的资产按登记位置,画面中的目标按标定的摄像机',
      en: 'it is in a zone of this id or type; what does not drive and says no place is where the register has it, an object where a calibrated camera sees it',
    },
    example: "inside('banned')",
    compile(args, build) {
      const zone = zoneName(args, build)
      return (context) => {
        const point = exactPlaceOf(context, build.staleAfter)
        return point && zoneAt(context.run.state, zone(context), point, context.at)
      }
    },
  },
  turn('entered', {
    zh: '本次定位显示刚进入该区域;首次定位,或中断过久后的首次定位,为未知',
    en: 'this fix shows that it has come into the zone; unknown at the first fix, and at the first after a silence that is too long',
  }),
  turn('left', {
    zh: '本次定位显示刚离开该区域;首次定位,或中断过久后的首次定位,为未知',
    en: 'this fix shows that it has gone out of the zone; unknown at the first fix, and at the first after a silence that is too long',
  }),
  {
    name: 'dwell',
    signatures: ['dwell(string): google.protobuf.Duration'],
    names: ['zone'],
    only: 'asset',
    help: {
      zh: '已在该区域内多久,不在则为零;只在有观测时判断,长时间无定位则为未知,之后重新计时',
      en: 'how long it has been in the zone, zero outside; judged at observations only, since a silent thing may be anywhere; unknown when its last fix is too old, and counted anew from the next',
    },
    example: "dwell('depot') > duration('15m')",
    compile(args, build) {
      const slot = visitSlot(args, build)
      return (context) => {
        const visit = context.memory[slot] as Visit | null | undefined
        if (!visit || context.at - visit.fix > build.staleAfter) return undefined
        return visit.inside ? context.at - visit.since : 0
      }
    },
  },
  {
    name: 'distanceTo',
    signatures: ['distanceTo(string): double'],
    names: ['zone'],
    unit: 'm',
    help: {
      zh: '到该区域(编号或类型)边缘或登记资产的距离,米;在区域内为零',
      en: 'metres to the edge of the nearest zone of this id or type, zero inside, or to an asset that stands where the register has it',
    },
    example: "distanceTo('school') < 100.0",
    compile(args, build) {
      const name = zoneName(args, build)
      return (context) => distanceTo(context, name(context), build.staleAfter)
    },
  },
  {
    name: 'offRoute',
    signatures: ['offRoute(double): bool', 'offRoute(int): bool'],
    only: 'asset',
    help: {
      zh: '偏离其许可或标签 route 所指路线超过这么多米;没有路线则为未知',
      en: 'farther than so many metres from every route that its valid permits and its label route name; unknown without a route',
    },
    example: 'offRoute(100)',
    compile(args, build) {
      const metres = args[0] ? build.compile(args[0]) : () => undefined
      return (context) => {
        const limit = metres(context)
        const point = placeOf(context, build.staleAfter)
        const routes = routesOf(context)
        if (limit === undefined || !point || routes.length === 0) return undefined
        return routes.every((line) => distanceToLineM(point, line) > (limit as number))
      }
    },
  },
]

function zoneName(args: readonly Node[], build: Builder): (context: Context) => string {
  const zone: Evaluate = args[0] ? build.compile(args[0]) : () => ''
  return (context) => String(zone(context))
}

function turn(name: 'entered' | 'left', help: LanguageFunction['help']): LanguageFunction {
  return {
    name,
    signatures: [`${name}(string): bool`],
    names: ['zone'],
    only: 'asset',
    help,
    example: `${name}('site')`,
    compile(args, build) {
      const slot = visitSlot(args, build)
      return (context) => {
        const visit = context.memory[slot] as Visit | null | undefined
        if (!visit) return undefined
        if (visit.by !== context.observation?.offset) return false
        return visit.turned === 'unknown' ? undefined : visit.turned === name
      }
    },
  }
}

/** A slot in which every new fix is compared with the one before. */
function visitSlot(args: readonly Node[], build: Builder): number {
  const zone = zoneName(args, build)
  const slot = build.slot('key')
  build.feed((context) => {
    const { lon, lat } = context.values
    if (!lon || !lat || !context.observation) return
    const wanted = zone(context)
    const before = context.memory[slot] as Visit | null | undefined
    const known = before && before.zone === wanted && lon.at - before.fix <= build.staleAfter ? before : undefined
    if (known && known.fix === lon.at) return
    const inside = zoneAt(context.run.state, wanted, [lon.value as number, lat.value as number], lon.at)
    remember(context, slot, {
      zone: wanted,
      inside,
      since: known?.inside === inside ? known.since : lon.at,
      fix: lon.at,
      turned: known ? (known.inside === inside ? null : inside ? 'entered' : 'left') : 'unknown',
      by: context.observation.offset,
    } satisfies Visit)
  })
  return slot
}

function distanceTo(context: Context, name: string, staleAfter: number): number | undefined {
  const point = exactPlaceOf(context, staleAfter)
  if (!point) return undefined
  const zones = context.run.state.zones.named(name)
  if (zones.length > 0) return Math.min(...zones.map((zone) => distanceToZoneM(zone, point)))
  const place = registeredPlace(context.run.state, name)
  return place && distanceM(point, place)
}
