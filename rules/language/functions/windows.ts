import type { Instant } from '../../../domain/time.ts'
import { SECOND } from '../../../domain/time.ts'
import type { Node } from '../environment.ts'
import { type Builder, type LanguageFunction, lengthOf, remember, UnsupportedError } from '../function.ts'
import type { Context, Evaluate } from '../values.ts'

/**
 * What a window keeps of the samples in one pane, or in several: first the time of the newest sample (of several panes:
 * of the oldest one), then what its function needs. Numbers in a row, because there are many windows in a city.
 */
type Pane = readonly number[]

/**
 * Windows (S13). A window is (t − d, t]. Its samples lie in panes of max(1 s, d/60), by event time: a pane leaves with its
 * newest sample, so that an aggregate is exact where samples are no closer than a pane, and to the pane everywhere else.
 * The open pane takes samples, those before it are closed. Immutable, checkpoints share what did not change.
 */
interface Panes {
  /** One after the other; some of the oldest may have left the window. */
  readonly closed: readonly number[]
  readonly open: Pane
  /** Those of the closed panes that had not left when the last one was closed, as one; null without any. And whether they are alike. */
  readonly folded: Pane | null
  readonly alike: boolean
}

/** How one aggregate is made. */
interface Aggregate {
  /** A pane with this sample alone. */
  of(value: number, at: Instant): Pane
  /** Adds the newer pane that begins at `i` of a row; the time is left as it is. */
  add(to: number[], row: readonly number[], i: number): void
  /** Whether of panes that are all alike any may leave and what is read stays: a window in which nothing happens wakes nobody. */
  alike(one: Pane, row: readonly number[], i: number): boolean
  read(pane: Pane): number | undefined
}

const PANES = 60

export const paneLength = (windowMs: number): number => Math.max(SECOND, windowMs / PANES)

/** What stands at a position. */
function its(pane: Pane, position: number): number {
  return pane[position] as number
}

const SUM: Aggregate = {
  of: (value, at) => [at, value],
  add: (to, row, i) => {
    to[1] = its(to, 1) + its(row, i + 1)
  },
  alike: (one, row, i) => its(one, 1) === 0 && its(row, i + 1) === 0,
  read: (pane) => its(pane, 1),
}

const AVG: Aggregate = {
  of: (value, at) => [at, value, 1],
  add: (to, row, i) => {
    to[1] = its(to, 1) + its(row, i + 1)
    to[2] = its(to, 2) + its(row, i + 2)
  },
  alike: SUM.alike,
  read: (pane) => its(pane, 1) / its(pane, 2),
}

function extreme(better: (a: number, b: number) => number): Aggregate {
  return {
    of: (value, at) => [at, value],
    add: (to, row, i) => {
      to[1] = better(its(to, 1), its(row, i + 1))
    },
    alike: (one, row, i) => its(one, 1) === its(row, i + 1),
    read: (pane) => its(pane, 1),
  }
}

/** Of the whole population, as Prometheus has it: mean, sum of squared distances from it, number of samples. */
const STDDEV: Aggregate = {
  of: (value, at) => [at, value, 0, 1],
  // The sum of squares minus the square of the sum would lose all digits of large values.
  add: (to, row, i) => {
    const [n, m] = [its(to, 3), its(row, i + 3)]
    const apart = its(row, i + 1) - its(to, 1)
    to[1] = its(to, 1) + (apart * m) / (n + m)
    to[2] = its(to, 2) + its(row, i + 2) + (apart ** 2 * n * m) / (n + m)
    to[3] = n + m
  },
  alike: (one, row, i) => its(one, 1) === its(row, i + 1) && its(one, 2) === 0 && its(row, i + 2) === 0,
  read: (pane) => Math.sqrt(its(pane, 2) / its(pane, 3)),
}

const FIRST: Aggregate = {
  of: (value, at) => [at, value],
  add: () => {},
  alike: (one, row, i) => its(one, 1) === its(row, i + 1),
  read: (pane) => its(pane, 1),
}

const LAST: Aggregate = {
  of: (value, at) => [at, value],
  add: (to, row, i) => {
    to[1] = its(row, i + 1)
  },
  alike: () => true,
  read: (pane) => its(pane, 1),
}

const DELTA: Aggregate = {
  of: (value, at) => [at, value, value],
  add: (to, row, i) => {
    to[2] = its(row, i + 2)
  },
  alike: FIRST.alike,
  read: (pane) => its(pane, 2) - its(pane, 1),
}

/** Per second; one sample has no rate. */
const RATE: Aggregate = {
  of: (value, at) => [at, at, value, at, value],
  add: (to, row, i) => {
    to[3] = its(row, i + 3)
    to[4] = its(row, i + 4)
  },
  alike: () => false,
  read: (pane) => {
    const ms = its(pane, 3) - its(pane, 1)
    return ms > 0 ? ((its(pane, 4) - its(pane, 2)) / ms) * SECOND : undefined
  },
}

const AGGREGATES = { avg: AVG, min: extreme(Math.min), max: extreme(Math.max), sum: SUM, stddev: STDDEV, first: FIRST, last: LAST, delta: DELTA, rate: RATE } as const

