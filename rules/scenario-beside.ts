import { deniedBy } from '../domain/denied.ts'
import { EARTH_RADIUS_M, type Position } from '../domain/geo.ts'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Observation, SceneObject } from '../domain/observation.ts'
import type { Doubt, RuleFile } from '../domain/rule.ts'
import { SECOND } from '../domain/time.ts'
import type { Scenario } from './scenario-file.ts'
import { objectsOf } from './scenario-records.ts'

/**
 * What a rule says differently from what a scenario expects of what stands beside its alerts: `fuse` and `doubt` are asked
 * when an alert stands, so that no transition shows them.
 */
export function besideDifferences({ fuse, doubt }: Pick<RuleFile, 'fuse' | 'doubt'>, scenario: Scenario): string[] {
  const fusions = scenario.beside.flatMap(({ rule, m, fused }): string[] => {
    const is = fuse?.with.includes(rule) === true && m <= fuse.withinM
    return is === fused ? [] : [`an alert of ${rule} ${m} m away ${is ? 'is one with it' : 'stands by itself'}`]
  })
  const denials = scenario.witnessed.flatMap(({ see, m, denied }): string[] => {
    const is = doubt !== undefined && isDenied(doubt, scenario, see, m)
    return is === denied ? [] : [`looks that show ${see} ${m} m away ${is ? 'deny it' : 'do not deny it'}`]
  })
  return [...fusions, ...denials]
}

const PLACE: Position = [0, 0]

function isDenied(rule: Doubt, scenario: Scenario, see: string, metres: number): boolean {
  const north = (metres / EARTH_RADIUS_M) * (180 / Math.PI)
  const looks = see.split(' ').map((word, i): Observation => {
    const objects: SceneObject[] = objectsOf(scenario, word).map((object) => ({ lon: PLACE[0], lat: PLACE[1] + north, errorM: 0, ...object }))
    const at = i * SECOND
    return { type: 'observation', offset: i + 1, kind: 'scene', device: 'cam' as DeviceId, gateway: 'gw' as GatewayId, at, receivedAt: at, payload: { at, objects } }
  })
  return deniedBy({ rule, place: PLACE, crowded: false }, { camera: 'cam', looks, zones: new Set() }) !== undefined
}
