import type { Scalar } from '../../domain/alert.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Param } from '../../domain/rule.ts'
import { type Instant, parseDuration } from '../../domain/time.ts'
import { type Node, walk } from './environment.ts'
import { type Builder, type Lifetime, UnsupportedError } from './function.ts'
import { functionsFor } from './functions.ts'
import { and, binary, choose, negate, not, or } from './logic.ts'
import { METHODS } from './methods.ts'
import type { ObjectVariable } from './types.ts'
import type { Context, Evaluate, Result } from './values.ts'

type Next = (context: Context) => Instant

/** A condition compiled: `evaluate` gives true, false or undefined (unknown, S4). */
export interface Condition {
  evaluate: Evaluate
  /** To be run on every observation before `evaluate`: windows and memories take their sample. */
  feeds: readonly ((context: Context) => void)[]
  /** Next event times at which the answer can turn by itself; the earliest one counts. */
  turns: readonly Next[]
  /** Earlier observations that its answer goes back to. */
  witnesses: readonly ((context: Context) => Offset | null)[]
  /** Lifetimes of the slots that its calls took, in order. */
  slots: readonly Lifetime[]
  /** Fields that it reads, for the alert's values. */
  fields: readonly string[]
  /** Its answer can turn when an order of the asset does. */
  asksCases: boolean
}

export interface CompileScope {
  kind: string
  object: boolean
  /** A value older than this is unknown. */
  staleAfter: number
  /** First free slot; the conditions of a rule share one memory. */
  firstSlot: number
  /** Of the rule, for their units. */
  params?: Readonly<Record<string, Param>>
  /** Sees every part of the condition as it is compiled. */
  saw?: ((node: Node, evaluate: Evaluate) => void) | undefined
}

/** Turns a checked tree into closures with three-valued logic; numbers are doubles throughout. */
export function compileCondition(tree: Node, scope: CompileScope): Condition {
  const slots: Lifetime[] = []
  const feeds: Condition['feeds'][number][] = []
  const witnesses: Condition['witnesses'][number][] = []
  const whole = newPart()
  const build: Scoped = {
    ...scope,
    slot: (lifetime) => scope.firstSlot + slots.push(lifetime) - 1,
    feed: (take) => feeds.push(take),
    turns: (next) => build.part.turns.push(next),
    witness: (who) => witnesses.push(who),
    fieldsOf: (node) => fieldsOf(node, scope),
    part: whole,
    compile: (node) => {
      const part = partOf(node, build)
      add(build, part)
      return part.evaluate
    },
    sample: (node) => partOf(node, build).evaluate,
  }
  const evaluate = build.compile(tree)
  return { evaluate, feeds, turns: whole.turns, witnesses, slots, fields: fieldsOf(tree, scope), asksCases: asksCases(tree) }
}

/** A part of a condition, and what time does to its answer. */
interface Part {
  turns: Next[]
  /** Between observations it changes at its turns and never else. */
  steady: boolean
}

function newPart(): Part {
  return { turns: [], steady: true }
}

function partOf(node: Node, build: Scoped): Part & { evaluate: Evaluate } {
  const outer = build.part
  const part = newPart()
  build.part = part
  const evaluate = compileNode(node, build)
  build.part = outer
  build.saw?.(node, evaluate)
  return { ...part, evaluate }
}

function add({ part }: Scoped, { turns, steady }: Part): void {
  part.turns.push(...turns)
  part.steady &&= steady
}

/**
 * `second` is asked only where `first` gives `asks`. Until `first` turns, which of steady parts is known, it may turn as it
 * likes: nobody would see it.
 */
function addBehind(build: Scoped, first: Part & { evaluate: Evaluate }, second: Part, asks: (answer: Result) => boolean): void {
  const { evaluate, steady } = first
  const { turns } = second
  const seen = steady && turns.length > 0 ? [(context: Context) => (asks(evaluate(context)) ? earliest(turns, context) : Infinity)] : turns
  add(build, { ...second, turns: seen })
}

/** The first of the turns after `context.at`. */
export function earliest(turns: readonly Next[], context: Context): Instant {
  let first = Infinity
  for (const next of turns) first = Math.min(first, next(context))
  return first
}

