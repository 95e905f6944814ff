import type { Scalar } from '../domain/alert.ts'
import type { Position } from '../domain/geo.ts'
import type { Offset } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { registeredPlace } from './city.ts'
import type { Run } from './course.ts'
import type { SeenObject } from './language/values.ts'
import { shownOf } from './objects.ts'
import type { CompiledRule } from './rule.ts'
import type { Onset } from './state.ts'

/** What is seen when a hold begins; without `observation` time alone began it. `earlier`: observations that the condition goes back to. */
export function onsetOf(run: Run, rule: CompiledRule, object: SeenObject | undefined, observation: Observation | undefined, late: boolean, earlier: readonly Offset[] = []): Onset {
  const { values } = run.course
  const place = object && placeOfObject(run, object, observation)
  const shown: Record<string, Scalar> = {}
  if (object) Object.assign(shown, shownOf(object))
  for (const name of rule.fields) {
    const value = values[name]?.value
    if (value !== undefined) shown[name] = typeof value === 'object' ? value.join(' ') : value
  }
  return {
    values: shown,
    observations: observation ? [...new Set([observation.offset, ...earlier])] : [],
    lon: place?.[0] ?? (values.lon?.value as number | undefined) ?? run.asset.asset?.lon ?? null,
    lat: place?.[1] ?? (values.lat?.value as number | undefined) ?? run.asset.asset?.lat ?? null,
    model: (observation?.payload.model as string | undefined) ?? null,
    late,
  }
}

/** Where a calibrated camera sees it; else where the asset is whose place its zone shows. */
function placeOfObject({ state }: Run, { place, zone }: SeenObject, observation: Observation | undefined): Position | undefined {
  if (place) return place
  const shown = observation && state.cameras.get(observation.device)?.zones.find(({ id }) => id === zone)?.asset
  return shown === undefined ? undefined : registeredPlace(state, shown)
}
