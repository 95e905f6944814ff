import type { ReactNode } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { silences } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'

/** Why an alert is not shown by itself and until when, or what it stands for; nothing for most. */
export function AttentionNote({ alert }: { alert: Alert }): ReactNode {
  const { attention, group } = alert
  const quiet = !attention.shown
  const silenced = quiet && (attention.by === 'silence' || attention.by === 'maintenance')
  if (attention.by === null && (group === null || group.members < 2) && group?.by !== 'flapping') return null
  return (
    <div className={`attention${quiet ? ' attention-quiet' : ''}`} data-testid="attention" data-by={attention.by ?? ''}>
      {silenced && <Silenced alert={alert} />}
      {quiet && (attention.by === 'inhibited' || attention.by === 'fused') && <ToAlert say={`quiet.${attention.by}`} id={attention.ref ?? ''} />}
      {quiet && (attention.by === 'grouped' || attention.by === 'flapping') && <ToHead alert={alert} say={`quiet.${attention.by}`} />}
      {group?.by === 'flapping' && <Flapping group={group} />}
      {!quiet && attention.by === 'maintenance' && <Ordered case={attention.ref ?? ''} />}
      {!quiet && group && group.members > 1 && <Members alert={alert} members={group.members} />}
    </div>
  )
}

function Silenced({ alert: { attention } }: { alert: Alert }): ReactNode {
  const { t, word, language } = useWords()
  const now = useNow(60_000)
  const read = useLoad(attention.ref, (signal) => silences.list({ limit: 1000 }, signal))
  const silence = read.last?.items.find(({ id }) => id === attention.ref)
  const until = attention.until === null ? '—' : clockTime(attention.until, now, language)
  if (!silence) return <p>{word('attention', attention.by ?? '')}</p>
  return <p>{t(silence.kind === 'maintenance' ? 'quiet.byMaintenance' : 'quiet.bySilence', { by: silence.by, until, reason: silence.reason })}</p>
}

function Flapping({ group }: { group: NonNullable<Alert['group']> }): ReactNode {
  const { t, language } = useWords()
  const now = useNow(60_000)
  const since = clockTime(group.since, now, language)
  const n = group.changes ?? 0
  return <p>{group.until === null ? t('quiet.flapped', { n, since }) : t('quiet.flappingNow', { n, since, until: clockTime(group.until, now, language) })}</p>
}

function Ordered({ case: ref }: { case: string }): ReactNode {
  const { t } = useWords()
  const { go } = usePage()
  return (
    <p>
      <button type="button" className="link" onClick={() => go({ page: 'cases', case: ref })}>
        {t('quiet.maintenanceNow', { ref })}
      </button>
    </p>
  )
}

type Explanation = 'quiet.inhibited' | 'quiet.fused' | 'quiet.grouped' | 'quiet.flapping'

function ToHead({ alert, say }: { alert: Alert; say: Explanation }): ReactNode {
  const head = useCity((city) => city.alerts.newest.find((each) => each.attention.shown && each.group?.id === alert.attention.ref)?.id)
  return <ToAlert say={say} id={head ?? ''} />
}

function ToAlert({ say, id }: { say: Explanation; id: string }): ReactNode {
  const { t, name } = useWords()
  const { go } = usePage()
  const other = useCity((city) => city.alerts.byId.get(id))
  return (
    <p>
      {t(say)}{' '}
      <button type="button" className="link" onClick={() => go({ page: 'map', alert: id })}>
        {other ? `${name(other.title)} · ${other.asset}` : id}
      </button>
    </p>
  )
}

const SHOWN_AT_MOST = 50

/** The alerts that this one stands for, each to be opened and judged by itself. */
function Members({ alert, members }: { alert: Alert; members: number }): ReactNode {
  const { t, word, language } = useWords()
  const { go } = usePage()
  const now = useNow(60_000)
  const { newest } = useCity((city) => city.alerts)
  const others = newest.filter((each) => each.group?.id === alert.group?.id && each.id !== alert.id).slice(0, SHOWN_AT_MOST)
  return (
    <details className="members" data-testid="members">
      <summary>{t('group.members', { n: members })}</summary>
      <ul>
        {others.map((each) => (
          <li key={each.id}>
            <button type="button" className="link" onClick={() => go({ page: 'map', alert: each.id })}>
              {clockTime(each.openedAt, now, language)} {each.asset}
            </button>{' '}
            <span className={`state state-${each.condition}`}>{word('condition', each.condition)}</span>{' '}
            <span className={`state state-${each.review}`}>{each.verdict ? word('verdict', each.verdict) : word('review', each.review)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
