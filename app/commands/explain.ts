import { existsSync } from 'node:fs'
import { CodedError } from '../../domain/errors.ts'
import { formatDuration, formatInstant, parseInstant } from '../../domain/time.ts'
import { Engine } from '../../rules/engine.ts'
import { type AssetTrace, explainAsset, type KeyTrace } from '../../rules/explain.ts'
import { thaw } from '../../rules/snapshot.ts'
import { openHistoryReader } from '../../store/history/reader.ts'
import { openJournalReader } from '../../store/journal/reader.ts'
import { Snapshots } from '../../store/snapshots.ts'
import { dataPaths } from '../paths.ts'

interface ExplainFlags {
  data: string
  asset: string
  at?: string
  json?: boolean
}

const RECORDS = 5000

/** Why a rule (`all`: every rule) did or did not raise an alert about an asset, beside a running platform or without one. */
export function commandRulesExplain(rule: string, { data, asset, at, json }: ExplainFlags, now: number): number {
  const paths = dataPaths(data)
  if (!existsSync(paths.snapshots)) throw new CodedError('request.invalid', `No platform has run on ${data}.`)
  const parsed = at === undefined ? { at: now } : parseInstant(at)
  if ('code' in parsed) throw new CodedError(parsed.code, `--at ${at} is not a time with zone.`)
  const journal = openJournalReader(paths.journal)
  const history = openHistoryReader(paths.history, journal)
  const snapshots = new Snapshots(paths.snapshots, { readonly: true })
  try {
    const [snapshot] = snapshots.before(journal.head())
    const engine = new Engine(history, snapshot && thaw(snapshot))
    for (let records = read(); records.length > 0; records = read()) engine.step(records)
    function read() {
      return journal.read(engine.state.offset + 1, RECORDS).flatMap((batch) => batch.records)
    }
    const trace = explainAsset(engine.state, history, { asset, at: parsed.at, ...(rule === 'all' ? {} : { rule }) })
    if (!trace) throw new CodedError('not_found', `The engine knows no asset ${asset}.`)
    process.stdout.write(json ? `${JSON.stringify(trace)}\n` : text(trace))
    return 0
  } finally {
    snapshots.close()
    history.close()
    journal.close()
  }
}

function text(trace: AssetTrace): string {
  const lines = [`${trace.asset} at ${formatInstant(trace.at)}`]
  for (const key of trace.keys) lines.push('', ...keyLines(key, trace.at))
  for (const rule of trace.notSelected) lines.push('', `${rule}: does not apply to this asset`)
  return `${lines.join('\n')}\n`
}

function keyLines(key: KeyTrace, at: number): string[] {
  const since = key.hold.phase === 'idle' ? '' : ` since ${formatInstant(key.hold.since)}`
  const left = key.hold.phase === 'pending' ? `, raised in ${formatDuration(Math.max(0, key.hold.since + key.forMs - at))} if it lasts` : ''
  return [
    `${key.rule} v${key.version}${key.state === 'shadow' ? ' (shadow)' : ''} ${key.key}: ${key.hold.phase}${since}${left}`,
    ...key.clauses.map(({ part, text, holds, operands, margin }) => {
      const values = operands.map((each) => `${each.text} = ${each.value ?? 'unknown'}${each.ageMs === null ? '' : ` (${formatDuration(each.ageMs)} ago)`}`).join(', ')
      return `  ${part.padEnd(8)} ${holds === null ? '?' : holds ? '✓' : '✗'} ${text}   [${values}]${margin === null ? '' : ` ${Number(margin.toPrecision(4))} from turning`}`
    }),
    ...(key.informed ? ['  a maintenance order is open: information only'] : []),
    ...(key.observation ? [`  decided by observation ${key.observation.offset} of ${key.observation.device} at ${formatInstant(key.observation.at)}`] : []),
    ...(key.alert ? [`  alert ${key.alert}`] : []),
  ]
}
