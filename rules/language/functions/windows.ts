import type { Instant } from '../../../domain/time.ts'
import { parseDuration, SECOND } from '../../../domain/time.ts'
import type { Node } from '../environment.ts'
import { type Builder, constant, type LanguageFunction, UnsupportedError } from '../function.ts'
import type { Context, Evaluate } from '../values.ts'

/**
 * Windows (S13). A window is (t − d, t]. Its samples lie in panes of max(1 s, d/60), by event time: a pane leaves with its
 * newest sample, so that an aggregate is exact where samples are no closer than a pane, and to the pane everywhere else.
 * A pane holds what its function needs and nothing else; panes are immutable, checkpoints share them.
 */
interface Pane {
  /** at ÷ length of a pane. */
  readonly index: number
  /** Newest sample. */
  readonly at: Instant
  readonly sums: readonly number[]
}

/** How one aggregate is made: of one sample, of one more, and of all panes of a window (at least one). */
interface Aggregate {
  of(value: number, at: Instant): readonly number[]
  add(sums: readonly number[], value: number, at: Instant): readonly number[]
  read(panes: readonly (readonly number[])[]): number | undefined
}

const PANES = 60

export const paneLength = (windowMs: number): number => Math.max(SECOND, windowMs / PANES)

const total = (panes: readonly (readonly number[])[], position: number): number => panes.reduce((sum, pane) => sum + (pane[position] as number), 0)

const SUM: Aggregate = {
  of: (value) => [value],
  add: ([sum = 0], value) => [sum + value],
  read: (panes) => total(panes, 0),
}

const AVG: Aggregate = {
  of: (value) => [1, value],
  add: ([n = 0, sum = 0], value) => [n + 1, sum + value],
  read: (panes) => total(panes, 1) / total(panes, 0),
}

const MIN: Aggregate = {
  of: (value) => [value],
  add: ([least = 0], value) => [Math.min(least, value)],
  read: (panes) => panes.reduce((least, [value = 0]) => Math.min(least, value), Infinity),
}

const MAX: Aggregate = {
  of: (value) => [value],
  add: ([most = 0], value) => [Math.max(most, value)],
  read: (panes) => panes.reduce((most, [value = 0]) => Math.max(most, value), -Infinity),
}

/** [n, mean, sum of squared distances from the mean]: the sum of squares minus the square of the sum loses all digits of large values. */
const merged = ([n = 0, mean = 0, squares = 0]: readonly number[], [m = 0, other = 0, more = 0]: readonly number[]): readonly number[] => {
  const all = n + m
  return all === 0 ? [0, 0, 0] : [all, mean + ((other - mean) * m) / all, squares + more + ((other - mean) ** 2 * n * m) / all]
}

/** Of the whole population, as Prometheus has it. */
const STDDEV: Aggregate = {
  of: (value) => [1, value, 0],
  add: (sums, value) => merged(sums, [1, value, 0]),
  read: (panes) => {
    const [n = 0, , squares = 0] = panes.reduce(merged, [0, 0, 0])
    return Math.sqrt(squares / n)
  },
}

/** [first at, first, last at, last] */
const ENDS: Pick<Aggregate, 'of' | 'add'> = {
  of: (value, at) => [at, value, at, value],
  add: ([firstAt = 0, first = 0], value, at) => [firstAt, first, at, value],
}

const ends = (panes: readonly (readonly number[])[]): { first: number; last: number; ms: number } => {
  const [firstAt = 0, first = 0] = panes[0] ?? []
  const [, , lastAt = 0, last = 0] = panes.at(-1) ?? []
  return { first, last, ms: lastAt - firstAt }
}

const AGGREGATES = {
  avg: AVG,
  min: MIN,
  max: MAX,
  sum: SUM,
  stddev: STDDEV,
  first: { ...ENDS, read: (panes) => ends(panes).first },
  last: { ...ENDS, read: (panes) => ends(panes).last },
  delta: { ...ENDS, read: (panes) => ends(panes).last - ends(panes).first },
  // One sample has no rate.
  rate: { ...ENDS, read: (panes) => (ends(panes).ms > 0 ? (ends(panes).last - ends(panes).first) / (ends(panes).ms / SECOND) : undefined) },
} as const satisfies Record<string, Aggregate>

/** The window's panes with one more sample; those that have left it are let go. */
export function withSample(panes: readonly Pane[], aggregate: Aggregate, windowMs: number, value: number, at: Instant): readonly Pane[] {
  const index = Math.floor(at / paneLength(windowMs))
  const newest = panes.at(-1)
  if (newest?.index === index) return [...panes.slice(0, -1), { index, at, sums: aggregate.add(newest.sums, value, at) }]
  const kept = panes.findIndex((pane) => pane.at > at - windowMs)
  return [...(kept < 0 ? [] : panes.slice(kept)), { index, at, sums: aggregate.of(value, at) }]
}

