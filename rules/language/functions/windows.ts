import type { Instant } from '../../../domain/time.ts'
import { parseDuration, SECOND } from '../../../domain/time.ts'
import type { Node } from '../environment.ts'
import { type Builder, constant, type LanguageFunction, remember, UnsupportedError } from '../function.ts'
import type { Context, Evaluate } from '../values.ts'

/**
 * Windows (S13). A window is (t − d, t]. Its samples lie in panes of max(1 s, d/60), by event time: a pane leaves with its
 * newest sample, so that an aggregate is exact where samples are no closer than a pane, and to the pane everywhere else.
 * A pane is the time of its newest sample and what its function needs of its samples, as so many numbers in a row: there
 * are many windows in a city. The open pane takes samples, those before it are closed; both are immutable, checkpoints
 * share them.
 */
interface Panes {
  readonly closed: readonly number[]
  readonly open: readonly number[]
}

/** How one aggregate is made. Panes are named by their number in the window; there is at least one, that `from` names. */
interface Aggregate {
  /** A pane with its first sample, and with one more. */
  of(value: number, at: Instant): readonly number[]
  add(pane: readonly number[], value: number, at: Instant): readonly number[]
  read(window: Window, from: number): number | undefined
  /** The first pane whose leaving may change what is read: a window in which nothing happens wakes nobody. */
  until(window: Window, from: number): number
}

const PANES = 60

export const paneLength = (windowMs: number): number => Math.max(SECOND, windowMs / PANES)

/** Panes as an aggregate reads them. */
class Window {
  readonly last: number
  readonly #panes: Panes
  readonly #width: number

  constructor(panes: Panes) {
    this.#panes = panes
    this.#width = panes.open.length
    this.last = panes.closed.length / this.#width
  }

  /** Newest sample of a pane. */
  newest(pane: number): Instant {
    return this.kept(pane, 0)
  }

  kept(pane: number, position: number): number {
    const { closed, open } = this.#panes
    const index = pane * this.#width + position
    return (index < closed.length ? closed[index] : open[index - closed.length]) as number
  }

  /** The first pane with a sample after `at`; beyond the last when there is none. */
  firstAfter(at: Instant): number {
    const { closed, open } = this.#panes
    let index = 0
    while (index < closed.length && (closed[index] as number) <= at) index += this.#width
    return index < closed.length || (open[0] as number) > at ? index / this.#width : this.last + 1
  }