/** The window's panes with one more sample; those that have left it are let go. */
function withSample(panes: Panes | undefined, aggregate: Aggregate, windowMs: number, value: number, at: Instant): Panes {
  const sample = aggregate.of(value, at)
  if (!panes) return { closed: NONE, open: sample, folded: null, alike: true }
  const { closed, open, folded, alike } = panes
  const length = paneLength(windowMs)
  if (Math.floor(its(open, 0) / length) !== Math.floor(at / length)) return closing(panes, aggregate, at - windowMs, sample)
  const grown = open.slice()
  aggregate.add(grown, sample, 0)
  grown[0] = at
  return { closed, open: grown, folded, alike }
}

/** The open pane is closed, `next` is opened; what has left by `since` goes. */
function closing({ closed, open, folded, alike }: Panes, aggregate: Aggregate, since: Instant, next: Pane): Panes {
  if (its(open, 0) <= since) return { closed: NONE, open: next, folded: null, alike: true }
  if (folded && its(folded, 0) > since) {
    const all = folded.slice()
    aggregate.add(all, open, 0)
    return { closed: closed.concat(open), open: next, folded: all, alike: alike && aggregate.alike(folded, open, 0) }
  }
  const gone = firstAfter(closed, open.length, since)
  // A few that have left are carried along: two copies would cost more.
  const few = gone * 4 < closed.length
  const left = (few ? closed : closed.slice(gone)).concat(open)
  return { closed: left, open: next, ...fold(left, open.length, aggregate, few ? gone : 0) }
}

const NONE: readonly number[] = []

/** Where the first pane with a sample after `since` begins. */
function firstAfter(closed: readonly number[], width: number, since: Instant): number {
  let index = 0
  while (index < closed.length && its(closed, index) <= since) index += width
  return index
}

/** The panes from `from` on as one. */
function fold(closed: readonly number[], width: number, aggregate: Aggregate, from: number): Pick<Panes, 'folded' | 'alike'> {
  if (from >= closed.length) return { folded: null, alike: true }
  const folded = closed.slice(from, from + width)
  let alike = true
  for (let index = from + width; index < closed.length; index += width) {
    alike &&= aggregate.alike(folded, closed, index)
    aggregate.add(folded, closed, index)
  }
  return { folded, alike }
}

/** The closed panes of the window that begins after `since`. */
function closedAfter(panes: Panes, aggregate: Aggregate, since: Instant): Pick<Panes, 'folded' | 'alike'> {
  const { closed, open, folded } = panes
  if (!folded || its(folded, 0) > since) return panes
  return fold(closed, open.length, aggregate, firstAfter(closed, open.length, since))
}

const scratch: number[] = []

function readBoth(folded: Pane, open: Pane, aggregate: Aggregate): number | undefined {
  for (let i = 0; i < folded.length; i++) scratch[i] = its(folded, i)
  aggregate.add(scratch, open, 0)
  return aggregate.read(scratch)
}

function windowOf(aggregate: Aggregate, value: Evaluate, taken: (context: Context) => boolean, windowMs: (context: Context) => number, build: Builder): Evaluate {
  const slot = build.slot('key')
  const panesOf = (context: Context): Panes | undefined => (context.memory[slot] as Panes | null | undefined) ?? undefined
  build.feed((context) => {
    if (!taken(context)) return
    const sample = value(context)
    if (sample !== undefined) remember(context, slot, withSample(panesOf(context), aggregate, windowMs(context), Number(sample), context.at))
  })
  build.turns((context) => {
    const panes = panesOf(context)
    const since = context.at - windowMs(context)
    if (!panes || its(panes.open, 0) <= since) return Infinity
    const { folded, alike } = closedAfter(panes, aggregate, since)
    return its(folded && !(alike && aggregate.alike(folded, panes.open, 0)) ? folded : panes.open, 0) + windowMs(context)
  })
  return (context) => {
    const panes = panesOf(context)
    const since = context.at - windowMs(context)
    if (!panes || its(panes.open, 0) <= since) return undefined
    const { folded } = closedAfter(panes, aggregate, since)
    return folded ? readBoth(folded, panes.open, aggregate) : aggregate.read(panes.open)
  }
}

const always = (): boolean => true

/** A value is sampled when the observation carries one of its fields; one without fields, and any condition, at every observation. */
function sampled(node: Node, build: Builder): (context: Context) => boolean {
  const fields = build.fieldsOf(node)
  if (LOGIC.has(node.op) || fields.length === 0) return always
  return ({ values, before }) => fields.some((name) => values[name] !== undefined && values[name] !== before[name])
}

const LOGIC = new Set<string>(['&&', '||', '!_', '==', '!=', '<', '<=', '>', '>=', 'in'])

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
    steady: true,
    signatures: [`${name}(double, string): double`, `${name}(int, string): double`, `${name}(bool, string): double`],
    durations: [1],
    ...(name === 'rate' ? {} : { gives: 'argument' }),
    help: { zh, en },
    example,
    compile(args, build) {
      const [value] = args
      if (!value) throw new UnsupportedError(`${name} without a value`)
      return windowOf(aggregate, build.sample(value), sampled(value, build), lengthOf(name, args[1], build), build)
    },
  }
})

const COUNT: LanguageFunction = {
  name: 'count',
  steady: true,
  signatures: ['count(bool, string): double'],
  durations: [1],
  help: { zh: '窗口内条件成立的观测次数', en: 'at how many observations in the window the condition was true' },
  example: "count(lid == 'open', '10m') >= 3",
  compile(args, build) {
    const [condition] = args
    if (!condition) throw new UnsupportedError('count without a condition')
    return windowOf(SUM, build.sample(condition), always, lengthOf('count', args[1], build), build)
  },
}

export const WINDOWS: readonly LanguageFunction[] = [...aggregates, COUNT]
