import { App, Button, Checkbox, Input, Segmented } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Alert } from '../../domain/alert.ts'
import { silences } from '../api/client.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { clockTime, lengthOfTime } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { TimeInput } from '../shell/timeInput.tsx'
import { FRESH, isBounded, isInOrder, LENGTHS, matchersOf, orderOf, type SilenceDraft, wouldQuiet } from './silence.ts'

/** Keeps alerts like this one quiet: what, for how long, and why. Nobody can send it without a reason. */
export function SilenceForm({ alert, done }: { alert: Alert; done: () => void }): ReactNode {
  const { t, language } = useWords()
  const { message } = App.useApp()
  const now = useNow(1000)
  const [draft, setDraft] = useState<SilenceDraft>(FRESH)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const put = (part: Partial<SilenceDraft>): void => setDraft((before) => ({ ...before, ...part }))
  const order = orderOf(draft, alert, now)
  const ready = isBounded(draft) && isInOrder(draft, now) && order.reason !== ''
  const send = async (): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      const made = await silences.create(order)
      void message.success(t('silence.made', { until: clockTime(made.to, now, language) }))
      done()
    } catch (thrown) {
      setProblem(problemOf(thrown))
      setBusy(false)
    }
  }
  return (
    <form
      className="reason"
      aria-label={t('silence.title')}
      data-testid="silence-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void send()
      }}
    >
      <strong>{t('silence.title')}</strong>
      <Segmented
        block
        value={draft.kind}
        onChange={(kind) => put({ kind })}
        options={(['silence', 'maintenance'] as const).map((value) => ({ value, label: t(`silenceKind.${value}`) }))}
      />
      <When draft={draft} now={now} put={put} />
      <Matched alert={alert} draft={draft} put={put} />
      <Input
        value={draft.reason}
        placeholder={t('silence.reason')}
        aria-label={t('silence.reason')}
        data-testid="silence-reason"
        onChange={({ target }) => put({ reason: target.value })}
      />
      <Preview alert={alert} draft={draft} until={clockTime(order.to, now, language)} />
      <Button htmlType="submit" type="primary" data-testid="btn-silence-send" loading={busy} disabled={!ready}>
        {t('silence.make')}
      </Button>
      {problem && <ProblemNote problem={problem} />}
    </form>
  )
}

const PLANNED = 0
const HOUR = 3_600_000

/** From now on for so long, or from and to as planned. */
function When({ draft: { hours, planned }, now, put }: { draft: SilenceDraft; now: number; put: (part: Partial<SilenceDraft>) => void }): ReactNode {
  const { t, language } = useWords()
  return (
    <>
      <Segmented
        block
        aria-label={t('silence.for')}
        value={planned ? PLANNED : hours}
        onChange={(chosen) => put(chosen === PLANNED ? { planned: { from: now + HOUR, to: now + (1 + hours) * HOUR } } : { hours: chosen, planned: null })}
        options={[...LENGTHS.map((value) => ({ value, label: lengthOfTime(value * HOUR, language) })), { value: PLANNED, label: t('silence.planned') }]}
      />
      {planned && (
        <span className="silence-times">
          <TimeInput label={t('silence.from')} value={planned.from} change={(from) => put({ planned: { ...planned, from } })} /> –{' '}
          <TimeInput label={t('silence.to')} value={planned.to} change={(to) => put({ planned: { ...planned, to } })} />
          {!isInOrder({ planned }, now) && <span className="warn">{t('silence.disorder')}</span>}
        </span>
      )}
    </>
  )
}

interface MatchedProps {
  alert: Alert
  draft: SilenceDraft
  put: (part: Partial<SilenceDraft>) => void
}

function Matched({ alert, draft, put }: MatchedProps): ReactNode {
  const { t, name } = useWords()
  const { rules } = usePage()
  const area = alert.grid ?? alert.area
  const title = rules.get(alert.rule)?.file.title ?? alert.title
  return (
    <div className="silence-what">
      <Checkbox checked={draft.asset} onChange={({ target }) => put({ asset: target.checked })}>
        {t('silence.asset', { asset: alert.asset })}
      </Checkbox>
      <Checkbox checked={draft.rule} onChange={({ target }) => put({ rule: target.checked })}>
        {t('silence.rule', { rule: name(title) })}
      </Checkbox>
      {area !== null && (
        <Checkbox checked={draft.grid} onChange={({ target }) => put({ grid: target.checked })}>
          {t('silence.grid', { grid: area })}
        </Checkbox>
      )}
      {alert.severity !== 'critical' && (
        <Checkbox checked={draft.rise} onChange={({ target }) => put({ rise: target.checked })}>
          {t('silence.rise')}
        </Checkbox>
      )}
    </div>
  )
}

/** What it would do, before it is done. */
function Preview({ alert, draft, until }: { alert: Alert; draft: SilenceDraft; until: string }): ReactNode {
  const { t } = useWords()
  const { newest } = useCity((city) => city.alerts)
  return (
    <p className="muted" role="status">
      {isBounded(draft) ? t('silence.matches', { n: wouldQuiet(matchersOf(draft, alert), newest), until }) : t('silence.unbounded')}
    </p>
  )
}
