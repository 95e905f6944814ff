import { existsSync } from 'node:fs'
import { quarantinesFrom } from '../../alerts/engine/quarantines.ts'
import { createExplainer } from '../../alerts/explain/explain.ts'
import type { Explanation, RuleExplanation } from '../../domain/authoring.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Principal } from '../../domain/role.ts'
import { formatDuration, type Instant, parseInstant } from '../../domain/time.ts'
import { Engine } from '../../rules/engine.ts'
import { explainAsset } from '../../rules/explain.ts'
import { thaw } from '../../rules/snapshot.ts'
import { openBook } from '../../store/book/book.ts'
import { openHistoryReader } from '../../store/history/reader.ts'
import { openJournalReader } from '../../store/journal/reader.ts'
import { Snapshots } from '../../store/snapshots.ts'
import { type DataPaths, dataPaths } from '../paths.ts'

interface ExplainFlags {
  data: string
  asset: string
  at?: string
  json?: boolean
}

const RECORDS = 5000
const CALLER: Principal = { name: 'command-line', role: 'admin', area: '' }

/**
 * Why a rule (`all`: every rule) did or did not raise an alert about an asset, or an area by its code, beside a running
 * platform or without one: what `POST rules/{id}/explain` answers.
 */
export async function commandRulesExplain(rule: string, { data, asset, at, json }: ExplainFlags, now: number): Promise<number> {
  const paths = dataPaths(data)
  if (!existsSync(paths.snapshots)) throw new CodedError('request.invalid', `No platform has run on ${data}.`)
  const parsed = at === undefined ? { at: now } : parseInstant(at)
  if ('code' in parsed) throw new CodedError(parsed.code, `--at ${at} is not a time with zone.`)
  const explanation = await explained(paths, { asset, at: parsed.at, ...(rule === 'all' ? {} : { rule }) }, now)
  process.stdout.write(json ? `${JSON.stringify(explanation)}\n` : text(explanation))
  return 0
}

async function explained(paths: DataPaths, query: { asset: string; at: Instant; rule?: string }, now: number): Promise<Explanation> {
  const book = await openBook(paths.book, { readonly: true })
  const journal = openJournalReader(paths.journal)
  const history = openHistoryReader(paths.history, journal)
  const snapshots = new Snapshots(paths.snapshots, { readonly: true })
  try {
    const [snapshot] = snapshots.before(journal.head())
    const state = snapshot && thaw(snapshot)
    const engine = new Engine(history, state, { quarantines: quarantinesFrom(journal, (state?.offset ?? 0) + 1) })
    const read = () => journal.read(engine.state.offset + 1, RECORDS).flatMap((batch) => batch.records)
    for (let records = read(); records.length > 0; records = read()) engine.step(records)
    const trace = async (asked: Parameters<typeof explainAsset>[2]) => explainAsset(engine.state, history, asked)
    return await createExplainer({ book, trace, now: () => now }).explain(query, CALLER)
  } finally {
    snapshots.close()
    history.close()
    journal.close()
    await book.close()
  }
}

function text({ asset, at, rules }: Explanation): string {
  return `${[`${asset} at ${at}`, ...rules.flatMap((each) => ['', ...linesOf(each)])].join('\n')}\n`
}

function linesOf({ rule, version, state, key, outcome, because, clauses, hold, inTheWay, observation, alert, members = [] }: RuleExplanation): string[] {
  if (outcome === 'not_selected') return [`${rule}: ${because.en}`]
  return [
    `${rule} v${version}${state === 'shadow' ? ' (shadow)' : ''} ${key}: ${outcome}${hold ? ` since ${hold.since}` : ''}`,
    `  ${because.en}`,
    ...clauses.map(clauseLine),
    ...inTheWay.map(({ what, detail, until }) => `  in the way: ${what}, ${detail}${until === null ? '' : `, until ${until}`}`),
    ...members.map((each) => `  counts   ${each.asset} since ${each.since}${each.until === null ? '' : `, true until ${each.until}`}, ${each.severity}`),
    ...(observation ? [`  decided by observation ${observation.offset} of ${observation.device} at ${observation.at}`] : []),
    ...(alert ? [`  alert ${alert}`] : []),
  ]
}

function clauseLine({ part, text, holds, operands, margin }: RuleExplanation['clauses'][number]): string {
  const values = operands.map((each) => `${each.text} = ${each.value ?? 'unknown'}${each.ageMs === null ? '' : ` (${formatDuration(each.ageMs)} ago)`}`).join(', ')
  return `  ${part.padEnd(8)} ${holds === null ? '?' : holds ? '✓' : '✗'} ${text}   [${values}]${margin === null ? '' : ` ${Number(margin.toPrecision(4))} from turning`}`
}
