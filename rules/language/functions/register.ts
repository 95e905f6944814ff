import type { Asset } from '../../../domain/asset.ts'
import type { Instant } from '../../../domain/time.ts'
import { calendarNamed, nextTurn } from '../../calendar.ts'
import { hasOpenCase, isOnAt, placeOf, registeredPlace, zoneAt } from '../../city.ts'
import { type LanguageFunction, UnsupportedError } from '../function.ts'
import type { Context } from '../values.ts'
import { unknownCalendar } from './calendar.ts'

const OPEN_CASE: LanguageFunction = {
  name: 'openCase',
  signatures: ['openCase(string): bool'],
  names: ['case'],
  help: { zh: '该资产有此类未结案件', en: 'a case of this type is open for the asset' },
  example: 'openCase("maintenance")',
  compile(args, build) {
    const type = args[0] && build.compile(args[0])
    return (context) => hasOpenCase(context.run.state, context.run.asset.id, String(type?.(context)))
  },
}

type Permits = Asset['permits']

function permitsOf(context: Context): Permits {
  return context.run.asset.asset?.permits ?? []
}

/** Valid from its first instant to just before its last. */
function validNow(permit: Permits[number], type: string, at: Instant): boolean {
  return permit.type === type && (permit.from === null || at >= permit.from) && (permit.to === null || at < permit.to)
}

/** Without a place nobody knows whether a permit for a zone holds here. */
function permitted(permits: Permits, context: Context, type: string, staleAfter: number): boolean | undefined {
  let answer: boolean | undefined = false
  for (const permit of permits) {
    if (!validNow(permit, type, context.at)) continue
    const here = permit.zone === null ? true : holdsHere(context, permit.zone, staleAfter)
    if (here === true) return true
    if (here === undefined) answer = undefined
  }
  return answer
}

function holdsHere(context: Context, zone: string, staleAfter: number): boolean | undefined {
  // What a camera sees is near it, also where nobody has told which map position its picture shows.
  const place = placeOf(context, staleAfter) ?? registeredPlace(context.run.state, context.run.asset.id)
  return place && zoneAt(context.run.state, zone, place, context.at)
}

function permitTurn(context: Context, type: string): Instant {
  let next = Infinity
  for (const permit of permitsOf(context)) {
    if (permit.type !== type) continue
    for (const edge of [permit.from, permit.to]) if (edge !== null && edge > context.at) next = Math.min(next, edge)
  }
  return next
}

const PERMIT: LanguageFunction = {
  name: 'permit',
  signatures: ['permit(string): bool'],
  names: ['permit'],
  help: { zh: '该资产持有此类现行有效(且适用于此地)的许可', en: 'the asset holds a permit of this type that is valid now, and here if it names a zone' },
  example: "!permit('transport')",
  compile(args, build) {
    if (!args[0]) throw new UnsupportedError('permit without a type')
    const type = build.compile(args[0])
    build.turns((context) => permitTurn(context, String(type(context))))
    return (context) => permitted(permitsOf(context), context, String(type(context)), build.staleAfter)
  },
}

const PERMIT_HOURS: LanguageFunction = {
  name: 'permitHours',
  signatures: ['permitHours(string, string): bool'],
  names: ['permit', 'calendar'],
  check: ([, id], scope) => unknownCalendar(id, scope),
  help: {
    zh: '在该资产此类现行有效许可的时段(许可所列日历)内;许可未列日历,或没有许可,按第二个参数的日历',
    en: 'it is within the hours (the calendar) of a permit of this type that is valid now; by the second calendar where the permit names none, or where there is none',
  },
  example: "!permitHours('transport', 'muck-hours')",
  compile(args, build) {
    const [type, usual] = args.map(build.compile)
    const hours = (context: Context): string[] => {
      const valid = permitsOf(context).filter((permit) => validNow(permit, String(type?.(context)), context.at))
      return valid.length > 0 ? valid.map(({ calendar }) => calendar ?? String(usual?.(context))) : [String(usual?.(context))]
    }
    build.turns((context) => {
      const { calendars } = context.run.state
      const turns = hours(context)
        .map((id) => calendarNamed(calendars, id))
        .map((calendar) => (calendar ? nextTurn(calendar, context.at) : Infinity))
      return Math.min(permitTurn(context, String(type?.(context))), ...turns)
    })
    return (context) => {
      const answers = hours(context).map((id) => isOnAt(context.run.state, id, context.at))
      return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
    }
  },
}

const PLATE_PERMIT: LanguageFunction = {
  name: 'platePermit',
  signatures: ['platePermit(string, string): bool'],
  names: [null, 'permit'],
  only: 'object',
  kinds: ['scene'],
  help: {
    zh: '登记车辆(标签 plate)中此号牌的车持有此类现行有效(且适用于此地)的许可;号牌未读出或登记册没有任何号牌则未知',
    en: 'the registered vehicle with this plate (label plate) holds a permit of this type that is valid now, and here if it names a zone; unknown while the plate was not read or the register has no plate at all',
  },
  example: "!platePermit(plate, 'transport')",
  compile(args, build) {
    const [plate, type] = args.map(build.compile)
    return (context) => {
      const { fleet } = context.run.state
      const read = plate?.(context)
      if (typeof read !== 'string' || fleet.empty) return undefined
      return permitted(fleet.permitsOf(read), context, String(type?.(context)), build.staleAfter)
    }
  },
}

const LABEL: LanguageFunction = {
  name: 'label',
  steady: true,
  signatures: ['label(string): string'],
  help: { zh: '该资产在登记册中的标签,没有则为空', en: 'a label of the asset in the register; empty without' },
  example: "label('fleet') == 'north'",
  compile(args, build) {
    if (!args[0]) throw new UnsupportedError('label without a name')
    const name = build.compile(args[0])
    return (context) => {
      const labels = context.run.asset.asset?.labels ?? {}
      const wanted = String(name(context))
      return Object.hasOwn(labels, wanted) ? labels[wanted] : ''
    }
  },
}

export const REGISTER: readonly LanguageFunction[] = [OPEN_CASE, PERMIT, PERMIT_HOURS, PLATE_PERMIT, LABEL]
