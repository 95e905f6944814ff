import { Segmented, Skeleton } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { Section } from '../alerts/section.tsx'
import { rules } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { useNow } from '../shell/page.ts'
import { RuleWhy, ValuesThen } from './explanation.tsx'

const AGAIN_MS = 30_000

/** Why this alert: what its rule read when it was raised, and what it reads now. */
export function WhySection({ alert }: { alert: Alert }): ReactNode {
  const { t } = useWords()
  const [when, setWhen] = useState<'then' | 'now'>('then')
  const turn = useNow(AGAIN_MS)
  const at = when === 'then' ? alert.raisedAt : undefined
  const { last, value, problem, again } = useLoad(`${alert.id} ${at ?? turn}`, (signal) => rules.explain(alert.rule, alert.asset, at, signal))
  const shown = value ?? (when === 'now' ? last : undefined)
  // A rule with several keys on one asset is asked for the key of this alert.
  const why = shown?.rules.find(({ rule, key }) => rule === alert.rule && key === alert.key) ?? shown?.rules.find(({ rule }) => rule === alert.rule)
  const choice = (
    <Segmented
      size="small"
      aria-label={t('why.when')}
      value={when}
      options={[
        { value: 'then', label: t('why.then') },
        { value: 'now', label: t('why.now') },
      ]}
      onChange={setWhen}
    />
  )
  return (
    <Section title={t('why.title')} extra={choice}>
      {problem ? (
        problem.code === 'not_ready' ? (
          <p className="muted">{t('why.notReady')}</p>
        ) : (
          <ProblemNote problem={problem} again={again} />
        )
      ) : (
        !shown && <Skeleton active paragraph={{ rows: 2 }} />
      )}
      {why && <RuleWhy why={why.alert === alert.id ? { ...why, alert: null } : why} />}
      {shown && !why && <p className="muted">{t('why.nothing')}</p>}
      {shown && <ValuesThen values={shown.values} at={shown.at} />}
    </Section>
  )
}
