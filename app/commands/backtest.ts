import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Backtests } from '../../alerts/backtest/backtests.ts'
import type { Backtest, BacktestAlert, BacktestRequest, BacktestResult } from '../../domain/authoring.ts'
import { CodedError, type Detail } from '../../domain/errors.ts'
import type { Principal } from '../../domain/role.ts'
import type { RuleFile } from '../../domain/rule.ts'
import { DAY, type Instant, parseInstant } from '../../domain/time.ts'
import { type Book, openBook } from '../../store/book/book.ts'
import { dataPaths } from '../paths.ts'

interface BacktestFlags {
  data: string
  set: readonly string[]
  from?: string
  to?: string
  json?: boolean
}

const TELL_MS = 1000
const CALLER: Principal = { name: 'command-line', role: 'author', area: '' }

/**
 * `rules backtest RULE --set name=value…`, beside a running platform or without one; it only reads. Without a time it
 * takes the last 24 hours. 0: done; 1: refused or failed; 2: nothing is stored for that time; 130: interrupted.
 */
export async function commandBacktest(rule: string, flags: BacktestFlags): Promise<number> {
  const { journal, history, book: path } = dataPaths(flags.data)
  if (!existsSync(path)) throw new CodedError('request.invalid', `No platform has run on ${flags.data}.`)
  const book = await openBook(path, { readonly: true })
  const backtests = new Backtests({ paths: { journal, history, book: path }, book, newId: randomUUID, now: Date.now, cores: availableParallelism() })
  const interrupted = (): void => void backtests.close()
  process.once('SIGINT', interrupted)
  try {
    const to = flags.to === undefined ? Date.now() : instant('--to', flags.to)
    const from = flags.from === undefined ? to - DAY : instant('--from', flags.from)
    const { id } = await backtests.start({ rule, set: await valuesOf(book, rule, flags.set), from, to }, CALLER)
    return report(await followed(backtests, id), flags.json === true)
  } finally {
    process.removeListener('SIGINT', interrupted)
    await backtests.close()
    await book.close()
  }
}

async function followed(backtests: Backtests, id: string): Promise<Backtest> {
  for (;;) {
    const backtest = await backtests.wait(id, TELL_MS, CALLER)
    if (backtest.state !== 'waiting' && backtest.state !== 'running') return backtest
    process.stderr.write(`${Math.round(backtest.progress * 100)} %\n`)
  }
}

function report({ state, why, result }: Backtest, asJson: boolean): number {
  if (state === 'cancelled') return 130
  if (!result) throw new CodedError('internal', why ?? undefined)
  process.stdout.write(asJson ? `${JSON.stringify(result)}\n` : describe(result))
  return result.observations > 0 ? 0 : 2
}

/** `--set name=value`: the value is read as what the param is. */
async function valuesOf({ rules }: Book, rule: string, settings: readonly string[]): Promise<NonNullable<BacktestRequest['set']>> {
  const versions = await rules.versions(rule)
  const file: RuleFile | null | undefined = (versions.find(({ state }) => state === 'live') ?? versions[0])?.file
  const details: Detail[] = []
  const set: Record<string, number | string | boolean> = {}
  for (const setting of settings) {
    const equals = setting.indexOf('=')
    if (equals < 1) details.push({ where: `--set ${setting}`, why: 'must be name=value' })
    else set[setting.slice(0, equals)] = readAs(setting.slice(equals + 1), file?.params[setting.slice(0, equals)]?.value)
  }
  if (details.length > 0) throw new CodedError('request.invalid', undefined, { details })
  return set
}

function readAs(text: string, like: number | string | boolean | undefined): number | string | boolean {
  if (typeof like === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function instant(flag: string, text: string): Instant {
  const parsed = parseInstant(text)
  if ('code' in parsed) throw new CodedError(parsed.code, `${flag} ${text} is not a time with zone.`)
  return parsed.at
}

const SHOWN = 20

function describe(result: BacktestResult): string {
  const { rule, version, set, from, to, observations, counts, register } = result
  const values = Object.entries(set).map(([name, value]) => `${name} = ${value}`)
  return [
    `${rule} ${version === 0 ? 'not live yet' : `version ${version}`} beside ${values.length > 0 ? values.join(', ') : 'the same values'}, ${from} to ${to}, ${observations} observations`,
    ...(register === 'now' ? ['what the register held then is not known any more; the present register was taken'] : []),
    ...scoreLines(result),
    `live ${counts.live} alerts, edit ${counts.edit}: ${counts.same} the same, ${counts.changed} changed, ${counts.added} added, ${counts.removed} removed`,
    removal(result),
    ...lines('removed', '-', result.removed, counts.removed),
    ...lines('added', '+', result.added, counts.added),
    ...lines(
      'changed',
      '~',
      result.changed.map(({ before, after }) => ({ ...after, was: before })),
      counts.changed,
    ),
    '',
  ].join('\n')
}

/** What an edit of a score cannot show. */
function scoreLines({ set, scoreFloor, ownScores }: BacktestResult): string[] {
  if (typeof set.score !== 'number') return []
  return [
    ...(scoreFloor !== null && set.score < scoreFloor ? [`objects below ${scoreFloor} are not kept by all cameras: what a lower score would have found there is not known`] : []),
    ...(ownScores > 0 ? [`${ownScores} ${ownScores === 1 ? 'camera has a score of its own that stays' : 'cameras have a score of their own that stays'}`] : []),
  ]
}

const VERDICTS: readonly [string, string, string][] = [
  ['false_alarm', 'false alarm', 'false alarms'],
  ['confirmed', 'confirmed one', 'confirmed ones'],
  ['benign', 'benign one', 'benign ones'],
  ['unclear', 'unclear one', 'unclear ones'],
  ['none', 'that nobody judged', 'that nobody judged'],
]

/** "removes 41 false alarms and 2 confirmed ones" */
export function removal({ verdicts }: Pick<BacktestResult, 'verdicts'>): string {
  const parts = VERDICTS.flatMap(([verdict, one, many]) => {
    const count = verdicts[verdict] ?? 0
    return count > 0 ? [`${count} ${count === 1 ? one : many}`] : []
  })
  if (parts.length === 0) return 'removes nothing'
  const last = parts.pop() as string
  return `removes ${parts.length > 0 ? `${parts.join(', ')} and ${last}` : last}`
}

function lines(what: string, mark: string, alerts: readonly (BacktestAlert & { was?: BacktestAlert })[], count: number): string[] {
  const shown = alerts.slice(0, SHOWN).map(({ key, openedAt, resolvedAt, severity, verdict, was }) => {
    const times = (alert: Pick<BacktestAlert, 'openedAt' | 'resolvedAt'>): string => `${alert.openedAt} – ${alert.resolvedAt ?? 'still standing'}`
    return `  ${mark} ${key}  ${times({ openedAt, resolvedAt })}  ${severity}${was ? `  was ${times(was)} ${was.severity}` : ''}${verdict === null ? '' : `  ${verdict}`}`
  })
  return count > shown.length ? [...shown, `  … and ${count - shown.length} more ${what}`] : shown
}
