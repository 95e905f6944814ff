import { FolderOutlined } from '@ant-design/icons'
import { memo, type ReactNode } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { useWords } from '../i18n/language.tsx'
import { fullTime, lengthOfTime, msOf } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { dueOf, pressure } from './due.ts'
import { SeverityMark } from './severityMark.tsx'

interface AlertRowProps {
  alert: Alert
  opened: boolean
  underCursor: boolean
}

/** One alert in the list: how bad, what, where, since when, how much time is left, and who has it. */
export const AlertRow = memo(function AlertRow({ alert, opened, underCursor }: AlertRowProps): ReactNode {
  const { name, word, t } = useWords()
  const { go } = usePage()
  const unread = useCity((city) => city.unread.has(alert.id))
  const asset = useCity((city) => city.assets.get(alert.asset)?.name)
  const state = `row row-${alert.severity}${opened ? ' row-opened' : ''}${underCursor ? ' row-cursor' : ''}${alert.review === 'judged' || !alert.attention.shown ? ' row-judged' : ''}`
  return (
    <button type="button" className={state} data-testid="alert-row" data-alert-id={alert.id} aria-current={opened} onClick={() => go({ page: 'map', alert: alert.id })}>
      <SeverityMark severity={alert.severity} hollow={alert.review !== 'open'} size={20} />
      <span className="row-body">
        <span className="row-line">
          {unread && (
            <span className="row-unread" role="img" aria-label={t('list.unread')}>
              ●
            </span>
          )}
          <span className="row-title">{name(alert.title)}</span>
          {alert.attention.shown && alert.group && alert.group.members > 1 && (
            <span className="row-members" title={t('group.members', { n: alert.group.members })}>
              ×{alert.group.members}
            </span>
          )}
          <Age since={alert.openedAt} />
        </span>
        <span className="row-place">{asset ? `${asset} · ${alert.asset}` : alert.asset}</span>
        <span className="row-line row-state">
          <span className={`state state-${alert.condition}`}>{word('condition', alert.condition)}</span>
          <span className={`state state-${alert.review}`}>{alert.verdict ? word('verdict', alert.verdict) : word('review', alert.review)}</span>
          {alert.attention.by && <span className={`state ${alert.attention.shown ? 'state-amended' : 'state-quiet'}`}>{word('attention', alert.attention.by)}</span>}
          {alert.late && <span className="state">{t('alert.late')}</span>}
          {alert.amended && <span className="state state-amended">{word('amended', alert.amended)}</span>}
          {alert.case && <FolderOutlined title={alert.case} />}
          <Due alert={alert} />
        </span>
      </span>
    </button>
  )
})

function Age({ since }: { since: string }): ReactNode {
  const { language } = useWords()
  const age = useNow(1000) - msOf(since)
  return (
    <time className="row-age" dateTime={since} title={fullTime(since)}>
      {lengthOfTime(Math.max(0, age), language)}
    </time>
  )
}

/** What is left until somebody must have done with it. */
export function Due({ alert }: { alert: Alert }): ReactNode {
  const { t, language } = useWords()
  const { rules } = usePage()
  const found = useCity((city) => (alert.case === null ? undefined : city.cases.get(alert.case)))
  const now = useNow(1000)
  const due = dueOf(alert, found, rules.get(alert.rule))
  if (due === null) return null
  const press = pressure(due, msOf(alert.openedAt), now)
  const left = lengthOfTime(due - now, language)
  return (
    <span className={`due due-${press}`} title={fullTime(due)}>
      {t(press === 'over' ? 'due.over' : 'due.left', { time: left })}
    </span>
  )
}
