import { ASSET_KINDS } from '../domain/asset.ts'
import type { Param, RuleFile } from '../domain/rule.ts'
import { DAY, formatDuration, parseDuration, SECOND } from '../domain/time.ts'
import { didYouMean } from './language/nearest.ts'
import { fieldsOfKind } from './language/types.ts'

/** Something wrong with a value of a rule file; `key`: with the name that it stands under. */
export interface Fault {
  path: readonly PropertyKey[]
  why: string
  key?: string
}

/** What is wrong with a rule file whose words are right: what its values say of one another. */
export function faultsOf(file: RuleFile): Fault[] {
  return [...paramFaults(file), ...overrideFaults(file), ...holdFaults(file), ...countFaults(file), ...jointFaults(file), ...objectFaults(file), ...nameFaults(file)]
}

function paramFaults(file: RuleFile): Fault[] {
  return Object.entries(file.params).flatMap(([name, param]): Fault[] => {
    const { min, max, value } = param
    if (min !== undefined && max !== undefined && min > max) return [{ path: ['params', name, 'min'], why: `params.${name}: its min ${min} is above its max ${max}` }]
    const why = valueFault(param, value, 'its own')
    return why === undefined ? [] : [{ path: ['params', name, 'value'], why: `params.${name}: ${why}` }]
  })
}

function valueFault({ unit, min, max }: Param, value: Param['value'], whose: string): string | undefined {
  const lasts = unit === 'duration'
  const ms = lasts && typeof value === 'string' ? parseDuration(value) : undefined
  if (lasts && ms === undefined) return `${String(value)} is not a duration such as 15m`
  const size = ms === undefined ? value : ms / SECOND
  if (typeof size !== 'number') return undefined
  const bound = (limit: number): string => (lasts ? formatDuration(limit * SECOND) : String(limit))
  if (min !== undefined && size < min) return `${value} is below ${whose} min ${bound(min)}`
  return max !== undefined && size > max ? `${value} is above ${whose} max ${bound(max)}` : undefined
}

const SORTS: Record<string, string> = { number: 'a number', string: 'a text', boolean: 'true or false' }

function overrideFaults(file: RuleFile): Fault[] {
  return file.overrides.flatMap((override, index): Fault[] => {
    const faults = Object.entries(override.params).flatMap(([name, value]): Fault[] => {
      const path = ['overrides', index, 'params']
      const param = file.params[name]
      if (!param) return [{ path, key: name, why: `overrides: there is no param ${name}${didYouMean(name, Object.keys(file.params))}` }]
      if (typeof value !== typeof param.value)
        return [{ path: [...path, name], why: `overrides: params.${name} is ${SORTS[typeof param.value]}, ${String(value)} is ${SORTS[typeof value]}` }]
      const why = valueFault(param, value, 'its')
      return why === undefined ? [] : [{ path: [...path, name], why: `overrides: params.${name}: ${why}` }]
    })
    const all = override.asset === undefined && override.area === undefined && Object.keys(override.labels ?? {}).length === 0
    return all ? [{ path: ['overrides', index], why: 'overrides: needs an asset, an area or labels; for every asset edit the param itself' }, ...faults] : faults
  })
}

/** Late data is merged no farther back than this (S6): a longer hold could not be kept right. */
const LONGEST = DAY

function holdFaults(file: RuleFile): Fault[] {
  const holds: [readonly string[], string | undefined, number][] = [
    [['for'], file.for, LONGEST],
    [['keepFiringFor'], file.keepFiringFor, LONGEST],
    [['clear', 'for'], file.clear?.for, LONGEST],
    [['coolDown'], file.coolDown, Infinity],
    [['gather', 'within'], file.gather?.within, LONGEST],
    [['remind', 'wait'], file.remind?.wait, LONGEST],
  ]
  return holds.flatMap(([path, text, longest]): Fault[] => {
    if (text === undefined || (file.params[text.slice('params.'.length)]?.unit === 'duration' && holdMs(text, file) === undefined)) return []
    const ms = holdMs(text, file)
    if (ms === undefined) return [{ path, why: `${path.join('.')}: ${durationFault(text, file)}` }]
    return ms > longest ? [{ path, why: `${path.join('.')}: ${text} is longer than ${formatDuration(longest)}, the farthest that late data reaches back` }] : []
  })
}

