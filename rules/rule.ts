import type { Scalar } from '../domain/alert.ts'
import type { AreaLevel } from '../domain/area.ts'
import type { Algorithm } from '../domain/camera.ts'
import { CodedError } from '../domain/errors.ts'
import { STALE_AFTER } from '../domain/fields.ts'
import type { Offset, RuleId } from '../domain/ids.ts'
import { type Param, type RuleFile, type RuleState, SEVERITIES, type Severity } from '../domain/rule.ts'
import { type Instant, parseDuration } from '../domain/time.ts'
import { holdMs, parseRuleFile } from './file.ts'
import { type Condition, compileCondition, earliest } from './language/compile.ts'
import { type Node, parseCondition } from './language/environment.ts'
import type { Lifetime } from './language/function.ts'
import { during } from './language/functions/calendar.ts'
import { and, not, or } from './language/logic.ts'
import type { Context, Evaluate } from './language/values.ts'
import { looksBackMs } from './reach.ts'

/** A version in one of these states is judged. */
export type RunState = Extract<RuleState, 'live' | 'shadow'>

/** A version as it stands in the journal. */
export interface RuleVersion {
  id: string
  version: number
  state: RunState
  source: string
  /** Source of the rule that it extends. */
  base: string | undefined
  /** Live in these areas only. */
  areas: readonly string[] | undefined
  /** Where it came into force in the journal: earlier data is not judged by it again. */
  since: Offset
  /** When that was by the journal's clock. */
  sinceAt: Instant
}

/** A rule version as the engine runs it. */
export interface CompiledRule extends RuleVersion {
  id: RuleId
  /** Its number among the rules that this thread has compiled. */
  nth: number
  /** What its keys are called in a course: its id, or id@shadow, since both may judge one asset. */
  name: string
  file: RuleFile
  params: Readonly<Record<string, Scalar>>
  when: Evaluate
  /** Undefined: the alert clears when `when` is false. */
  clear: Evaluate | undefined
  forMs: number
  clearMs: number
  /** Somebody is reminded first, and this long before the alert; undefined: nobody. */
  waitMs: number | undefined
  /** Its keys raise nothing themselves: so many assets of an area together do. */
  gather: { by: AreaLevel; count: number; withinMs: number } | undefined
  coolMs: number
  severity: ((context: Context) => Severity | undefined) | Severity
  inform: Evaluate | undefined
  /** Its memories take their sample, before the conditions are judged. */
  feeds: readonly ((context: Context) => void)[]
  /** Earlier observations that its condition goes back to: its alerts name them. */
  witnesses: readonly ((context: Context) => Offset | null)[]
  /** When `when` can turn without an observation, and what is asked only while something holds: the other conditions. */
  turns: readonly ((context: Context) => Instant)[]
  turnsHeld: readonly ((context: Context) => Instant)[]
  /** What decides or grades it asks for orders of the asset; `inform`, which does neither, is asked apart. */
  asksCases: boolean
  /** A camera serves it by this calendar only: out of it the condition is false. */
  schedule: { id: string; on: Evaluate; turns: (context: Context) => Instant } | undefined
  /** A camera serves it in these zones of its picture only; undefined: in all. */
  zones: readonly string[] | undefined
  /** How long each slot of its memory lives. */
  slots: readonly Lifetime[]
  /** How far its conditions look back, ms; its holds apart. */
  reachMs: number
  /** It remembers something while nothing holds, so that its keys are kept. */
  keeps: boolean
  /** Fields that the alert shows. */
  fields: readonly string[]
  /** All that it reads: those, and what its severity and `inform` look at. */
  reads: readonly string[]
  /** The same rule with other params, by these as JSON, or as a camera binds it, by the calendar's id or its zones as JSON. */
  variants: Map<string, CompiledRule>
}

let compiledSoFar = 0
/** The conditions of a rule. */
export type Part = 'when' | 'clear' | 'severity' | 'inform'
/** Sees every part of every condition as it is compiled: `text` is the whole condition, `node` says where in it. */
export type Trace = (part: Part, text: string, node: Node, evaluate: Evaluate) => void

/** Compiles the source of a version that was checked before it entered the journal; throws `rules.invalid` all the same. */
export function compileRule(version: RuleVersion, trace?: Trace): CompiledRule {
  const parsed = parseRuleFile(version.source, version.base)
  if ('errors' in parsed)
    throw new CodedError('rules.invalid', `Rule ${version.id} has errors.`, {
      details: parsed.errors.map((error) => ({ where: `${version.id}:${error.line}:${error.column}`, why: error.why })),
    })
  const { file } = parsed
  const compile = compiler(file, trace)
  const when = compile('when', file.when, 'bool')
  const clear = file.clear && compile('clear', file.clear.when, 'bool')
  const severity = isSeverity(file.severity) ? undefined : compile('severity', file.severity, 'string')
  const inform = file.inform === undefined ? undefined : compile('inform', file.inform, 'bool')
  const all = [when, clear, severity, inform].filter((each) => each !== undefined)
  const slots = all.flatMap((each) => each.slots)
  return {
    ...version,
    nth: ++compiledSoFar,
    id: version.id as RuleId,
    name: version.state === 'shadow' ? `${version.id}@shadow` : version.id,
    file,
    params: valuesOf(file),
    when: when.evaluate,
    clear: clear?.evaluate,
    ...timesOf(file),
    severity: severity ? severityFrom(severity.evaluate) : (file.severity as Severity),
    inform: inform?.evaluate,
    feeds: all.flatMap((each) => each.feeds),
    witnesses: when.witnesses,
    turns: when.turns,
    turnsHeld: all.flatMap((each) => (each === when ? [] : each.turns)),
    asksCases: [when, clear, severity].some((each) => each?.asksCases),
    schedule: undefined,
    zones: undefined,
    slots,
    reachMs: looksBackMs(file),
    keeps: slots.includes('key'),
    fields: [...new Set([...when.fields, ...(clear?.fields ?? []), ...file.show])],
    reads: [...new Set([...all.flatMap((each) => each.fields), ...file.show])],
    variants: new Map(),
  }
}