function both(a: Node, b: Node, build: Scoped, decided: boolean): [Evaluate, Evaluate] {
  const [first, second] = [partOf(a, build), partOf(b, build)]
  add(build, first)
  addBehind(build, first, second, (answer) => answer !== decided)
  return [first.evaluate, second.evaluate]
}

function choice([test, yes, no]: readonly [Node, Node, Node], build: Scoped): Evaluate {
  const [first, second, third] = [partOf(test, build), partOf(yes, build), partOf(no, build)]
  add(build, first)
  addBehind(build, first, second, (answer) => answer === true)
  addBehind(build, first, third, (answer) => answer === false)
  return choose(first.evaluate, second.evaluate, third.evaluate)
}

function fieldsOf(tree: Node, scope: { kind: string; object: boolean }): string[] {
  const fields = new Set<string>()
  const functions = functionsFor(scope)
  walk(tree, (node) => {
    if (node.op === 'id' && node.args !== 'params' && !scope.object) fields.add(node.args)
    if (node.op !== 'call') return
    const called = functions.find((each) => each.name === node.args[0])
    for (const name of called?.reads?.(node.args[1]) ?? []) fields.add(name)
  })
  return [...fields]
}

function asksCases(tree: Node): boolean {
  let asks = false
  walk(tree, (node) => {
    asks ||= node.op === 'call' && node.args[0] === 'openCase'
  })
  return asks
}

type Scoped = Builder & CompileScope & { part: Part }

function compileNode(node: Node, build: Scoped): Evaluate {
  switch (node.op) {
    case 'value': {
      const value = typeof node.args === 'bigint' ? Number(node.args) : (node.args as Scalar)
      return () => value
    }
    case 'id':
      // It grows old.
      build.part.steady = false
      return build.object ? objectVariable(node.args) : field(node.args, build.staleAfter)
    case '.':
      return build.params?.[node.args[1]]?.unit === 'duration' ? durationParam(node.args[1]) : param(node.args[1])
    case '&&':
      return and(...both(node.args[0], node.args[1], build, false))
    case '||':
      return or(...both(node.args[0], node.args[1], build, true))
    case '!_':
      return not(build.compile(node.args))
    case '-_':
      return negate(build.compile(node.args))
    case '?:':
      return choice(node.args, build)
    case 'list': {
      const items = node.args.map((item) => build.compile(item))
      return (context) => items.map((item) => item(context) as Scalar | undefined)
    }
    case 'call':
      return call(node.args[0], node.args[1], build)
    case 'rcall':
      return method(
        node.args[0],
        build.compile(node.args[1]),
        node.args[2].map((argument) => build.compile(argument)),
      )
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case 'in':
      return binary(node.op, build.compile(node.args[0]), build.compile(node.args[1]))
    case '.?':
    case '[]':
    case '[?]':
    case 'map':
      throw new UnsupportedError(node.op)
  }
}

function field(name: string, staleAfter: number): Evaluate {
  return (context) => {
    const stamped = context.values[name]
    return stamped !== undefined && context.at - stamped.at <= staleAfter ? stamped.value : undefined
  }
}

function objectVariable(name: string): Evaluate {
  return (context) => context.object?.[name as ObjectVariable]
}

function param(name: string): Evaluate {
  return (context) => context.params[name]
}

/** In ms, as durations are compared. */
function durationParam(name: string): Evaluate {
  // Few: what authors wrote for some assets.
  const known = new Map<string, number | undefined>()
  return (context) => {
    const text = context.params[name] as string
    const found = known.get(text)
    if (found !== undefined) return found
    const ms = parseDuration(text)
    known.set(text, ms)
    return ms
  }
}

function call(name: string, args: readonly Node[], build: Scoped): Evaluate {
  const called = functionsFor(build).find((each) => each.name === name)
  if (!called) throw new UnsupportedError(name)
  const evaluate = called.compile(args, build)
  build.part.steady &&= called.steady ?? false
  return evaluate
}

function method(name: string, on: Evaluate, args: readonly Evaluate[]): Evaluate {
  const apply = METHODS[name]
  const argument = args[0]
  if (!apply || !argument || args.length > 1) throw new UnsupportedError(name)
  return (context) => {
    const text = on(context)
    const other = argument(context)
    return text === undefined || other === undefined ? undefined : apply(String(text), String(other))
  }
}