function durationFault(text: string, file: RuleFile): string {
  const name = text.slice('params.'.length)
  if (name in file.params) return `${text} is not a param with unit duration`
  const durations = Object.keys(file.params).filter((each) => file.params[each]?.unit === 'duration')
  return `there is no param ${name}${didYouMean(name, durations, (each) => `params.${each}`)}`
}

/** A hold in ms; undefined if it names a param that is not a duration. */
export function holdMs(text: string, file: Pick<RuleFile, 'params'>): number | undefined {
  const name = /^params\.(.+)$/.exec(text)?.[1]
  const value = name === undefined ? text : file.params[name]?.unit === 'duration' ? file.params[name]?.value : undefined
  return typeof value === 'string' ? parseDuration(value) : undefined
}

function countFaults({ gather, params }: RuleFile): Fault[] {
  if (typeof gather?.count !== 'string') return []
  const path = ['gather', 'count']
  const value = params[gather.count.slice('params.'.length)]?.value
  if (typeof value !== 'number') return [{ path, why: `gather.count: ${gather.count} is not a param with a number` }]
  return Number.isInteger(value) && value >= 2 ? [] : [{ path, why: `gather.count: ${gather.count} is ${value}, not a whole number of at least 2` }]
}

/** An area has no owner who could be reminded, and no orders; what one object is, is asked of objects. */
function jointFaults(file: RuleFile): Fault[] {
  const faults: Fault[] = []
  if (file.gather && file.remind) faults.push({ path: [], key: 'remind', why: 'remind: a rule that gathers reminds nobody' })
  if (file.gather && file.inform !== undefined) faults.push({ path: [], key: 'inform', why: 'inform: an area has no orders, so a rule that gathers cannot be information only' })
  if (file.identity === 'vehicle' && !file.each) faults.push({ path: [], key: 'identity', why: 'identity counts with `each: object` only' })
  return faults
}

function objectFaults(file: RuleFile): Fault[] {
  const faults: Fault[] = []
  if (file.each && !file.objects) faults.push({ path: ['each'], why: 'each: object needs `objects` with labels and a zone' })
  if (file.each && file.on !== 'scene') faults.push({ path: ['each'], why: 'each: object works on kind scene only' })
  if (file.objects && !file.each) faults.push({ path: [], key: 'objects', why: 'objects counts with `each: object` only' })
  return faults
}

function nameFaults(file: RuleFile): Fault[] {
  const faults: Fault[] = []
  const fields = Object.keys(fieldsOfKind(file.on))
  file.show.forEach((name, index) => {
    if (!fields.includes(name) && file.on !== 'sensor') faults.push({ path: ['show', index], why: `show: kind ${file.on} has no field ${name}${didYouMean(name, fields)}` })
  })
  const kind = file.assets?.kind
  if (kind !== undefined && !(ASSET_KINDS as readonly string[]).includes(kind))
    faults.push({ path: ['assets', 'kind'], why: `assets.kind: "${kind}" is not one of ${ASSET_KINDS.join(', ')}${didYouMean(kind, ASSET_KINDS)}` })
  return faults
}

/** A rule whose name is wrong would go on telling what it should keep quiet about. */
export function inhibitFaults({ rule, inhibits, fuse }: RuleFile, { rules }: { rules?: readonly string[] }): Fault[] {
  const faultsIn = (words: [string, string], names: readonly string[], itself: string): Fault[] =>
    names.flatMap((name, index): Fault[] => {
      const path = [...words, index]
      if (name === rule) return [{ path, why: `${words.join('.')}: a rule cannot ${itself} itself` }]
      return rules === undefined || rules.includes(name) ? [] : [{ path, why: `${words.join('.')}: there is no rule ${name}${didYouMean(name, rules)}` }]
    })
  return [...faultsIn(['inhibits', 'rules'], inhibits?.rules ?? [], 'inhibit'), ...faultsIn(['fuse', 'with'], fuse?.with ?? [], 'fuse with')]
}
