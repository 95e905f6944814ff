import type { Algorithm, CameraConfig } from '../../domain/camera.ts'
import type { Detail } from '../../domain/errors.ts'
import type { Param, RuleFile } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'

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
  for (const [name, value] of Object.entries(params)) {
    const why = file && paramFault(name, file.params[name], value)
    if (why) faults.push({ where: `params.${name}`, why })
  }
  return faults
}

/** Why a value is none for a param, if it is none. */
export function paramFault(name: string, param: Param | undefined, value: Param['value']): string | undefined {
  if (!param) return `the rule has no param ${name}`
  if (typeof value !== typeof param.value) return `must be a ${typeof param.value}`
  if (param.unit === 'duration' && parseDuration(String(value)) === undefined) return 'must be a duration such as 2s or 15m'
  if (typeof value !== 'number') return undefined
  if (param.min !== undefined && value < param.min) return `must not be below ${param.min}`
  return param.max !== undefined && value > param.max ? `must not be above ${param.max}` : undefined
}
