import { areaShare, crosses, footOf, gap, overlap, zoneShare, zonesOf } from '../../../domain/box.ts'
import type { PictureZone } from '../../../domain/camera.ts'
import type { Box, SceneObject } from '../../../domain/observation.ts'
import type { Instant } from '../../../domain/time.ts'
import type { Node } from '../environment.ts'
import { type Builder, constant, type LanguageFunction, remember } from '../function.ts'
import type { Context, Evaluate } from '../values.ts'
import { STILL_OVERLAP } from './place.ts'

/** Memory of one `stillFor` or `seenFor`: since when it has been there; `box`: where it came to stand. */
interface Since {
  readonly since: Instant
  readonly box: Box
}

/** Boxes are fractions of width and height; nobody says which shape the picture has, and nearly all have this one. */
const ASPECT = 16 / 9

export const SCENES: readonly LanguageFunction[] = [
  {
    name: 'objects',
    signatures: ['objects(string): double', 'objects(string, string): double', 'objects(string, string, double): double', 'objects(string, string, int): double'],
    names: ['label', 'pictureZone'],
    only: 'asset',
    kinds: ['scene'],
    help: {
      zh: '本次画面中该标签的目标数,可限于该区域(编号或类型)和不小于画面这一比例的目标;规则有参数 score 时只计不低于它的目标',
      en: 'how many objects of this label this look shows, in zones of this id or type if one is named, and that cover so much of the picture; from params.score on if the rule has it',
    },
    example: "objects('garbage', 'street') >= 3.0",
    compile(args, build) {
      const label = textOf(args[0], build)
      const zone = args[1] && textOf(args[1], build)
      const share = args[2] && build.compile(args[2])
      return (context) => {
        if (context.observation?.kind !== 'scene') return undefined
        const wanted = label(context)
        const least = share ? (share(context) as number | undefined) : 0
        if (least === undefined) return undefined
        let ids: readonly string[] | undefined
        let count = 0
        for (const object of shown(context)) {
          if (object.label !== wanted || isFaint(context, object) || (least > 0 && areaShare(object.box) < least)) continue
          ids ??= idsOf(context, zone?.(context))
          if (ids === ANYWHERE || standsIn(context, object, ids)) count++
        }
        return count
      }
    },
  },
  {
    name: 'zoneShare',
    signatures: ['zoneShare(): double'],
    only: 'object',
    help: {
      zh: '目标的框占它所在区域的比例(0 至 1);画面中没有画出该区域则为未知',
      en: 'share of its zone that its box covers, 0 to 1; unknown where nobody drew the zone into the picture',
    },
    example: 'zoneShare() >= 0.05',
    compile: () => (context) => {
      const { object } = context
      const zone = object && drawnZones(context).find(({ id }) => id === object.zone)
      return zone && zoneShare(object.box, zone.polygon)
    },
  },
  {
    name: 'stillFor',
    signatures: ['stillFor(): google.protobuf.Duration'],
    only: 'object',
    help: { zh: '目标在原处停了多久', en: 'how long the object has stood where it stands' },
    example: "stillFor() > duration('10m')",
    compile: (_args, build) => sinceSlot(build, (memory, box) => overlap(memory.box, box) >= STILL_OVERLAP),
  },
  {
    name: 'seenFor',
    signatures: ['seenFor(): google.protobuf.Duration'],
    only: 'object',
    help: { zh: '自在该区域首次看到起多久', en: 'how long since the first look that saw the object in the zone' },
    example: "seenFor() > duration('30s')",
    compile: (_args, build) => sinceSlot(build, () => true),
  },
  {
    name: 'crossed',
    signatures: ['crossed(string): bool'],
    names: ['pictureZone'],
    only: 'object',
    help: {
      zh: '自上次画面起,目标底边中点越过该线或该区域(编号或类型)的边;首次看到时为未知',
      en: 'its bottom centre crossed this line, or an edge of this zone, by id or type, since the look before; unknown at the first look',
    },
    example: "crossed('stop-line')",
    compile(args, build) {
      const name = textOf(args[0], build)
      return (context) => {
        const { object } = context
        if (!object?.before) return undefined
        const [from, to] = [footOf(object.before), footOf(object.box)]
        return zonesNamed(context, name(context)).some((zone) => edgesOf(zone).some((edge) => crosses(from, to, edge)))
      }
    },
  },
  {
    name: 'near',
    signatures: ['near(string, double): bool', 'near(string, int): bool'],
    names: ['label'],
    only: 'object',
    help: {
      zh: '该标签的另一目标与它的框相距不超过这么多个画面高度(按 16:9 画面)',
      en: 'another object of this label has its box within so many picture heights of this one’s (the picture taken as 16:9); from params.score on if the rule has it',
    },
    example: "near('person', 0.1)",
    compile(args, build) {
      const label = textOf(args[0], build)
      const distance: Evaluate = args[1] ? build.compile(args[1]) : () => undefined
      return (context) => {
        const { object } = context
        const most = distance(context)
        if (!object || !context.observation || most === undefined) return undefined
        const wanted = label(context)
        return shown(context).some(
          (other) => other.label === wanted && other.track !== object.track && !isFaint(context, other) && gap(other.box, object.box, ASPECT) <= (most as number),
        )
      }
    },
  },
]

