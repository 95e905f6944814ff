import { ExperimentOutlined } from '@ant-design/icons'
import { Button, Progress, Segmented } from 'antd'
import { type ReactNode, useState } from 'react'
import type { BacktestWish, RuleVersion } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import type { TextKey } from '../i18n/text.ts'
import { TimeInput } from '../shell/timeInput.tsx'
import { BacktestReport } from './backtestReport.tsx'
import { useBench } from './bench.ts'
import { isOver, useBacktest } from './useBacktest.ts'
import { baseOf } from './versions.ts'

const HOUR = 3_600_000
const SPANS = { '24h': 24 * HOUR, '3d': 72 * HOUR, '7d': 168 * HOUR } as const
type Span = keyof typeof SPANS | 'own'

/** The edit beside the live version over what was stored: which alerts it adds and takes away, and how those were judged. */
export function BacktestTab(): ReactNode {
  const { t } = useWords()
  const { id, draft, dirty, from, versions, faults, mayEdit } = useBench()
  const base = baseOf(versions)
  const { run, start, cancel } = useBacktest(id)
  const [span, setSpan] = useState<Span>('24h')
  const [own, setOwn] = useState(() => ({ from: Date.now() - SPANS['24h'], to: Date.now() }))
  const running = run !== null && run.problem === null && (run.backtest === null || !isOver(run.backtest))
  const same = !dirty && from?.version === base?.version
  const begin = (): void => {
    const [begins, ends] = span === 'own' ? [own.from, own.to] : [Date.now() - SPANS[span], Date.now()]
    const times = { from: new Date(begins).toISOString(), to: new Date(ends).toISOString() }
    const wish: BacktestWish = dirty || !from ? { source: draft.text, ...times } : { version: from.version, ...times }
    start(draft.text, wish)
  }
  return (
    <div className="backtest">
      <div className="backtest-bar">
        <Segmented<Span>
          aria-label={t('backtest.span')}
          value={span}
          disabled={running}
          options={[
            { value: '24h', label: t('backtest.day') },
            { value: '3d', label: t('backtest.threeDays') },
            { value: '7d', label: t('backtest.week') },
            { value: 'own', label: t('backtest.own') },
          ]}
          onChange={setSpan}
        />
        {span === 'own' && (
          <span className="backtest-times">
            <TimeInput label={t('backtest.from')} value={own.from} change={(at) => setOwn({ ...own, from: at })} /> –{' '}
            <TimeInput label={t('backtest.to')} value={own.to} change={(at) => setOwn({ ...own, to: at })} />
          </span>
        )}
        {running ? (
          <Button danger onClick={cancel}>
            {t('backtest.cancel')}
          </Button>
        ) : (
          <Button type="primary" data-testid="btn-backtest" icon={<ExperimentOutlined />} disabled={!mayEdit || same || faults.length > 0 || versions.length === 0} onClick={begin}>
            {t('backtest.start')}
          </Button>
        )}
        <span className="muted">{t(against(same, base, versions.length > 0), { version: base?.version ?? 0 })}</span>
      </div>
      {running && (
        <Progress
          percent={Math.round((run.backtest?.progress ?? 0) * 100)}
          status="active"
          aria-label={t('backtest.progress')}
          format={(percent) => (run.backtest?.state === 'waiting' ? t('backtest.waiting') : `${percent}%`)}
        />
      )}
      {run?.problem && <ProblemNote problem={run.problem} again={begin} />}
      {run?.backtest?.state === 'failed' && <p className="warn">{t('backtest.failed', { why: run.backtest.why ?? '' })}</p>}
      {run?.backtest?.state === 'cancelled' && <p className="muted">{t('backtest.cancelled')}</p>}
      {run?.backtest?.result && <BacktestReport result={run.backtest.result} stale={run.of !== draft.text} />}
      {run === null && <p className="muted backtest-about">{t('backtest.about')}</p>}
    </div>
  )
}

function against(same: boolean, base: RuleVersion | undefined, saved: boolean): TextKey {
  if (!saved) return 'backtest.notSaved'
  if (same) return 'backtest.same'
  return base === undefined ? 'backtest.noLive' : base.areas === null ? 'backtest.against' : 'backtest.againstTrial'
}
