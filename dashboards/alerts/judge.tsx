import { BellOutlined, CheckOutlined, SendOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Alert, AlertDetail, Verdict } from '../../domain/alert.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import type { TextKey } from '../i18n/text.ts'
import { usePage } from '../shell/page.ts'
import { SilenceForm } from './silenceForm.tsx'
import { VERDICTS } from './words.ts'
import { useWorkbench } from './workbench.tsx'

/** Reasons that fit most cases, so that a judgement is two presses; any other can be written. */
const REASONS: Record<Exclude<Verdict, 'confirmed'>, readonly TextKey[]> = {
  false_alarm: ['reason.sensorFault', 'reason.vibration', 'reason.shadow', 'reason.wrongObject'],
  benign: ['reason.maintenance', 'reason.permitted', 'reason.alreadyGone'],
  unclear: ['reason.noPicture', 'reason.checkOnSite'],
}

/** Everything that an operator decides about an alert, in one place and in reach of one hand. */
export function Judge({ alert, detail }: { alert: Alert; detail: AlertDetail | undefined }): ReactNode {
  const { t } = useWords()
  const { who } = usePage()
  const { actions, together, setTogether } = useWorkbench()
  const [silencing, setSilencing] = useState(false)
  const others = (alert.group?.members ?? 1) - 1
  const busy = actions.busy?.alert === alert.id ? actions.busy.action : null
  if (!roleAtLeast(who.role, 'operator')) return <p className="muted">{t('judge.viewer')}</p>
  return (
    <div className="judge">
      <div className="judge-line">
        <Button
          data-testid="btn-acknowledge"
          icon={<CheckOutlined />}
          disabled={alert.review !== 'open'}
          loading={busy === 'acknowledge'}
          onClick={() => void actions.acknowledge(alert.id, together)}
        >
          {t(alert.review === 'open' ? 'act.acknowledge' : 'act.acknowledged')} <kbd>a</kbd>
        </Button>
        <Button data-testid="btn-silence" icon={<BellOutlined />} aria-expanded={silencing} onClick={() => setSilencing(!silencing)}>
          {t('silence.act')}
        </Button>
        {alert.case === null && roleAtLeast(who.role, 'dispatcher') && <DispatchButton alert={alert} detail={detail} busy={busy === 'dispatch'} />}
      </div>
      {others > 0 && (
        <Checkbox data-testid="group-together" checked={together} onChange={({ target }) => setTogether(target.checked)}>
          {t('group.together', { n: others })}
        </Checkbox>
      )}
      {silencing && <SilenceForm alert={alert} done={() => setSilencing(false)} />}
      <Verdicts alert={alert} busy={busy === 'judge'} />
      {actions.failed?.alert === alert.id && <ProblemNote problem={actions.failed.problem} />}
    </div>
  )
}

function Verdicts({ alert, busy }: { alert: Alert; busy: boolean }): ReactNode {
  const { word, t } = useWords()
  const { actions, asking, setAsking, together } = useWorkbench()
  return (
    <>
      <fieldset className="verdicts" disabled={busy}>
        <legend className="unseen">{t('judge.verdict')}</legend>
        {VERDICTS.map((verdict, index) => (
          <Button
            key={verdict}
            data-testid={`btn-verdict-${verdict}`}
            className={`verdict verdict-${verdict}`}
            type={alert.verdict === verdict || asking === verdict ? 'primary' : 'default'}
            aria-pressed={alert.verdict === verdict}
            onClick={() => (verdict === 'confirmed' ? void actions.judge(alert.id, verdict, '', together) : setAsking(verdict))}
          >
            {word('verdict', verdict)} <kbd>{index + 1}</kbd>
          </Button>
        ))}
      </fieldset>
      {asking !== null && asking !== 'confirmed' && <Reason key={asking} alert={alert} verdict={asking} done={() => setAsking(null)} />}
    </>
  )
}

/** Why? One press on a usual reason, or a line of one's own and Enter. */
function Reason({ alert, verdict, done }: { alert: Alert; verdict: Exclude<Verdict, 'confirmed'>; done: () => void }): ReactNode {
  const { t, word } = useWords()
  const { actions, together } = useWorkbench()
  const [own, setOwn] = useState('')
  const give = (reason: string): void => {
    done()
    void actions.judge(alert.id, verdict, reason, together)
  }
  return (
    <form
      className="reason"
      aria-label={t('judge.why')}
      onSubmit={(event) => {
        event.preventDefault()
        give(own.trim())
      }}
    >
      <strong>{t('judge.whyThis', { verdict: word('verdict', verdict) })}</strong>
      <div className="reason-usual">
        {REASONS[verdict].map((key) => (
          <Button key={key} size="small" onClick={() => give(t(key))}>
            {t(key)}
          </Button>
        ))}
      </div>
      <div className="reason-own">
        <Input
          autoFocus
          value={own}
          placeholder={t('judge.ownReason')}
          aria-label={t('judge.ownReason')}
          data-testid="verdict-reason"
          onChange={({ target }) => setOwn(target.value)}
        />
        <Button htmlType="submit" type="primary" data-testid="btn-verdict-send">
          {t('judge.send')}
        </Button>
      </div>
    </form>
  )
}

/** One press sends it: to whom and until when come from the rule, and the note is there to be changed before. */
function DispatchButton({ alert, detail, busy }: { alert: Alert; detail: AlertDetail | undefined; busy: boolean }): ReactNode {
  const { t, name } = useWords()
  const { actions, together } = useWorkbench()
  const [note, setNote] = useState<string | null>(null)
  const target = detail?.dispatch
  const text = note ?? `${name(alert.title)} · ${alert.asset}`
  return (
    <div className="dispatch">
      <Input value={text} aria-label={t('dispatch.note')} placeholder={t('dispatch.note')} onChange={(event) => setNote(event.target.value)} />
      <Button
        id="alert-dispatch"
        data-testid="btn-dispatch"
        type={alert.verdict === 'false_alarm' || alert.verdict === 'benign' ? 'default' : 'primary'}
        icon={<SendOutlined />}
        loading={busy}
        disabled={alert.amended === 'disproved'}
        title={target?.within ? t('dispatch.within', { time: target.within }) : undefined}
        onClick={() => void actions.dispatch(alert.id, text, together)}
      >
        {t('act.dispatch')} <kbd>d</kbd>
      </Button>
    </div>
  )
}