function textOf(node: Node | undefined, build: Builder): (context: Context) => string {
  const written = constant(node)
  if (typeof written === 'string') return () => written
  const text: Evaluate = node ? build.compile(node) : () => ''
  return (context) => String(text(context))
}

/** All that the look shows, tracked or not. */
function shown({ observation }: Context): readonly SceneObject[] {
  return (observation?.payload.objects as SceneObject[] | undefined) ?? NOTHING
}

const NOTHING: readonly SceneObject[] = []

/** Objects below the score that the rule asks for, if it asks for one. */
function isFaint({ params }: Context, { score }: SceneObject): boolean {
  const least = params.score
  return typeof least === 'number' && score < least
}

function drawnZones({ run, observation }: Context): readonly PictureZone[] {
  return (observation && run.state.cameras.get(observation.device)?.zones) ?? []
}

function zonesNamed(context: Context, wanted: string): PictureZone[] {
  return drawnZones(context).filter(({ id, type }) => id === wanted || type === wanted)
}

/**
 * Zones that a call asks for, by id. The name itself too: a scene may name zones that nobody drew. Of a camera that binds
 * the rule to zones, those of them that bear the name, or all where none does: then they stand for it.
 */
function idsOf(context: Context, wanted: string | undefined): readonly string[] {
  const { zones: bound } = context
  if (wanted === undefined) return bound ?? ANYWHERE
  const named = [wanted, ...zonesNamed(context, wanted).map(({ id }) => id)]
  if (!bound) return named
  const both = named.filter((id) => bound.includes(id))
  return both.length > 0 ? both : bound
}

const ANYWHERE: readonly string[] = []

function standsIn(context: Context, { box, zones }: SceneObject, ids: readonly string[]): boolean {
  return (zones ?? zonesOf(box, drawnZones(context))).some((zone) => ids.includes(zone))
}

/** A line as it is drawn, a polygon closed. */
function edgesOf({ polygon, line }: PictureZone): (readonly (readonly [number, number])[])[] {
  const first = polygon[0]
  return [...(line ? [line] : []), ...(first ? [[...polygon, first]] : [])]
}

/** ms since the object came to be as it is; every look says whether it `stays` so. */
function sinceSlot(build: Builder, stays: (memory: Since, box: Box) => boolean): Evaluate {
  const slot = build.slot('key')
  build.feed((context) => {
    const box = context.object?.box
    const memory = context.memory[slot] as Since | null | undefined
    if (box && !(memory && stays(memory, box))) remember(context, slot, { since: context.at, box } satisfies Since)
  })
  return (context) => {
    const memory = context.memory[slot] as Since | null | undefined
    return memory ? context.at - memory.since : undefined
  }
}