function windowOf(aggregate: Aggregate, value: Evaluate, taken: (context: Context) => boolean, windowMs: number, build: Builder): Evaluate {
  const slot = build.slot('key')
  const panesOf = (context: Context): readonly Pane[] => (context.memory[slot] as readonly Pane[] | null | undefined) ?? NO_PANES
  build.feed((context) => {
    if (!taken(context)) return
    const sample = value(context)
    if (sample !== undefined) context.memory[slot] = withSample(panesOf(context), aggregate, windowMs, Number(sample), context.at)
  })
  build.turns((context) => {
    const oldest = panesOf(context).find((pane) => pane.at + windowMs > context.at)
    return oldest ? oldest.at + windowMs : Infinity
  })
  return (context) => {
    const inside: (readonly number[])[] = []
    for (const pane of panesOf(context)) if (pane.at > context.at - windowMs) inside.push(pane.sums)
    return inside.length > 0 ? aggregate.read(inside) : undefined
  }
}

const NO_PANES: readonly Pane[] = []
const always = (): boolean => true

/** A value is sampled when the observation carries one of its fields; one without fields, and any condition, at every observation. */
function sampled(node: Node, build: Builder): (context: Context) => boolean {
  const fields = build.fieldsOf(node)
  if (LOGIC.has(node.op) || fields.length === 0) return always
  return ({ values, before }) => fields.some((name) => values[name] !== undefined && values[name] !== before[name])
}

const LOGIC = new Set<string>(['&&', '||', '!_', '==', '!=', '<', '<=', '>', '>=', 'in'])

function windowMsOf(name: string, node: Node | undefined): number {
  const windowMs = parseDuration(String(constant(node)))
  if (windowMs === undefined || windowMs <= 0) throw new UnsupportedError(`${name} without a window`)
  return windowMs
}

const EXAMPLES: Record<keyof typeof AGGREGATES, [zh: string, en: string, example: string]> = {
  avg: ['窗口内的平均值', 'average of the samples in the window', "avg(waterMm, '5m') > 800"],
  min: ['窗口内的最小值', 'least sample in the window', "min(batteryPct, '1h') < 20"],
  max: ['窗口内的最大值', 'greatest sample in the window', "max(speedKmh, '1m') > 60"],
  sum: ['窗口内各样本之和', 'sum of the samples in the window', "sum(displaced, '1h') > 3"],
  stddev: ['窗口内样本的总体标准差', 'standard deviation of the samples in the window (of the population)', "stddev(tiltDeg, '10m') > 5"],
  first: ['窗口内最早的样本', 'oldest sample in the window', "first(waterMm, '30m') < 100"],
  last: ['窗口内最新的样本', 'newest sample in the window', "last(waterMm, '30m') > 500"],
  delta: ['窗口内最新与最早样本之差', 'newest less oldest sample in the window', "delta(waterMm, '30m') > 200"],
  rate: ['窗口内每秒的变化', 'change per second from the oldest to the newest sample in the window; one sample has none', "rate(waterMm, '10m') > 0.5"],
}

const aggregates = Object.entries(AGGREGATES).map(([name, aggregate]): LanguageFunction => {
  const [zh, en, example] = EXAMPLES[name as keyof typeof AGGREGATES]
  return {
    name,
    signatures: [`${name}(double, string): double`, `${name}(int, string): double`, `${name}(bool, string): double`],
    durations: [1],
    ...(name === 'rate' ? {} : { gives: 'argument' }),
    help: { zh, en },
    example,
    compile(args, build) {
      const [value] = args
      if (!value) throw new UnsupportedError(`${name} without a value`)
      return windowOf(aggregate, build.compile(value), sampled(value, build), windowMsOf(name, args[1]), build)
    },
  }
})

const COUNT: LanguageFunction = {
  name: 'count',
  signatures: ['count(bool, string): double'],
  durations: [1],
  help: { zh: '窗口内条件成立的观测次数', en: 'at how many observations in the window the condition was true' },
  example: "count(lid == 'open', '10m') >= 3",
  compile(args, build) {
    const [condition] = args
    if (!condition) throw new UnsupportedError('count without a condition')
    return windowOf(SUM, build.compile(condition), always, windowMsOf('count', args[1]), build)
  },
}

export const WINDOWS: readonly LanguageFunction[] = [...aggregates, COUNT]
