import { CodedError } from '../domain/errors.ts'
import type { RuleId } from '../domain/ids.ts'
import type { Projected } from '../domain/projection.ts'
import type { JournalRecord } from '../domain/record.ts'
import type { RuleFile } from '../domain/rule.ts'
import { formatDuration, type Instant } from '../domain/time.ts'
import { Engine } from './engine.ts'
import { parseRuleFile } from './file.ts'
import { MemoryHistory } from './memory-history.ts'
import { besideDifferences } from './scenario-beside.ts'
import { parseScenarios, type Scenario } from './scenario-file.ts'
import { beginOf, cityOf, type Draft, ms, type Planned, plan } from './scenario-records.ts'
import { freeze, thaw } from './snapshot.ts'
import { editedSource } from './source.ts'

export interface ScenarioResult {
  name: string
  /** Where the scenario stands in its file. */
  line: number
  /** Empty when it passed. */
  differences: string[]
}

/** A rule as scenarios run it; `base`: the source of the rule that it extends. */
export interface ScenarioRule {
  source: string
  base: string | undefined
  file: Pick<RuleFile, 'rule' | 'on' | 'when' | 'fuse' | 'doubt'>
}

/** Runs the scenarios of one rule; `base`: the source of the rule that it extends. Throws `rules.invalid` or `scenarios.invalid` with everything that is wrong, by line and column. */
export function runScenarios(source: string, scenarios: string, base?: string): ScenarioResult[] {
  const parsed = parseRuleFile(source, base)
  if ('errors' in parsed) throw new CodedError('rules.invalid', undefined, { details: parsed.errors.map(({ line, column, why }) => ({ where: `${line}:${column}`, why })) })
  const rule = { source, base, file: parsed.file }
  return parseScenarios(scenarios).scenarios.map((scenario) => ({ name: scenario.name, line: scenario.line, differences: runScenario(rule, scenario) }))
}

type Said = Record<string, unknown>

/** What may happen to any scenario and must not show. */
export interface Disturbance {
  /** The engine is stopped and restored from its snapshot before every so many records, so many (0: the first) at the latest. */
  restarts?: { every: number; first: number }
  /** What is not an observation is journalled twice. */
  twice?: boolean
  /** All observations are received so much later. */
  delayMs?: number
}

/** What a rule says differently from what one scenario expects. */
export function runScenario(rule: ScenarioRule, scenario: Scenario, { restarts, twice = false, delayMs = 0 }: Disturbance = {}): string[] {
  const history = new MemoryHistory()
  let engine = new Engine(history)
  const out: Said[] = []
  let offset = 0
  const begin = beginOf(scenario)
  const isRepeated = onceEach()
  const restart = (): void => {
    engine = new Engine(history, thaw(freeze(engine.state)))
  }
  const feed = (draft: Draft, receivedAt: Instant): void => {
    if (draft.type === 'observation' && isRepeated(draft)) return
    if (restarts && offset % restarts.every === restarts.first) restart()
    const record = { ...draft, offset: ++offset, receivedAt } as unknown as JournalRecord
    out.push(...engine.step([record]).flatMap(saidBy))
    if (record.type === 'observation') history.add(record)
  }
  const tickUntil = (to: Instant): void => {
    for (let wake = engine.nextWake; wake < to; wake = engine.nextWake) feed({ type: 'tick' }, wake)
  }
  for (const draft of [versionOf(rule, scenario), ...cityOf(rule.file.on, scenario)]) feed(draft, begin)
  for (const { clock, what } of delayed(plan(rule.file.on, scenario), delayMs)) {
    tickUntil(clock)
    if (what === 'restart') restart()
    else if ('feed' in what) {
      feed(what.feed, clock)
      if (twice && what.feed.type !== 'observation') feed(what.feed, clock)
    } else {
      const reminder = out.filter(({ type }) => type === 'remind')[what.reminder - 1]
      if (reminder) feed({ type: 'reminder', by: 'desk', id: reminder.id, rule: rule.file.rule, key: reminder.key, sentAt: what.sentAt }, clock)
    }
  }
  tickUntil(begin + ms(scenario.until) + delayMs + 1)
  return [...compare(scenario, out), ...remindersOf(rule, scenario, engine), ...besideDifferences(rule.file, scenario)]
}

