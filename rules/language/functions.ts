import type { LanguageFunction } from './function.ts'
import { CALENDAR } from './functions/calendar.ts'
import { DURATIONS } from './functions/durations.ts'
import { HOLD } from './functions/hold.ts'
import { MEMORY } from './functions/memory.ts'
import { PLACE } from './functions/place.ts'
import { PRESENCE } from './functions/presence.ts'
import { REGISTER } from './functions/register.ts'
import { SCENES } from './functions/scenes.ts'
import { SENSOR } from './functions/sensor.ts'
import { WINDOWS } from './functions/windows.ts'
import { ZONES } from './functions/zones.ts'

/** Every function of the rule language. The type check, the compiler, the page's completion and the documents read this list. */
export const FUNCTIONS: readonly LanguageFunction[] = [
  ...PRESENCE,
  ...HOLD,
  ...WINDOWS,
  ...MEMORY,
  ...PLACE,
  ...ZONES,
  ...SCENES,
  ...CALENDAR,
  ...REGISTER,
  ...SENSOR,
  ...DURATIONS,
]

/** Whether a condition of this scope may call the function. */
export function inScope({ only, kinds }: LanguageFunction, scope: { kind: string; object: boolean }): boolean {
  return (only === undefined || (only === 'object') === scope.object) && (kinds === undefined || kinds.includes(scope.kind))
}

/** The functions that a condition of this scope may call. */
export function functionsFor(scope: { kind: string; object: boolean }): LanguageFunction[] {
  return FUNCTIONS.filter((each) => inScope(each, scope))
}
