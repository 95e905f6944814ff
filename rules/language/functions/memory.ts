import type { Offset } from '../../../domain/ids.ts'
import type { Instant } from '../../../domain/time.ts'
import type { Node } from '../environment.ts'
import { type Builder, constant, countOf, type LanguageFunction, lengthOf, type Objection, remember, UnsupportedError } from '../function.ts'
import type { Scope } from '../types.ts'
import type { Context, Evaluate, Stamped } from '../values.ts'

/** Observations that `ofLast` can look back on. */
const MOST_LOOKS = 100

/** The field's value as it was before this observation, if it was not too old then (S4). */
function valueBefore(context: Context, name: string, staleAfter: number): Stamped['value'] | undefined {
  const stamped = context.before[name]
  return stamped !== undefined && context.at - stamped.at <= staleAfter ? stamped.value : undefined
}

function same(a: Stamped['value'], b: Stamped['value']): boolean {
  return typeof a === 'object' && typeof b === 'object' ? a.length === b.length && a.every((each, i) => each === b[i]) : a === b
}

function fieldOf(name: string, node: Node | undefined): string {
  if (node?.op !== 'id') throw new UnsupportedError(`${name} of what is no field`)
  return node.args
}

const mustBeField =
  (name: string) =>
  ([argument]: readonly Node[]): Objection[] =>
    argument && (argument.op !== 'id' || argument.args === 'params') ? [{ node: argument, why: `${name} needs a field, not an expression` }] : []

const TYPES = ['double', 'string', 'bool', 'list<string>'] as const

const CHANGED: LanguageFunction = {
  name: 'changed',
  signatures: TYPES.map((type) => `changed(${type}): bool`),
  only: 'asset',
  check: mustBeField('changed'),
  help: { zh: '与上一次的值不同', en: 'this observation brought another value than the one before' },
  example: 'changed(bed)',
  compile(args, build) {
    const name = fieldOf('changed', args[0])
    return (context) => {
      const before = valueBefore(context, name, build.staleAfter)
      const now = context.values[name]
      return before === undefined || now === undefined ? undefined : !same(before, now.value)
    }
  },
}

const BEFORE: LanguageFunction = {
  name: 'before',
  signatures: TYPES.map((type) => `before(${type}): ${type}`),
  only: 'asset',
  check: mustBeField('before'),
  gives: 'argument',
  help: { zh: '此前的值', en: 'the value before this observation' },
  example: "before(load) == 'empty' && load == 'full'",
  compile(args, build) {
    const name = fieldOf('before', args[0])
    return (context) => valueBefore(context, name, build.staleAfter)
  },
}

/** Event times at which a condition was last true: before the newest observation, and up to it; and which observations these were. */
type Happened = readonly [before: Instant | null, newest: Instant | null, by: Offset | null, newestBy: Offset | null]
const NEVER: Happened = [null, null, null, null]

/** Its own observation does not count: `happened(a, d) && b` says that a came first. */
function happened(condition: Evaluate, within: (context: Context) => number, build: Builder): Evaluate {
  const slot = build.slot('key')
  const memoryOf = (context: Context): Happened => (context.memory[slot] as Happened | null | undefined) ?? NEVER
  build.feed((context) => {
    const [before, newest, , newestBy] = memoryOf(context)
    const holds = condition(context) === true
    const now = holds ? context.at : newest
    // Nothing new is remembered of what has never been true.
    if (now !== null && (now !== newest || before !== newest)) {
      const by = holds ? (context.observation?.offset ?? null) : newestBy
      remember(context, slot, [newest, now, newestBy, by] satisfies Happened)
    }
  })
  build.witness((context) => {
    const [before, , by] = memoryOf(context)
    return before !== null && context.at - before <= within(context) ? by : null
  })
  const lastOf = (context: Context): Instant | null => {
    const [before, newest] = memoryOf(context)
    return context.observation === undefined && newest !== null && newest < context.at ? newest : before
  }
  build.turns((context) => {
    // Just past the limit: at the limit itself it still counts.
    const newest = memoryOf(context)[1]
    const over = newest === null ? Infinity : newest + within(context) + 1
    return over > context.at ? over : Infinity
  })
  return (context) => {
    const last = lastOf(context)
    return last !== null && context.at - last <= within(context)
  }
}

const HAPPENED: LanguageFunction = {
  name: 'happened',
  signatures: ['happened(bool, string): bool'],
  durations: [1],
  help: { zh: '在此前这段时间内的某次观测中成立过', en: 'was true at an earlier observation at most so long ago' },
  example: "happened(bed == 'raised', '10m') && load == 'empty'",
  compile(args, build) {
    const [condition, within] = args
    if (!condition) throw new UnsupportedError('happened without a condition')
    return happened(build.sample(condition), lengthOf('happened', within, build), build)
  },
}

/** A whole number that is written out, or a param that is one for every asset; else none. */
function looks(node: Node | undefined, { params }: Scope): number {
  const param = node?.op === '.' ? params[node.args[1]] : undefined
  if (param && !((param.min ?? 0) >= 1 && (param.max ?? Infinity) <= MOST_LOOKS)) return Number.NaN
  const value = param ? param.value : constant(node)
  return typeof value === 'number' && Number.isInteger(value) ? value : Number.NaN
}

function ones(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (text[i] === '1') count++
  return count
}

/** Its memory is a text of 0 and 1, the newest last: what is known of the last observations. */
const OF_LAST: LanguageFunction = {
  name: 'ofLast',
  steady: true,
  signatures: ['ofLast(bool, int, int): bool'],
  check: ([, wanted, among], scope) => {
    const [k, n] = [looks(wanted, scope), looks(among, scope)]
    if (wanted && !(k >= 1)) return [{ node: wanted, why: `ofLast needs a whole number of observations such as 3, or a param with min 1 or more and max ${MOST_LOOKS} or less` }]
    if (among && !(n >= k && n <= MOST_LOOKS))
      return [{ node: among, why: `ofLast looks back on at least ${k} and at most ${MOST_LOOKS} observations; a param needs min and max within them` }]
    return []
  },
  help: { zh: '最近 n 次观测中至少 k 次成立', en: 'true at no fewer than k of the last n observations' },
  example: 'ofLast(tiltDeg > 15, 3, 5)',
  compile(args, build) {
    const [condition, wanted, among] = args
    if (!condition) throw new UnsupportedError('ofLast without a condition')
    const [k, n] = [countOf('ofLast', wanted, build), countOf('ofLast', among, build)]
    const evaluate = build.sample(condition)
    const slot = build.slot('key')
    build.feed((context) => {
      const value = evaluate(context)
      if (value === undefined) return
      const before = (context.memory[slot] as string | null | undefined) ?? ''
      const seen = `${before}${value ? 1 : 0}`.slice(-n(context))
      if (seen !== before) remember(context, slot, seen)
    })
    return (context) => {
      const seen = (context.memory[slot] as string | null | undefined) ?? ''
      return seen === '' ? undefined : ones(seen) >= k(context)
    }
  },
}

export const MEMORY: readonly LanguageFunction[] = [CHANGED, BEFORE, HAPPENED, OF_LAST]
