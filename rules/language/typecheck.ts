import { FIELDS, KINDS } from '../../domain/fields.ts'
import type { ConditionError, Node } from './environment.ts'
import type { LanguageFunction } from './function.ts'
import { FUNCTIONS, inScope } from './functions.ts'
import { METHODS } from './methods.ts'
import { didYouMean } from './nearest.ts'
import { compilePattern } from './pattern.ts'
import { type Scope, signatureOf, TYPE_NAMES, type Type, typeOfParam, variablesOf } from './types.ts'

const UNKNOWN: Type = { is: 'unknown' }
const BOOL: Type = { is: 'bool' }
const NUMBER: Type = { is: 'number' }

/**
 * The types and units of a condition, and everything that is wrong with them in words of the author's own text. Ints and
 * doubles are one: authors write `tiltDeg > 15`. A literal has no unit, and a product or quotient may have any.
 */
export function typeCheck(text: string, tree: Node, want: 'bool' | 'string', scope: Scope): ConditionError[] {
  const checker = new TypeCheck(text, scope)
  const type = checker.of(tree)
  const wanted = want === 'bool' ? 'bool' : 'text'
  if (type.is !== 'unknown' && type.is !== wanted) checker.error(tree, `it gives ${TYPE_NAMES[type.is]}, it must give ${TYPE_NAMES[wanted]}`)
  return checker.errors
}

class TypeCheck {
  readonly errors: ConditionError[] = []
  readonly #text: string
  readonly #scope: Scope
  readonly #variables: ReadonlyMap<string, Type>

  constructor(text: string, scope: Scope) {
    this.#text = text
    this.#scope = scope
    this.#variables = variablesOf(scope.kind, scope.object)
  }

  error(node: Node, why: string): Type {
    this.errors.push({ start: node.start, end: node.end, why })
    return UNKNOWN
  }