function delayed(planned: readonly Planned[], delayMs: number): Planned[] {
  const later = ({ clock, what }: Planned): Planned => ({ what, clock: typeof what === 'object' && 'feed' in what && what.feed.type === 'observation' ? clock + delayMs : clock })
  return planned.map(later).sort((a, b) => a.clock - b.clock)
}

/** Whether a message came before: what a gateway repeats is journalled once (S10). */
function onceEach(): (draft: Draft) => boolean {
  const seen = new Set<string>()
  return ({ device, kind, at, payload }) => seen.size === seen.add(JSON.stringify([device, kind, at, payload])).size
}

/** Transitions, and requests to remind somebody, which have no `what` of their own. */
function saidBy(each: Projected): Said[] {
  if (each.type === 'transition') return [{ ...each }]
  return each.type === 'remind' ? [{ ...each, what: 'remind' }] : []
}

/** What became of all reminders, if the scenario says what should have. */
function remindersOf({ file }: ScenarioRule, { reminders }: Scenario, { state }: Engine): string[] {
  if (!reminders) return []
  const counted = JSON.stringify(state.reminders.get(file.rule as RuleId) ?? { sent: 0, left: 0, stayed: 0 })
  const wanted = JSON.stringify(reminders)
  return counted === wanted ? [] : [`reminders are ${counted}, expected ${wanted}`]
}

function versionOf({ source, base, file }: ScenarioRule, { params }: Scenario): Draft {
  const edited = Object.keys(params).length > 0 ? editedSource(source, { set: params }) : source
  if (edited === undefined) throw new Error(`params ${Object.keys(params).join(', ')} cannot be set`)
  return { type: 'rule', by: 'scenario', id: file.rule, version: 1, state: 'live', source: edited, ...(base !== undefined && { base }), note: '' }
}

const TIMES = ['at', 'openedAt', 'resolvedAt', 'raisedAt']

function compare(scenario: Scenario, out: readonly Said[]): string[] {
  const begin = beginOf(scenario)
  const differences: string[] = []
  for (let i = 0; i < Math.max(out.length, scenario.expect.length); i++) {
    const wanted = scenario.expect[i]
    const got = out[i]
    if (!wanted) differences.push(`unexpected ${describe(begin, got)}`)
    else if (!got) differences.push(`missing ${JSON.stringify(wanted)}`)
    else {
      const wrong = Object.entries(wanted).filter(([name, value]) => shown(begin, name, got[name], value) !== wantedText(name, value))
      if (wrong.length > 0)
        differences.push(
          `transition ${i + 1}: ${wrong.map(([name, value]) => `${name} is ${shown(begin, name, got[name], value)}, expected ${JSON.stringify(value)}`).join('; ')} (${describe(begin, got)})`,
        )
    }
  }
  return differences
}

/** `60s` and `1m` are the same time. */
function wantedText(name: string, value: unknown): string {
  return JSON.stringify(TIMES.includes(name) && typeof value === 'string' ? formatDuration(ms(value)) : value)
}

/** Of a map, such as `values`, only what is named is compared. */
function shown(begin: Instant, name: string, value: unknown, wanted?: unknown): string {
  if (isMap(wanted) && isMap(value) && name === 'values') return JSON.stringify(Object.fromEntries(Object.keys(wanted).map((key) => [key, value[key] ?? null])))
  return JSON.stringify(TIMES.includes(name) && typeof value === 'number' ? formatDuration(value - begin) : (value ?? null))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(begin: Instant, said: Said | undefined): string {
  if (!said) return 'nothing'
  return `${String(said.what)} at ${shown(begin, 'at', said.at)}, opened ${shown(begin, 'openedAt', said.openedAt)}, ${String(said.severity)}, ${String(said.key)}`
}
