import { liesIn } from '../../domain/area.ts'
import type { BacktestResult } from '../../domain/authoring.ts'
import type { AssetId } from '../../domain/ids.ts'
import type { HistoryReader } from '../../domain/ports/history.ts'
import { ruleNamed } from '../../rules/assets.ts'
import { reachOf } from '../../rules/reach.ts'
import { compileRule } from '../../rules/rule.ts'
import { Watch } from '../../rules/watch.ts'
import { type Book, openBook } from '../../store/book/book.ts'
import { openHistoryReader } from '../../store/history/reader.ts'
import { openJournalReader } from '../../store/journal/reader.ts'
import { drawnField, mostDifferent, thinned } from './chart.ts'
import { match } from './match.ts'
import { listed, MOST_LISTED, type PartJob, type PartResult } from './messages.ts'
import type { Outcome } from './outcomes.ts'
import { partsOf } from './parts.ts'
import { Pass, standingOf } from './pass.ts'
import { membersOf, type Selection, selectedHistory, storedObservations } from './stored.ts'
import { countVerdicts, KnownAlerts } from './verdicts.ts'

export interface Hooks {
  /** Share of the observations that have been judged, 0 to 1. */
  progress(done: number): void
  /** Asked every few milliseconds. */
  stopped(): boolean
}

const OBSERVATIONS_PER_TURN = 2000

/** Runs one part of a backtest in this thread; undefined when it was stopped. */
export async function runPart(job: PartJob, hooks: Hooks): Promise<PartResult | undefined> {
  const book = await openBook(job.paths.book, { readonly: true })
  const journal = openJournalReader(job.paths.journal)
  const history = openHistoryReader(job.paths.history, journal)
  try {
    const plan = await planOf(job, book)
    const pass = new Pass({ ...job, ...plan, watch: new Watch(job.watch), history: selectedHistory(history, plan.selection) })
    let first = Infinity
    for (const { observations, done } of storedObservations(job.paths.history, journal, plan.selection)) {
      first = Math.min(first, observations[0]?.offset ?? Infinity)
      for (let i = 0; i < observations.length; i += OBSERVATIONS_PER_TURN) {
        if (hooks.stopped()) return undefined
        pass.feed(observations.slice(i, i + OBSERVATIONS_PER_TURN))
      }
      hooks.progress(done)
    }
    return { register: first <= plan.since ? 'now' : 'then', ...resultOf(job, plan, pass, history) }
  } finally {
    history.close()
    journal.close()
    await book.close()
  }
}

async function planOf({ live, edit, from, to, part, parts }: PartJob, book: Book) {
  const rules = [live, edit].filter((version) => version !== undefined).map((version) => compileRule(version))
  const start = Math.max(0, from - Math.max(...rules.map(({ file }) => reachOf(file))))
  const controls = await book.controls.all()
  const partOf = partsOf(controls, parts)
  const mine = (id: string): boolean => partOf(id) === part
  const known = (await book.ruleAlerts.between(edit.id, start, to)).filter(({ asset }) => mine(asset))
  const selection: Selection = { kinds: [...new Set(rules.map(({ file }) => file.on))], start, to, device: mine, members: membersOf(rules) }
  return {
    start,
    controls,
    mine,
    known,
    selection,
    gather: rules.at(-1)?.file.gather,
    standing: live ? known.filter(({ openedAt }) => openedAt < start) : [],
    since: await book.controls.since(),
  }
}

type Plan = Awaited<ReturnType<typeof planOf>>

function resultOf(job: PartJob, { mine, known, gather }: Plan, pass: Pass, history: HistoryReader): Omit<PartResult, 'register'> {
  const seen = ({ asset }: Outcome): boolean => mine(asset) && liesIn(job.area, standingOf(pass.state, asset, gather))
  const said = pass.finish()
  const [live, edit] = [said.live.filter(seen), said.edit.filter(seen)]
  const matched = match(live, edit, job.from)
  const book = new KnownAlerts(known)
  const removed = matched.removed.map((each) => book.show(each))
  return {
    observations: pass.observations,
    counts: { live: matched.live, edit: matched.edit, same: matched.same, added: matched.added.length, removed: removed.length, changed: matched.changed.length },
    verdicts: countVerdicts(removed),
    added: listed(matched.added.slice(0, MOST_LISTED).map((each) => book.show(each))),
    removed: listed(removed),
    changed: matched.changed.slice(0, MOST_LISTED).map(({ before, after }) => ({ before: book.show(before), after: book.show(after) })),
    ...chartOf(job, mostDifferent(matched, live.length > 0 ? live : edit), pass, history),
  }
}

function chartOf({ edit, from, to }: PartJob, most: ReturnType<typeof mostDifferent>, pass: Pass, history: HistoryReader): { chart: BacktestResult['chart']; differences: number } {
  const asset = most && pass.state.assets.get(most.asset as AssetId)
  const edited = asset && ruleNamed(pass.state, asset, `${edit.id}@shadow`)
  const drawn = edited && drawnField(edited.file, ruleNamed(pass.state, asset, edit.id)?.params ?? edited.params, edited.params)
  if (!drawn) return { chart: null, differences: 0 }
  const observations = asset.devices.flatMap((device) => history.read({ device, kind: edited.file.on, from, to }))
  const { field, unit, thresholds } = drawn
  return { chart: { asset: asset.id, field, unit, thresholds, points: thinned(observations, drawn.read, from, to) }, differences: most.differences }
}