  total(from: number, position: number): number {
    const { closed, open } = this.#panes
    let sum = 0
    for (let index = from * this.#width + position; index < closed.length; index += this.#width) sum += closed[index] as number
    return sum + (open[position] as number)
  }

  /** The first pane that does not hold `value` there; the last, which leaves the window empty, when all do. */
  firstWithout(value: number, from: number, position: number): number {
    const { closed } = this.#panes
    let index = from * this.#width + position
    while (index < closed.length && closed[index] === value) index += this.#width
    return (index - position) / this.#width
  }

  /** Whether all panes hold `value` there. */
  allHold(value: number, from: number, position: number): boolean {
    return this.kept(this.firstWithout(value, from, position), position) === value
  }
}

/** What a pane keeps at a position. */
function its(pane: readonly number[], position: number): number {
  return pane[position] as number
}

const SUM: Aggregate = {
  of: (value, at) => [at, value],
  add: (pane, value, at) => [at, its(pane, 1) + value],
  read: (window, from) => window.total(from, 1),
  until: (window, from) => window.firstWithout(0, from, 1),
}

const AVG: Aggregate = {
  of: (value, at) => [at, 1, value],
  add: (pane, value, at) => [at, its(pane, 1) + 1, its(pane, 2) + value],
  read: (window, from) => window.total(from, 2) / window.total(from, 1),
  until: (window, from) => (window.allHold(0, from, 2) ? window.last : from),
}

function extreme(better: (a: number, b: number) => number): Aggregate {
  const read = (window: Window, from: number): number => {
    let best = window.kept(from, 1)
    for (let pane = from + 1; pane <= window.last; pane++) best = better(best, window.kept(pane, 1))
    return best
  }
  return {
    of: (value, at) => [at, value],
    add: (pane, value, at) => [at, better(its(pane, 1), value)],
    read,
    until: (window, from) => {
      const best = read(window, from)
      let pane = window.last
      while (pane > from && window.kept(pane, 1) !== best) pane--
      return pane
    },
  }
}

type Spread = readonly [n: number, mean: number, squares: number]

/** The sum of squares minus the square of the sum would lose all digits of large values. */
function merged([n, mean, squares]: Spread, [m, other, more]: Spread): Spread {
  // Not even rounding may make equal samples differ.
  if (n === 0) return [m, other, more]
  const all = n + m
  return [all, mean + ((other - mean) * m) / all, squares + more + ((other - mean) ** 2 * n * m) / all]
}

/** Of the whole population, as Prometheus has it. */
const STDDEV: Aggregate = {
  of: (value, at) => [at, 1, value, 0],
  add: (pane, value, at) => [at, ...merged([its(pane, 1), its(pane, 2), its(pane, 3)], [1, value, 0])],
  read: (window, from) => {
    let all: Spread = [0, 0, 0]
    for (let pane = from; pane <= window.last; pane++) all = merged(all, [window.kept(pane, 1), window.kept(pane, 2), window.kept(pane, 3)])
    return Math.sqrt(all[2] / all[0])
  },
  until: (window, from) => (window.allHold(0, from, 3) && window.allHold(window.kept(from, 2), from, 2) ? window.last : from),
}

/** The pane before the first one that began with another sample. */
function untilFirstDiffers(window: Window, from: number, position: number): number {
  const value = window.kept(from, position)
  const other = window.firstWithout(value, from, position)
  return window.kept(other, position) === value ? other : other - 1
}

const FIRST: Aggregate = {
  of: (value, at) => [at, value],
  add: (pane, _value, at) => [at, its(pane, 1)],
  read: (window, from) => window.kept(from, 1),
  until: (window, from) => untilFirstDiffers(window, from, 1),
}

const LAST: Aggregate = {
  of: (value, at) => [at, value],
  add: (_pane, value, at) => [at, value],
  read: (window) => window.kept(window.last, 1),
  until: (window) => window.last,
}

const DELTA: Aggregate = {
  of: (value, at) => [at, value, value],
  add: (pane, value, at) => [at, its(pane, 1), value],
  read: (window, from) => window.kept(window.last, 2) - window.kept(from, 1),
  until: (window, from) => untilFirstDiffers(window, from, 1),
}

/** Per second; one sample has no rate. */
const RATE: Aggregate = {
  of: (value, at) => [at, at, value, value],
  add: (pane, value, at) => [at, its(pane, 1), its(pane, 2), value],
  read: (window, from) => {
    const ms = window.newest(window.last) - window.kept(from, 1)
    return ms > 0 ? ((window.kept(window.last, 3) - window.kept(from, 2)) / ms) * SECOND : undefined
  },
  until: (_window, from) => from,
}

const AGGREGATES = {
  avg: AVG,
  min: extreme(Math.min),
  max: extreme(Math.max),
  sum: SUM,
  stddev: STDDEV,
  first: FIRST,
  last: LAST,
  delta: DELTA,
  rate: RATE,
} as const satisfies Record<string, Aggregate>

/** The window's panes with one more sample; those that have left it are let go. */
function withSample(panes: Panes | undefined, aggregate: Aggregate, windowMs: number, value: number, at: Instant): Panes {
  if (!panes) return { closed: NONE, open: aggregate.of(value, at) }
  const { closed, open } = panes
  const length = paneLength(windowMs)
  if (Math.floor(its(open, 0) / length) === Math.floor(at / length)) return { closed, open: aggregate.add(open, value, at) }
  const gone = new Window(panes).firstAfter(at - windowMs) * open.length
  const left = closed.slice(gone)
  if (gone <= closed.length) left.push(...open)
  return { closed: left, open: aggregate.of(value, at) }
}

const NONE: readonly number[] = []

function windowOf(aggregate: Aggregate, value: Evaluate, taken: (context: Context) => boolean, windowMs: number, build: Builder): Evaluate {
  const slot = build.slot('key')
  const panesOf = (context: Context): Panes | undefined => (context.memory[slot] as Panes | null | undefined) ?? undefined
  build.feed((context) => {
    if (!taken(context)) return
    const sample = value(context)
    if (sample !== undefined) remember(context, slot, withSample(panesOf(context), aggregate, windowMs, Number(sample), context.at))
  })
  build.turns((context) => {
    const panes = panesOf(context)
    if (!panes) return Infinity
    const window = new Window(panes)
    const from = window.firstAfter(context.at - windowMs)
    return from <= window.last ? window.newest(aggregate.until(window, from)) + windowMs : Infinity
  })
  return (context) => {
    const panes = panesOf(context)
    if (!panes) return undefined
    const window = new Window(panes)
    const from = window.firstAfter(context.at - windowMs)
    return from <= window.last ? aggregate.read(window, from) : undefined
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
    steady: true,
    signatures: [`${name}(double, string): double`, `${name}(int, string): double`, `${name}(bool, string): double`],
    durations: [1],
    ...(name === 'rate' ? {} : { gives: 'argument' }),
    help: { zh, en },
    example,
    compile(args, build) {
      const [value] = args
      if (!value) throw new UnsupportedError(`${name} without a value`)
      return windowOf(aggregate, build.sample(value), sampled(value, build), windowMsOf(name, args[1]), build)
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
    return windowOf(SUM, build.sample(condition), always, windowMsOf('count', args[1]), build)
  },
}

export const WINDOWS: readonly LanguageFunction[] = [...aggregates, COUNT]
