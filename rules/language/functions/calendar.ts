import type { Calendar } from '../../../domain/calendar.ts'
import type { Instant } from '../../../domain/time.ts'
import { CITY, calendarNamed, dayTurn, hourOf, hourTurn, isHoliday, isOn, isWorkingDay, nextTurn } from '../../calendar.ts'
import type { Node } from '../environment.ts'
import { constant, type LanguageFunction, type Objection, UnsupportedError } from '../function.ts'
import { didYouMean } from '../nearest.ts'
import type { Scope } from '../types.ts'
import type { Context, Evaluate, Result } from '../values.ts'

/** What a calendar says at the event time that is judged, and when it will say something else. */
interface Asked {
  evaluate: Evaluate
  turns: (context: Context) => Instant
}

/** A calendar that nobody has told the platform of says nothing. */
function ask(id: Evaluate, say: (calendar: Calendar, at: Instant) => Result, turn: (calendar: Calendar, at: Instant) => Instant): Asked {
  const named = (context: Context): Calendar | undefined => calendarNamed(context.run.state.calendars, String(id(context)))
  return {
    evaluate: (context) => {
      const calendar = named(context)
      return calendar && say(calendar, context.at)
    },
    turns: (context) => {
      const calendar = named(context)
      return calendar ? turn(calendar, context.at) : Infinity
    },
  }
}

/** Whether the calendar of this id is on. */
export function during(id: Evaluate): Asked {
  return ask(id, isOn, nextTurn)
}

/** What is wrong with an id of a calendar that is written out, where the city's calendars are known. */
export function unknownCalendar(id: Node | undefined, { calendars }: Scope): Objection[] {
  const name = constant(id)
  if (!id || typeof name !== 'string' || calendars === undefined || calendars.includes(name)) return []
  return [{ node: id, why: `there is no calendar ${name}${didYouMean(name, calendars)}` }]
}

function ofCity(
  name: string,
  type: string,
  help: LanguageFunction['help'],
  example: string,
  say: (calendar: Calendar, at: Instant) => Result,
  turn: typeof dayTurn,
): LanguageFunction {
  return {
    name,
    signatures: [`${name}(): ${type}`],
    steady: true,
    help,
    example,
    compile(_args, build) {
      const { evaluate, turns } = ask(() => CITY, say, turn)
      build.turns(turns)
      return evaluate
    },
  }
}

export const CALENDAR: readonly LanguageFunction[] = [
  {
    name: 'during',
    steady: true,
    signatures: ['during(string): bool'],
    names: ['calendar'],
    check: ([id], scope) => unknownCalendar(id, scope),
    help: { zh: '在该日历的时段内', en: 'the calendar of this id is on' },
    example: "during('managed-hours')",
    compile(args, build) {
      if (!args[0]) throw new UnsupportedError('during without a calendar')
      const { evaluate, turns } = during(build.compile(args[0]))
      build.turns(turns)
      return evaluate
    },
  },
  ofCity('workingDay', 'bool', { zh: '今天是工作日(按城市日历)', en: 'today is a working day of the city' }, 'workingDay()', isWorkingDay, dayTurn),
  ofCity('holiday', 'bool', { zh: '今天是节假日(按城市日历)', en: 'today is a public holiday of the city' }, 'holiday()', isHoliday, dayTurn),
  ofCity('hour', 'double', { zh: '当地时间的小时,0 至 23', en: 'hour of the city’s local time, 0 to 23' }, 'hour() >= 22 || hour() < 6', hourOf, hourTurn),
]
