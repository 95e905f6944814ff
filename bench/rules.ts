import { parseArgs } from 'node:util'
import type { Kind } from '../domain/fields.ts'
import { rulesFor } from '../rules/assets.ts'
import { freeze, thaw } from '../rules/snapshot.ts'
import { costByRule } from './rules-by-rule.ts'
import { book, City, DEVICES, rate } from './rules-city.ts'

/**
 * The rule engine alone, on one core, without disk or network. An evaluation is one rule judged on one observation.
 * Ratios within this run mean something; absolute numbers are this machine's.
 */
export interface RulesBench {
  /** The whole book, over its own mix of kinds. */
  book: { rules: number; messagesPerSecond: number; evaluationsPerSecond: number }
  /** 300 rules, each of which sees every message. */
  dense: { rules: number; messagesPerSecond: number; evaluationsPerSecond: number; goal: number }
  /** µs a message when five rules concern it and the rest of the book does not. */
  sparse: { rules: number; usPerMessage: number }[]
  /** Cost with the most rules over cost with the fewest; 1 is flat. */
  sparseRatio: number
  memory: { kbPerRule: number; goalKb: number; bytesPerKey: number }
  snapshot: { keys: number; bytes: number; freezeMs: number; thawMs: number }
}

export function benchRules(seconds: number, log: (line: string) => void): RulesBench {
  log('the book')
  const book = measureBook(seconds)
  log('300 rules that see every message')
  const dense = {
    ...measure(
      coverRules(300, () => ''),
      seconds,
    ),
    goal: 2_000_000,
  }
  const sparse = [10, 1000, 10_000].map((rules) => {
    log(`${rules} rules of which five concern a message`)
    const { messagesPerSecond } = measure(
      coverRules(rules, (i) => `assets: { labels: { set: s${Math.floor(i / 5)} } }\n`),
      seconds,
      's0',
    )
    return { rules, usPerMessage: 1e6 / messagesPerSecond }
  })
  log('memory and snapshots')
  return { book, dense, sparse, sparseRatio: (sparse.at(-1)?.usPerMessage ?? 0) / (sparse[0]?.usPerMessage ?? 1), memory: memory(), snapshot: snapshot(100_000) }
}

function coverRules(count: number, selector: (i: number) => string): { id: string; source: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `r-${i}`,
    source: `rule: r-${i}
title: { zh: 规则, en: Rule }
on: cover
${selector(i)}params:
  tiltDeg: { value: ${15 + (i % 60)}, unit: deg, min: 2, max: 90, help: Tilt }
when: tiltDeg > params.tiltDeg || displaced
for: 2s
clear: { when: tiltDeg < 5 && !displaced, for: 60s }
severity: critical
`,
  }))
}

const tilt = (n: number): object => ({ tiltDeg: n % 997 === 0 ? 20 : 1 + (n % 3), displaced: false, batteryPct: 88 })

function measure(rules: readonly { id: string; source: string }[], seconds: number, set?: string): { rules: number; messagesPerSecond: number; evaluationsPerSecond: number } {
  const city = new City()
  for (const { id, source } of rules) city.rule(id, source)
  if (set)
    for (let i = 0; i < DEVICES; i++)
      city.control({ type: 'asset', asset: { id: `cover-${i}`, kind: 'cover', devices: [], labels: { set }, area: null, grid: null, lon: null, lat: null, permits: [] } })
  const messagesPerSecond = rate(city, seconds, (size) => city.batch(size, () => 'cover', tilt))
  return { rules: rules.length, messagesPerSecond, evaluationsPerSecond: messagesPerSecond * judgedPerMessage(city) }
}

function measureBook(seconds: number): RulesBench['book'] {
  const city = new City()
  for (const { id, source, base } of book()) city.rule(id, source, base)
  const messagesPerSecond = rate(city, seconds, (size) => city.mixed(size))
  return { rules: city.engine.state.rules.size, messagesPerSecond, evaluationsPerSecond: messagesPerSecond * judgedPerMessage(city) }
}

/** How many rules judge a message, on average over the devices: not those whose selector leaves its asset out. */
export function judgedPerMessage({ engine }: City): number {
  const { state } = engine
  const counts = [...state.assets.values()].flatMap((asset) => Object.keys(asset.course.seen).map((kind) => rulesFor(state, asset, kind as Kind).length))
  return counts.reduce((sum, count) => sum + count, 0) / counts.length
}

function memory(): RulesBench['memory'] {
  const city = new City()
  const before = heap()
  const rules = coverRules(2000, () => '')
  for (const { id, source } of rules) city.rule(id, source)
  const kbPerRule = (heap() - before) / 1024 / rules.length
  const one = new City()
  for (const { id, source } of coverRules(1, () => '')) one.rule(id, source)
  const empty = heap()
  const keys = 50_000
  one.engine.step(
    one.batch(
      keys,
      () => 'cover',
      () => ({ tiltDeg: 40 }),
      keys,
    ),
  )
  return { kbPerRule, goalKb: 10, bytesPerKey: (heap() - empty) / keys }
}

function heap(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

function snapshot(keys: number): RulesBench['snapshot'] {
  const city = new City()
  for (const { id, source } of coverRules(1, () => '')) city.rule(id, source)
  city.engine.step(
    city.batch(
      keys,
      () => 'cover',
      () => ({ tiltDeg: 40 }),
      keys,
    ),
  )
  const start = performance.now()
  const frozen = freeze(city.engine.state)
  const freezeMs = performance.now() - start
  const again = performance.now()
  const state = thaw(frozen)
  if (state?.assets.size !== keys) throw new Error('the snapshot lost keys')
  return { keys, bytes: frozen.pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0), freezeMs, thawMs: performance.now() - again }
}

/** `npm run bench -- rules [--seconds N] [--json | --by-rule]`. */
export async function runRulesBench(args: readonly string[]): Promise<void> {
  const options = { seconds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false }, 'by-rule': { type: 'boolean', default: false } } as const
  const { values } = parseArgs({ args: [...args], options })
  const seconds = Number(values.seconds)
  if (values['by-rule']) {
    for (const line of costByRule(seconds)) process.stdout.write(`${line}\n`)
    return
  }
  const result = benchRules(seconds, (line) => process.stderr.write(`${line}\n`))
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`)
}