/** What a camera or an override says was checked against the version of then: of another type it says nothing to this one. */
function fits(param: Param | undefined, value: Scalar): boolean {
  if (param === undefined || typeof value !== typeof param.value) return false
  return param.unit !== 'duration' || parseDuration(String(value)) !== undefined
}

/** The rule as these other params make it; the same ones give the same object. */
export function withParams(rule: CompiledRule, values: Readonly<Record<string, Scalar>>): CompiledRule {
  const known = Object.entries(values).filter(([name, value]) => fits(rule.file.params[name], value) && rule.params[name] !== value)
  if (known.length === 0) return rule
  const id = JSON.stringify(known.sort(([a], [b]) => (a < b ? -1 : 1)))
  let variant = rule.variants.get(id)
  if (!variant) {
    const params = { ...rule.file.params }
    for (const [name, value] of known) params[name] = { ...params[name], value }
    const file = { ...rule.file, params }
    variant = { ...rule, file, params: valuesOf(file), ...timesOf(file), variants: new Map() }
    rule.variants.set(id, variant)
  }
  return variant
}

/** The rule as a camera serves it: by a calendar, in some of its zones; the same ones give the same object. */
export function withBinding(rule: CompiledRule, binding: Pick<Algorithm, 'schedule' | 'zones'> | undefined): CompiledRule {
  return binding ? withZones(withSchedule(rule, binding.schedule), binding.zones) : rule
}

function withZones(rule: CompiledRule, zones: readonly string[]): CompiledRule {
  if (zones.length === 0) return rule
  const id = JSON.stringify([...zones].sort())
  let variant = rule.variants.get(id)
  if (!variant) {
    variant = { ...rule, zones: [...zones].sort(), variants: new Map() }
    rule.variants.set(id, variant)
  }
  return variant
}

function withSchedule(rule: CompiledRule, id: string | null): CompiledRule {
  if (id === null) return rule
  let variant = rule.variants.get(id)
  if (!variant) {
    const { evaluate: on, turns } = during(() => id)
    const clear = rule.clear && or(not(on), rule.clear)
    // Out of hours `when` is false whatever else turns.
    const within = rule.turns.length > 0 ? [(context: Context) => (on(context) === false ? Infinity : earliest(rule.turns, context))] : []
    variant = { ...rule, schedule: { id, on, turns }, when: and(on, rule.when), clear, turns: [turns, ...within], variants: new Map() }
    rule.variants.set(id, variant)
  }
  return variant
}

/** Whether time alone can turn a condition of the rule. */
export function isTimed({ turns, turnsHeld }: CompiledRule): boolean {
  return turns.length > 0 || turnsHeld.length > 0
}

function valuesOf(file: RuleFile): Record<string, Scalar> {
  return Object.fromEntries(Object.entries(file.params).map(([name, param]) => [name, param.value]))
}

type Times = Pick<CompiledRule, 'forMs' | 'clearMs' | 'coolMs' | 'waitMs' | 'gather'>

function timesOf(file: RuleFile): Times {
  const ms = (text: string): number => holdMs(text, file) ?? 0
  return {
    forMs: ms(file.for),
    clearMs: ms(file.clear ? file.clear.for : file.keepFiringFor),
    coolMs: ms(file.coolDown),
    waitMs: file.remind && ms(file.remind.wait),
    gather: file.gather && { by: file.gather.by, count: countOf(file.gather.count, file), withinMs: ms(file.gather.within) },
  }
}

function countOf(count: number | string, { params }: RuleFile): number {
  return typeof count === 'number' ? count : Number(params[count.slice('params.'.length)]?.value)
}

function compiler(file: RuleFile, trace: Trace | undefined): (part: Part, text: string, want: 'bool' | 'string') => Condition {
  const object = file.each === 'object'
  let firstSlot = 0
  return (part, text, want) => {
    const parsed = parseCondition(text, want, { kind: file.on, object, params: file.params })
    if ('errors' in parsed) throw new CodedError('rules.invalid', parsed.errors[0]?.why)
    const condition = compileCondition(parsed.tree, {
      kind: file.on,
      object,
      staleAfter: STALE_AFTER[file.on],
      firstSlot,
      params: file.params,
      saw: trace && ((node, evaluate) => trace(part, text, node, evaluate)),
    })
    firstSlot += condition.slots.length
    return condition
  }
}

function severityFrom(evaluate: Evaluate): (context: Context) => Severity | undefined {
  return (context) => {
    const severity = evaluate(context)
    return SEVERITIES.find((each) => each === severity)
  }
}

function isSeverity(text: string): text is Severity {
  return (SEVERITIES as readonly string[]).includes(text)
}
