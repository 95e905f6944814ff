import type { Algorithm, CameraConfig } from '../../domain/camera.ts'
import type { Detail } from '../../domain/errors.ts'
import type { RuleFile } from '../../domain/rule.ts'
import { paramFaults } from './param-faults.ts'

/** Everything that a camera's algorithms name and that is not there, or not so; each with its place in the body. */
export function algorithmFaults({ algorithms, zones }: CameraConfig, rules: ReadonlyMap<string, RuleFile>, calendars: ReadonlySet<string>): Detail[] {
  const zoneIds = new Set(zones.map(({ id }) => id))
  return (algorithms ?? []).flatMap((algorithm, index) =>
    faultsOf(algorithm, rules.get(algorithm.rule), zoneIds, calendars).map(({ where, why }) => ({ where: `body.algorithms.${index}.${where}`, why })),
  )
}

function faultsOf({ rule, zones, schedule, params }: Algorithm, file: RuleFile | undefined, zoneIds: ReadonlySet<string>, calendars: ReadonlySet<string>): Detail[] {
  const faults: Detail[] = []
  if (!file) faults.push({ where: 'rule', why: `there is no rule ${rule}` })
  else if (file.on !== 'scene') faults.push({ where: 'rule', why: `rule ${rule} is over ${file.on}, not over scenes` })
  for (const [index, zone] of zones.entries()) if (!zoneIds.has(zone)) faults.push({ where: `zones.${index}`, why: `the camera has no zone ${zone}` })
  if (schedule !== null && !calendars.has(schedule)) faults.push({ where: 'schedule', why: `there is no calendar ${schedule}` })
  if (file) faults.push(...paramFaults(file.params, params).map(({ name, why }) => ({ where: `params.${name}`, why })))
  return faults
}
