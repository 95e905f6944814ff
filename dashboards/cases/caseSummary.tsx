import { Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Case, CaseState } from '../../domain/case.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { Section } from '../alerts/section.tsx'
import { cases } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime, fullTime, lengthOfTime, msOf } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { isEnded, isReturn, mayBeVoided, ROAD, usualMoves } from './moves.ts'
import './cases.css'

/** A case as it stands: how far it is, until when, and where it may go next. */
export function CaseSummary({ id, history = false }: { id: string; history?: boolean }): ReactNode {
  const { t, word } = useWords()
  const { go } = usePage()
  const live = useCity((city) => city.cases.get(id))
  const loaded = useLoad(live ? null : id, (signal) => cases.one(id, signal))
  const found = live ?? loaded.value
  if (!found) return loaded.problem ? <ProblemNote problem={loaded.problem} again={loaded.again} /> : null
  const link = (
    <a
      href={`/cases/${encodeURIComponent(id)}`}
      onClick={(event) => {
        event.preventDefault()
        go({ page: 'cases', case: id })
      }}
    >
      {id}
    </a>
  )
  return (
    <Section title={t('panel.case')} extra={history ? undefined : link}>
      <div className="case-now">
        <strong className="case-state" data-testid="case-state" data-state={found.state}>
          {word('state', found.state)}
        </strong>
        {found.department && <span>{found.department}</span>}
        <span className="muted">{word('level', found.level)}</span>
        <CaseDue item={found} />
      </div>
      <Road state={found.state} />
      <Moves key={found.state} item={found} />
      {history && <History item={found} />}
    </Section>
  )
}

export function CaseDue({ item }: { item: Case }): ReactNode {
  const { t, language } = useWords()
  const now = useNow(1000)
  if (item.dueAt === null || isEnded(item.state)) return null
  const due = msOf(item.dueAt)
  return (
    <span className={`due due-${now >= due ? 'over' : due - now < 900_000 ? 'soon' : 'calm'}`} title={fullTime(due)}>
      {t(now >= due ? 'due.over' : 'due.left', { time: lengthOfTime(due - now, language) })}
    </span>
  )
}

function Road({ state }: { state: CaseState }): ReactNode {
  const { word } = useWords()
  const at = (ROAD as readonly CaseState[]).indexOf(state)
  return (
    <ol className="road">
      {ROAD.map((step, index) => (
        <li key={step} title={word('state', step)} className={index < at ? 'road-done' : index === at ? 'road-here' : ''} aria-current={index === at ? 'step' : undefined}>
          <span>{word('state', step)}</span>
        </li>
      ))}
    </ol>
  )
}

function Moves({ item }: { item: Case }): ReactNode {
  const { t, word } = useWords()
  const { live, who } = usePage()
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const allowed = (problem?.allowed.length ? problem.allowed : usualMoves(item.state)) as readonly CaseState[]
  const moves: readonly CaseState[] = mayBeVoided(item.state) && !problem?.allowed.length ? [...allowed, 'void'] : allowed
  if (moves.length === 0 || !roleAtLeast(who.role, 'dispatcher')) return null
  const move = async (to: CaseState): Promise<void> => {
    setBusy(to)
    setProblem(null)
    try {
      live.put({ what: 'case', case: await cases.move(item.id, to, note.trim()) })
    } catch (thrown) {
      setProblem(problemOf(thrown))
    }
    setBusy(null)
  }
  return (
    <div className="moves">
      <Input size="small" value={note} placeholder={t('case.note')} aria-label={t('case.note')} onChange={({ target }) => setNote(target.value)} />
      <div>
        {moves.map((to) => (
          <Button
            key={to}
            size="small"
            data-testid={`btn-move-${to}`}
            type={to === moves[0] ? 'primary' : 'default'}
            danger={to === 'rejected' || to === 'void'}
            loading={busy === to}
            disabled={busy !== null && busy !== to}
            onClick={() => void move(to)}
          >
            {isReturn(item.state, to) ? t('case.back', { state: word('state', to) }) : word('move', to)}
          </Button>
        ))}
      </div>
      {problem && <ProblemNote problem={problem} />}
    </div>
  )
}

function History({ item }: { item: Case }): ReactNode {
  const { word, language } = useWords()
  const now = useNow(60_000)
  return (
    <ol className="timeline">
      {item.history.map((entry) => (
        <li key={`${entry.at}${entry.to}`}>
          <time dateTime={entry.at} title={fullTime(entry.at)}>
            {clockTime(entry.at, now, language)}
          </time>
          <span>
            <b>
              {entry.from ? `${word('state', entry.from)} → ` : ''}
              {word('state', entry.to)}
            </b>{' '}
            <span className="muted">{word('by', entry.by)}</span>
            {entry.note !== '' && <span className="note">{entry.note}</span>}
          </span>
        </li>
      ))}
    </ol>
  )
}
