import { createContext, useContext, useEffect, useMemo, useState } from 'react'
import type { RuleFault } from '../../domain/authoring.ts'
import { roleAtLeast } from '../../domain/role.ts'
import type { Param, RuleFile } from '../../domain/rule.ts'
import { type RuleVersion, rules } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { usePage } from '../shell/page.ts'
import { type Draft, keepDraft, keptDraft } from './draft.ts'
import { paramsIn, readRule } from './ruleText.ts'
import { liveOf, versionToEdit } from './versions.ts'

/** One rule on the workbench: its versions, and the text that is being edited, which every field of the bench reads and writes. */
export interface Bench {
  id: string
  /** Newest first. */
  versions: readonly RuleVersion[]
  live: RuleVersion | undefined
  /** The version whose text is edited; undefined for a rule that was never saved. */
  from: RuleVersion | undefined
  draft: Draft
  /** The text as far as it can be read; while it cannot, as it was when it last could. */
  rule: Partial<RuleFile>
  params: Record<string, Param>
  faults: readonly RuleFault[]
  /** What the text probably does not mean. */
  warnings: readonly RuleFault[]
  /** Why the text could not be checked; undefined when it was. */
  unchecked: Problem | undefined
  dirty: boolean
  /** Versions that others saved while this text was edited, newest first. */
  newer: readonly RuleVersion[]
  mayEdit: boolean
  setText: (text: string) => void
  setDraft: (draft: Draft) => void
  /** Goes on from a version as it was saved. */
  open: (version: RuleVersion) => void
  /** Read the versions again, because one was saved or moved. */
  reload: () => void
}

export const BenchContext = createContext<Bench | null>(null)

export function useBench(): Bench {
  const bench = useContext(BenchContext)
  if (!bench) throw new Error('useBench outside of the workbench of a rule')
  return bench
}

function firstDraft(id: string, versions: readonly RuleVersion[]): Draft {
  const kept = keptDraft(localStorage, id)
  const version = versionToEdit(versions)
  if (kept && (kept.from === 0 ? versions.length === 0 : versions.some((one) => one.version === kept.from))) return kept
  return { from: version?.version ?? 0, newest: versions[0]?.version ?? 0, text: version?.source ?? '' }
}

/** The workbench of a rule with these versions; a text that was begun in this browser is there again. */
export function useBenchOf(id: string, versions: readonly RuleVersion[], reload: () => void): Bench {
  const { who } = usePage()
  const [draft, setDraft] = useState(() => firstDraft(id, versions))
  const from = versions.find(({ version }) => version === draft.from)
  const dirty = draft.text !== (from?.source ?? '')
  const newer = versions.filter(({ version }) => version > draft.newest)
  const read = useMemo(() => readRule(draft.text), [draft.text])
  const [readable, setReadable] = useState<Partial<RuleFile>>('rule' in read ? read.rule : (from?.file ?? {}))
  if ('rule' in read && read.rule !== readable) setReadable(read.rule)
  const rule = 'rule' in read ? read.rule : readable
  const mayEdit = roleAtLeast(who.role, 'author')
  const check = useCheck(id, draft.text, mayEdit && dirty && 'rule' in read)
  const broken = 'broken' in read ? read.broken : undefined

  useEffect(() => keepDraft(localStorage, id, dirty ? draft : undefined), [id, draft, dirty])
  // Whoever has changed nothing sees what others save; whoever has is asked.
  useEffect(() => {
    if (dirty || newer.length === 0) return
    const next = versionToEdit(versions)
    if (next) setDraft({ from: next.version, newest: versions[0]?.version ?? 0, text: next.source })
  }, [dirty, newer.length, versions])

  return {
    id,
    versions,
    live: liveOf(versions),
    from,
    draft,
    rule,
    params: useMemo(() => paramsIn(rule, from?.file ?? ({ params: {} } as unknown as RuleFile)), [rule, from]),
    faults: broken ? [broken] : check.faults,
    warnings: broken ? [] : check.warnings,
    unchecked: broken ? undefined : check.problem,
    dirty,
    newer: dirty ? newer : [],
    mayEdit,
    setText: (text) => setDraft((before) => ({ ...before, text })),
    setDraft,
    open: ({ version, source }) => setDraft({ from: version, newest: versions[0]?.version ?? version, text: source }),
    reload,
  }
}

/** An author stops typing for so long before the platform is asked. */
const PAUSE_MS = 350

const NOTHING = { faults: [], warnings: [] } as const

function useCheck(id: string, text: string, wanted: boolean): { faults: readonly RuleFault[]; warnings: readonly RuleFault[]; problem: Problem | undefined } {
  const [state, setState] = useState<{ text: string; faults: readonly RuleFault[]; warnings: readonly RuleFault[]; problem?: Problem }>({ text: '', ...NOTHING })
  useEffect(() => {
    if (!wanted) return
    const abort = new AbortController()
    const timer = setTimeout(() => {
      rules.check(id, text, abort.signal).then(
        ({ errors, warnings }) => setState({ text, faults: errors, warnings }),
        (thrown) => abort.signal.aborted || setState({ text, ...NOTHING, problem: problemOf(thrown) }),
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [id, text, wanted])
  // What was found in another text stands at other places.
  return wanted && state.text === text ? { faults: state.faults, warnings: state.warnings, problem: state.problem } : { ...NOTHING, problem: undefined }
}
