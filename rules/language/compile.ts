import type { Scalar } from '../../domain/alert.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Param } from '../../domain/rule.ts'
import { type Instant, parseDuration } from '../../domain/time.ts'
import { type Node, walk } from './environment.ts'
import { type Builder, constant, type Lifetime, UnsupportedError } from './function.ts'
import { functionsFor } from './functions.ts'
import { and, binary, choose, negate, not, or } from './logic.ts'
import { METHODS } from './methods.ts'
import type { ObjectVariable } from './types.ts'
import type { Context, Evaluate } from './values.ts'

/** A condition compiled: `evaluate` gives true, false or undefined (unknown, S4). */
export interface Condition {
  evaluate: Evaluate
  /** To be run on every observation before `evaluate`: windows and memories take their sample. */
  feeds: readonly ((context: Context) => void)[]
  /** Next event times at which the answer can turn by itself. */
  turns: readonly ((context: Context) => Instant)[]
  /** Earlier observations that its answer goes back to. */
  witnesses: readonly ((context: Context) => Offset | null)[]
  /** Lifetimes of the slots that its calls took, in order. */
  slots: readonly Lifetime[]
  /** How far its calls look back, ms: the longest of their constant durations. */
  reachMs: number
  /** Fields that it reads, for the alert's values. */
  fields: readonly string[]
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
  const turns: Condition['turns'][number][] = []
  const witnesses: Condition['witnesses'][number][] = []
  let reachMs = 0
  const build: Scoped = {
    ...scope,
    reach: (ms) => {
      reachMs = Math.max(reachMs, ms)
    },
    slot: (lifetime) => scope.firstSlot + slots.push(lifetime) - 1,
    feed: (take) => feeds.push(take),
    turns: (next) => turns.push(next),
    witness: (who) => witnesses.push(who),
    fieldsOf: (node) => fieldsOf(node, scope),
    compile: (node) => {
      const evaluate = compileNode(node, build)
      scope.saw?.(node, evaluate)
      return evaluate
    },
  }
  const evaluate = build.compile(tree)
  return { evaluate, feeds, turns, witnesses, slots, reachMs, fields: fieldsOf(tree, scope) }
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

type Scoped = Builder & CompileScope & { reach(ms: number): void }

function compileNode(node: Node, build: Scoped): Evaluate {
  switch (node.op) {
    case 'value': {
      const value = typeof node.args === 'bigint' ? Number(node.args) : (node.args as Scalar)
      return () => value
    }
    case 'id':
      return build.object ? objectVariable(node.args) : field(node.args, build.staleAfter)
    case '.':
      return build.params?.[node.args[1]]?.unit === 'duration' ? durationParam(node.args[1]) : param(node.args[1])
    case '&&':
      return and(build.compile(node.args[0]), build.compile(node.args[1]))
    case '||':
      return or(build.compile(node.args[0]), build.compile(node.args[1]))
    case '!_':
      return not(build.compile(node.args))
    case '-_':
      return negate(build.compile(node.args))
    case '?:':
      return choose(build.compile(node.args[0]), build.compile(node.args[1]), build.compile(node.args[2]))
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
  let known: string | undefined
  let ms: number | undefined
  return (context) => {
    const text = context.params[name] as string
    if (text !== known) {
      known = text
      ms = parseDuration(text)
    }
    return ms
  }
}

function call(name: string, args: readonly Node[], build: Scoped): Evaluate {
  const called = functionsFor(build).find((each) => each.name === name)
  if (!called) throw new UnsupportedError(name)
  for (const position of called.durations ?? []) build.reach(parseDuration(String(constant(args[position]))) ?? 0)
  return called.compile(args, build)
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