  #source(node: Node): string {
    return this.#text.slice(node.start, node.end)
  }

  of(node: Node): Type {
    switch (node.op) {
      case 'value':
        return this.#literal(node)
      case 'id':
        return this.#variable(node)
      case '.':
        return this.#param(node)
      case '&&':
      case '||':
        for (const side of node.args) this.#need(side, 'bool', node.op)
        return BOOL
      case '!_':
        this.#need(node.args, 'bool', '!')
        return BOOL
      case '-_':
        return this.#need(node.args, 'number', '-')
      case '?:':
        return this.#choice(node)
      case 'list':
        return this.#list(node)
      case 'call':
        return this.#call(node, ...node.args)
      case 'rcall':
        return this.#method(node, ...node.args)
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        this.#agree(node, node.args[0], this.of(node.args[0]), node.args[1], this.of(node.args[1]))
        return BOOL
      case 'in':
        return this.#among(node)
      case '+':
      case '-':
        return this.#sum(node)
      case '*':
      case '/':
      case '%':
        for (const side of node.args) this.#need(side, 'number', node.op)
        return NUMBER
      case '.?':
      case '[]':
      case '[?]':
      case 'map':
        return this.error(node, `"${node.op === 'map' ? '{}' : node.op}" is not part of the rule language`)
    }
  }

  #literal(node: Extract<Node, { op: 'value' }>): Type {
    switch (typeof node.args) {
      case 'number':
      case 'bigint':
        return NUMBER
      case 'boolean':
        return BOOL
      case 'string':
        return { is: 'text', literal: node.args }
      default:
        return this.error(node, `${this.#source(node)} is not part of the rule language`)
    }
  }

  #variable(node: Extract<Node, { op: 'id' }>): Type {
    if (node.args === 'params') return this.error(node, 'params is no value; write params.NAME')
    const known = this.#variables.get(node.args)
    if (known) return known
    const { kind, object } = this.#scope
    const where = object ? 'an object of a scene' : `kind ${kind}`
    if (Object.hasOwn(this.#scope.params, node.args)) return this.error(node, `${where} has no field ${node.args}; did you mean params.${node.args}?`)
    const other = object ? undefined : KINDS.find((each) => Object.hasOwn(FIELDS[each], node.args))
    if (other) return this.error(node, `${where} has no field ${node.args}, but kind ${other} has`)
    return this.error(node, `${where} has no field ${node.args}${didYouMean(node.args, [...this.#variables.keys(), 'params'])}`)
  }

  #param(node: Extract<Node, { op: '.' }>): Type {
    const [on, name] = node.args
    if (on.op !== 'id' || on.args !== 'params') {
      this.of(on)
      return this.error(node, `"${this.#source(node)}": only params have parts, such as params.NAME`)
    }
    const { params } = this.#scope
    const param = Object.hasOwn(params, name) ? params[name] : undefined
    return param ? typeOfParam(param) : this.error(node, `there is no param ${name}${didYouMean(name, Object.keys(params), (each) => `params.${each}`)}`)
  }

  #need(node: Node, wanted: 'bool' | 'number', by: string): Type {
    const type = this.of(node)
    if (type.is === wanted || type.is === 'unknown') return type
    return this.error(node, `${by} needs ${TYPE_NAMES[wanted]}, ${this.#source(node)} is ${TYPE_NAMES[type.is]}`)
  }

  #choice(node: Extract<Node, { op: '?:' }>): Type {
    const [test, yes, no] = node.args
    this.#need(test, 'bool', '?')
    const [a, b] = [this.of(yes), this.of(no)]
    if (a.is !== b.is && a.is !== 'unknown' && b.is !== 'unknown')
      return this.error(node, `both outcomes must be alike: ${this.#source(yes)} is ${TYPE_NAMES[a.is]}, ${this.#source(no)} is ${TYPE_NAMES[b.is]}`)
    return a.is === 'text' ? { is: 'text' } : a
  }

  #list(node: Extract<Node, { op: 'list' }>): Type {
    const types = node.args.map((item) => this.of(item))
    const [first = UNKNOWN] = types
    const odd = types.findIndex((type) => type.is !== first.is && type.is !== 'unknown' && first.is !== 'unknown')
    if (odd >= 0)
      this.error(
        node.args[odd] as Node,
        `a list holds one sort of value: ${this.#source(node.args[0] as Node)} is ${TYPE_NAMES[first.is]}, ${this.#source(node.args[odd] as Node)} is ${TYPE_NAMES[types[odd]?.is ?? 'unknown']}`,
      )
    return { is: 'list', of: first.is === 'text' ? { is: 'text' } : first }
  }

  #among(node: Extract<Node, { op: 'in' }>): Type {
    const [one, many] = node.args
    const type = this.of(one)
    const told = this.errors.length
    const list = this.of(many)
    if (this.errors.length > told) return BOOL
    if (list.is === 'unknown') return BOOL
    if (list.is !== 'list') this.error(many, `in needs a list, ${this.#source(many)} is ${TYPE_NAMES[list.is]}`)
    else if (many.op === 'list') for (const item of many.args) this.#agree(node, one, type, item, this.#quietly(item))
    else this.#agree(node, one, type, many, list.of)
    return BOOL
  }

  /** The type of what has been checked already. */
  #quietly(node: Node): Type {
    const told = this.errors.length
    const type = this.of(node)
    this.errors.length = told
    return type
  }

  #sum(node: Extract<Node, { op: '+' | '-' }>): Type {
    const [left, right] = node.args
    const [a, b] = [this.of(left), this.of(right)]
    for (const [side, type] of [
      [left, a],
      [right, b],
    ] as const)
      if (type.is !== 'number' && type.is !== 'duration' && type.is !== 'unknown')
        return this.error(side, `${node.op} needs a number, ${this.#source(side)} is ${TYPE_NAMES[type.is]}`)
    if (!this.#agree(node, left, a, right, b)) return UNKNOWN
    return a.is === 'number' && b.is === 'number' ? { is: 'number', unit: a.unit ?? b.unit } : a
  }

  /** Whether two values can be compared or added: of one type, in one unit, and a text one of those that the field may be. */
  #agree(node: Node, left: Node, a: Type, right: Node, b: Type): boolean {
    if (a.is === 'unknown' || b.is === 'unknown') return true
    const [one, other] = [this.#source(left), this.#source(right)]
    if (a.is !== b.is) {
      const hint = a.is === 'duration' && right.op === 'value' ? "; write duration('15m')" : ''
      this.error(node, `${one} is ${TYPE_NAMES[a.is]}, ${other} is ${TYPE_NAMES[b.is]}${hint}`)
      return false
    }
    if (a.is === 'number' && b.is === 'number' && a.unit !== undefined && b.unit !== undefined && a.unit !== b.unit) {
      this.error(node, `${one} is in ${a.unit}, ${other} in ${b.unit}`)
      return false
    }
    if (['<', '<=', '>', '>='].includes(node.op) && a.is !== 'number' && a.is !== 'duration') {
      this.error(node, `${node.op} cannot compare ${a.is === 'bool' ? 'true and false' : `${TYPE_NAMES[a.is]} with another`}`)
      return false
    }
    if (a.is === 'text' && b.is === 'text') return this.#oneOf(left, a, right, b) && this.#oneOf(right, b, left, a)
    return true
  }

  #oneOf(field: Node, { values }: Extract<Type, { is: 'text' }>, node: Node, { literal }: Extract<Type, { is: 'text' }>): boolean {
    if (values === undefined || literal === undefined || values.includes(literal)) return true
    const shown = node.op === 'value' ? '' : `, ${this.#source(node)} is "${literal}"`
    this.error(node, `${this.#source(field)} is one of ${values.join(', ')}${shown}${didYouMean(literal, values, (each) => `"${each}"`)}`)
    return false
  }

  #method(node: Node, name: string, on: Node, args: readonly Node[]): Type {
    const names = Object.keys(METHODS)
    if (!names.includes(name)) return this.error(node, `"${name}" is not part of the rule language${didYouMean(name, names)}`)
    const [argument] = args
    if (!argument || args.length > 1) return this.error(node, `${name} takes one text, such as text.${name}('x')`)
    for (const each of [on, argument]) {
      const type = this.of(each)
      if (type.is !== 'text' && type.is !== 'unknown') return this.error(each, `${name} needs a text, ${this.#source(each)} is ${TYPE_NAMES[type.is]}`)
    }
    if (name === 'matches') this.#pattern(argument)
    return BOOL
  }

  #pattern(node: Node): void {
    const type = this.#quietly(node)
    if (type.is !== 'text') return
    if (type.literal === undefined) this.error(node, 'matches needs a pattern that is written out, or a param')
    else {
      const compiled = compilePattern(type.literal)
      if ('why' in compiled) this.error(node, `the pattern "${type.literal}" cannot be used: ${compiled.why}`)
    }
  }

  #call(node: Node, name: string, args: readonly Node[]): Type {
    const named = FUNCTIONS.filter((each) => each.name === name)
    const here = named.filter((each) => inScope(each, this.#scope))
    const types = args.map((argument, i) => this.#argument(argument, here.some((each) => each.durations?.includes(i)) ?? false))
    if (named.length === 0) {
      const names = FUNCTIONS.filter((each) => inScope(each, this.#scope)).map((each) => each.name)
      return this.error(node, `there is no function ${name}${didYouMean(name, names, (each) => `${each}()`)}`)
    }
    if (here.length === 0) return this.error(node, wrongScope(named))
    const calls = here.flatMap((each) => each.signatures.map((text) => ({ of: each, ...signatureOf(text) })))
    const right = calls.find(({ takes }) => takes.length === args.length && takes.every((wanted, i) => fits(wanted, types[i] as Type)))
    if (!right) return this.#wrongArguments(node, name, args, types, calls)
    for (const objection of right.of.check?.(args, this.#scope) ?? []) this.error(objection.node, objection.why)
    const [first = UNKNOWN] = types
    if (right.of.gives === 'argument' && first.is === right.gives.is) return first.is === 'text' ? { is: 'text', ...(first.values && { values: first.values }) } : first
    return right.gives.is === 'number' ? { is: 'number', unit: right.of.unit } : right.gives
  }

  /** Where a length of time is asked for, a param that is one does as well as one that is written out. */
  #argument(node: Node, howLong: boolean): Type {
    const type = this.of(node)
    return howLong && node.op === '.' && type.is === 'duration' ? { is: 'text' } : type
  }

  #wrongArguments(node: Node, name: string, args: readonly Node[], types: readonly Type[], calls: readonly { of: LanguageFunction; takes: Type[] }[]): Type {
    const such = `such as ${calls[0]?.of.example}`
    const long = calls.filter(({ takes }) => takes.length === args.length)
    const odd = types.findIndex((type, i) => !long.some(({ takes }) => fits(takes[i] as Type, type)))
    const argument = args[odd]
    if (long.length === 0 || !argument) return this.error(node, `${name} takes ${counts(calls.map(({ takes }) => takes.length))}, ${such}`)
    if (calls[0]?.of.durations?.includes(odd)) return this.error(argument, `${name} needs a duration here, or a param that is one, ${such}`)
    const wanted = [...new Set(long.map(({ takes }) => TYPE_NAMES[takes[odd]?.is ?? 'unknown']))].join(' or ')
    return this.error(argument, `${name} needs ${wanted} here, ${this.#source(argument)} is ${TYPE_NAMES[types[odd]?.is ?? 'unknown']}, ${such}`)
  }
}

function fits(wanted: Type, type: Type): boolean {
  if (wanted.is === 'list' && type.is === 'list') return fits(wanted.of, type.of)
  return wanted.is === type.is || type.is === 'unknown' || wanted.is === 'unknown'
}

function wrongScope(named: readonly LanguageFunction[]): string {
  const name = named[0]?.name
  const kinds = named.flatMap((each) => each.kinds ?? [])
  if (kinds.length > 0) return `${name} works in rules on ${[...new Set(kinds)].join(', ')} only`
  return named.every((each) => each.only === 'object') ? `${name} works in rules over objects only (each: object)` : `${name} works in rules over assets only, not over objects`
}

function counts(lengths: readonly number[]): string {
  const all = [...new Set(lengths)].sort()
  const most = all.at(-1) ?? 0
  return `${all.map((count) => (count === 0 ? 'no' : String(count))).join(' or ')} argument${most === 1 ? '' : 's'}`
}
