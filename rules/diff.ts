import { isDeepStrictEqual } from 'node:util'
import type { Texts } from '../domain/asset.ts'
import type { RuleDiff } from '../domain/authoring.ts'
import { unifiedDiff } from './line-diff.ts'
import { readYaml } from './yaml.ts'

type Change = RuleDiff['changes'][number]

/** What changed from one text of a rule to another: value by value, line by line, and in words. An empty text is no rule yet. */
export function diffRules(before: string, after: string): Pick<RuleDiff, 'changes' | 'text' | 'sentence'> {
  const changes = changesBetween(valueIn(before), valueIn(after), [])
  return { changes, text: unifiedDiff(before, after), sentence: sentenceOf(changes, before === after, unitsIn(after)) }
}

function valueIn(source: string): unknown {
  const document = readYaml(source)
  return document.errors.length > 0 ? {} : (document.toJS() ?? {})
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)

/** Maps are compared key by key, lists of maps item by item, all else as a whole. */
function changesBetween(before: unknown, after: unknown, path: readonly string[]): Change[] {
  if (isDeepStrictEqual(before, after)) return []
  const [left, right] = [entriesOf(before), entriesOf(after)]
  if (left && right) return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => changesBetween(left.get(key), right.get(key), [...path, key]))
  return [{ path: path.join('.'), before: before ?? null, after: after ?? null }]
}

function entriesOf(value: unknown): Map<string, unknown> | undefined {
  if (isObject(value)) return new Map(Object.entries(value))
  return Array.isArray(value) && value.length > 0 && value.every(isObject) ? new Map(value.map((each, index) => [String(index), each])) : undefined
}

type Units = ReadonlyMap<string, string>

function unitsIn(source: string): Units {
  const value = valueIn(source)
  const params = isObject(value) && isObject(value.params) ? value.params : {}
  return new Map(
    Object.entries(params).flatMap(([name, param]) => (isObject(param) && typeof param.unit === 'string' && !['1', 'duration'].includes(param.unit) ? [[name, param.unit]] : [])),
  )
}

/** Named so many; who wants all of them reads the list. */
const NAMED = 6

function sentenceOf(changes: readonly Change[], same: boolean, units: Units): Texts {
  if (same) return { zh: '没有变化', en: 'nothing changed' }
  if (changes.length === 0) return { zh: '只改了注释或排版', en: 'only comments or layout changed' }
  const parts = changes.slice(0, NAMED).map((change) => partOf(change, units))
  const rest = changes.length - parts.length
  return {
    zh: [...parts.map(({ zh }) => zh), ...(rest > 0 ? [`另有 ${rest} 处`] : [])].join('；'),
    en: [...parts.map(({ en }) => en), ...(rest > 0 ? [`${rest} more`] : [])].join('; '),
  }
}

function partOf({ path, before, after }: Change, units: Units): Texts {
  const param = /^params\.([^.]+)\.value$/.exec(path)?.[1] ?? /^overrides\.\d+\.params\.([^.]+)$/.exec(path)?.[1]
  const name = /^params\.([^.]+)\.value$/.test(path) ? (param ?? path) : path
  const unit = param === undefined ? '' : (units.get(param) ?? '')
  const shown = (value: unknown): string => [shortened(value), unit].filter(Boolean).join(' ')
  if (before === null) return { zh: `新增 ${name}：${shown(after)}`, en: `${name} added: ${shown(after)}` }
  if (after === null) return { zh: `删除 ${name}（原为 ${shown(before)}）`, en: `${name} removed (was ${shown(before)})` }
  const both = `${name} ${shortened(before)} → ${shown(after)}`
  return { zh: both, en: both }
}

const LONGEST = 80

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}
