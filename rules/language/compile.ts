import type { Scalar } from '../../domain/alert.ts'
import { overlap } from '../../domain/box.ts'
import { distanceM, type Position } from '../../domain/geo.ts'
import type { Box } from '../../domain/observation.ts'
import { parseDuration } from '../../domain/time.ts'
import { type Node, walk } from './environment.ts'
import type { Context, Evaluate, Result } from './values.ts'

/** A condition compiled: `evaluate` gives true, false or undefined (unknown, S4). */
export interface Condition {
  evaluate: Evaluate
  /** Limits of every `absent(…)` in ms: the condition may turn at last seen + limit without any observation. */
  absences: readonly number[]
  /** Fields that it reads, for the alert's values. */
  fields: readonly string[]
  stills: number
}

export interface CompileScope {
  object: boolean
  /** A value older than this is unknown. */
  staleAfter: number
  /** First free slot for anchors; several conditions of a rule share the array. */
  firstAnchor: number
}

/** Turns a checked tree into closures with three-valued logic; numbers are doubles throughout. */
export function compileCondition(tree: Node, scope: CompileScope): Condition {
  const absences: number[] = []
  const fields = new Set<string>()
  let stills = 0
  walk(tree, (node) => {
    if (node.op === 'id' && node.args !== 'params' && !scope.object) fields.add(node.args)
  })
  const build: Builder = {
    scope,
    anchor: () => scope.firstAnchor + stills++,
    absence: (ms) => absences.push(ms),
    compile: (node) => compileNode(node, build),
  }
  const evaluate = build.compile(tree)
  return { evaluate, absences, fields: [...fields], stills }
}

interface Builder {
  scope: CompileScope
  anchor(): number
  absence(ms: number): void
  compile(node: Node): Evaluate
}

function compileNode(node: Node, build: Builder): Evaluate {
  switch (node.op) {
    case 'value': {
      const value = typeof node.args === 'bigint' ? Number(node.args) : (node.args as Scalar)
      return () => value
    }
    case 'id':
      return build.scope.object ? objectVariable(node.args) : field(node.args, build.scope.staleAfter)
    case '.':
      return param(node.args[1])
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

/** The tree is valid CEL, but conditions do not use this part of the language. */
export class UnsupportedError extends Error {
  constructor(what: string) {
    super(`"${what}" is not part of the rule language`)
    this.name = 'UnsupportedError'
  }
}

function field(name: string, staleAfter: number): Evaluate {
  return (context) => {
    const stamped = context.values[name]
    return stamped !== undefined && context.at - stamped.at <= staleAfter ? stamped.value : undefined
  }
}

function objectVariable(name: string): Evaluate {
  return (context) => context.object?.[name as 'label' | 'score' | 'bestScore' | 'track' | 'zone']
}

function param(name: string): Evaluate {
  return (context) => context.params[name]
}

const and =
  (a: Evaluate, b: Evaluate): Evaluate =>
  (context) => {
    const left = a(context)
    if (left === false) return false
    const right = b(context)
    if (right === false) return false
    return left === undefined || right === undefined ? undefined : true
  }

const or =
  (a: Evaluate, b: Evaluate): Evaluate =>
  (context) => {
    const left = a(context)
    if (left === true) return true
    const right = b(context)
    if (right === true) return true
    return left === undefined || right === undefined ? undefined : false
  }

const not =
  (a: Evaluate): Evaluate =>
  (context) => {
    const value = a(context)
    return value === undefined ? undefined : !value
  }

const negate =
  (a: Evaluate): Evaluate =>
  (context) => {
    const value = a(context)
    return value === undefined ? undefined : -(value as number)
  }

const choose =
  (test: Evaluate, yes: Evaluate, no: Evaluate): Evaluate =>
  (context) => {
    const value = test(context)
    if (value === undefined) return undefined
    return value ? yes(context) : no(context)
  }

const OPERATORS: Record<string, (a: never, b: never) => Result> = {
  '==': (a: Result, b: Result) => a === b,
  '!=': (a: Result, b: Result) => a !== b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => finite(a / b),
  '%': (a: number, b: number) => finite(a % b),
  in: (a: Scalar, b: readonly Scalar[]) => b.includes(a),
}

/** A division by zero says nothing. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

function binary(op: string, a: Evaluate, b: Evaluate): Evaluate {
  const apply = OPERATORS[op] as (left: Result, right: Result) => Result
  return (context) => {
    const left = a(context)
    if (left === undefined) return undefined
    const right = b(context)
    return right === undefined ? undefined : apply(left, right)
  }
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

/** No `matches`: a regular expression can take for ever, and a rule must not be able to stop the engine (S18). */
const METHODS: Record<string, (text: string, other: string) => boolean> = {
  startsWith: (text, other) => text.startsWith(other),
  endsWith: (text, other) => text.endsWith(other),
  contains: (text, other) => text.includes(other),
}

function call(name: string, args: readonly Node[], build: Builder): Evaluate {
  const argument = args[0] ? build.compile(args[0]) : undefined
  switch (name) {
    case 'absent': {
      const limit = parseDuration(String(constant(args[0])))
      if (limit === undefined) throw new UnsupportedError('absent with a limit that is not a constant')
      build.absence(limit)
      return (context) => context.at - context.lastSeen >= limit
    }
    case 'inside':
      return (context) => context.inside(String(argument?.(context)))
    case 'openCase':
      return (context) => context.openCase(String(argument?.(context)))
    case 'still':
      return build.scope.object ? stillObject(build.anchor()) : stillAsset(build.anchor(), argument ?? (() => undefined))
    default:
      throw new UnsupportedError(name)
  }
}

function constant(node: Node | undefined): unknown {
  return node?.op === 'value' ? node.args : undefined
}

/** A box that overlaps its anchor by less than this has moved. */
const STILL_OVERLAP = 0.6

function stillObject(slot: number): Evaluate {
  return (context) => {
    if (!context.object) return undefined
    const anchor = context.anchors[slot]
    if (anchor && overlap(anchor.place as Box, context.object.box) >= STILL_OVERLAP) return true
    return moved(context, slot, context.object.box, anchor !== undefined)
  }
}

function stillAsset(slot: number, radius: Evaluate): Evaluate {
  return (context) => {
    const lon = context.values.lon
    const lat = context.values.lat
    const radiusM = radius(context)
    if (lon === undefined || lat === undefined || radiusM === undefined) return undefined
    const place: Position = [lon.value as number, lat.value as number]
    const anchor = context.anchors[slot]
    if (anchor && distanceM(anchor.place as Position, place) <= (radiusM as number)) return true
    return moved(context, slot, place, anchor !== undefined)
  }
}

/** It stands somewhere else now: a hold that was running begins anew at this very look, so the answer stays true. */
function moved(context: Context, slot: number, place: Position | Box, again: boolean): boolean {
  context.anchors[slot] = { place, since: context.at }
  if (again) context.restarted = true
  return true
}
