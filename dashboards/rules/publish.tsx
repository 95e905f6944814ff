import { App, Input, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Guard } from '../../domain/rule.ts'
import { rules } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { useBench } from './bench.ts'
import { useChanges } from './changeSentence.tsx'
import { DiffView } from './diffView.tsx'
import { keepDraft } from './draft.ts'
import { lineDiff } from './lineDiff.ts'
import { Reach, type Reaching } from './reach.tsx'

export type PublishTo = 'draft' | 'shadow' | 'live'

/** Says what will happen, asks why, and does it: saves what was changed, and moves the version where it shall go. */
export function Publish({ to, close }: { to: PublishTo; close: () => void }): ReactNode {
  const { t } = useWords()
  const { message } = App.useApp()
  const { id, draft, from, live, dirty, versions, open, reload } = useBench()
  const changes = useChanges()
  const [note, setNote] = useState('')
  const [reaching, setReaching] = useState<Reaching>({ areas: null, guard: undefined })
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const number = dirty ? Math.max(0, ...versions.map(({ version }) => version)) + 1 : (from?.version ?? 0)
  const wish = { note, ...(to === 'live' && reaching.areas && { areas: reaching.areas }), ...(to === 'live' && reaching.guard && { guard: reaching.guard }) }
  // What matters of a version that goes live is what it changes in the city.
  const before = to === 'live' ? (live ?? from) : from
  const act = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const made = dirty ? await rules.save(id, { version: draft.newest, source: draft.text, state: to, ...wish }) : await rules.move(id, number, to, wish)
      keepDraft(localStorage, id, undefined)
      open({ ...made, moves: [] })
      reload()
      void message.success(t(`rule.done.${to}`, { version: made.version }))
      close()
    } catch (thrown) {
      const failure = problemOf(thrown)
      // Somebody was faster: the bench reads what they saved and shows both; the text stays.
      if (failure.code === 'version.stale') {
        reload()
        close()
        void message.warning(t('rule.stale'))
      } else setProblem(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      width={640}
      title={t(`rule.ask.${to}`, { version: number })}
      okText={t(`rule.act.${to}`)}
      okButtonProps={{ loading: busy, disabled: reaching.areas?.length === 0 || (dirty && note.trim() === ''), id: 'btn-publish' }}
      cancelText={t('rule.cancel')}
      onOk={() => void act()}
      onCancel={close}
    >
      <div className="publish">
        <WhatHappens to={to} number={number} reaching={reaching} />
        {to === 'live' && <Reach reaching={reaching} change={setReaching} />}
        {before === live && live && live.source !== draft.text && <p className="muted">{t('version.againstLive', { version: live.version })}</p>}
        {(before?.source ?? '') !== draft.text && <DiffView lines={lineDiff(before?.source ?? '', draft.text, 1)} />}
        {dirty && changes.length === 0 && <p className="muted">{t('rule.onlyLayout')}</p>}
        <Input.TextArea
          autoFocus
          data-testid="publish-note"
          rows={2}
          maxLength={2000}
          value={note}
          placeholder={t('rule.why')}
          aria-label={t('rule.why')}
          onChange={({ target }) => setNote(target.value)}
        />
        {problem && <ProblemNote problem={problem} />}
      </div>
    </Modal>
  )
}

function WhatHappens({ to, number, reaching: { areas, guard } }: { to: PublishTo; number: number; reaching: Reaching }): ReactNode {
  const { t } = useWords()
  const { live, versions } = useBench()
  const shadow = versions.find(({ state }) => state === 'shadow')
  const lines = [
    to === 'draft' && t('rule.will.draft', { version: number }),
    to === 'shadow' && t('rule.will.shadow', { version: number }),
    to === 'shadow' && shadow && shadow.version !== number && t('rule.will.replaceShadow', { version: shadow.version }),
    to === 'live' && areas === null && t('rule.will.live', { version: number }),
    to === 'live' && areas !== null && t('rule.will.trial', { version: number, n: areas.length }),
    to === 'live' && areas === null && live && live.version !== number && t('rule.will.replace', { version: live.version }),
    to === 'live' && areas !== null && live && t('rule.will.stays', { version: live.version }),
    to === 'live' && guard && guardSentence(guard, t),
  ]
  return <ul className="will">{lines.map((line) => line && <li key={line}>{line}</li>)}</ul>
}

function guardSentence({ alertsPerHour, falseAlarmShare, judged }: Guard, t: ReturnType<typeof useWords>['t']): string {
  const limits = [
    alertsPerHour !== undefined && t('rule.guard.more', { n: alertsPerHour }),
    falseAlarmShare !== undefined && t('rule.guard.wrong', { share: Math.round(falseAlarmShare * 100), judged }),
  ].filter((limit) => limit !== false)
  return limits.length === 0 ? '' : t('rule.guard.back', { limits: limits.join(t('rule.guard.or')) })
}
