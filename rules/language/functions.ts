import type { LanguageFunction } from './function.ts'
import { PLACE } from './functions/place.ts'
import { PRESENCE } from './functions/presence.ts'
import { REGISTER } from './functions/register.ts'
import { SENSOR } from './functions/sensor.ts'

/** Every function of the rule language. The type check, the compiler, the page's completion and the documents read this list. */
export const FUNCTIONS: readonly LanguageFunction[] = [...PRESENCE, ...PLACE, ...REGISTER, ...SENSOR]

/** The functions that a condition of this scope may call. */
export function functionsFor(scope: { kind: string; object: boolean }): LanguageFunction[] {
  return FUNCTIONS.filter(({ only, kinds }) => (only === undefined || (only === 'object') === scope.object) && (kinds === undefined || kinds.includes(scope.kind)))
}
