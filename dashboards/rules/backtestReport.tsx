import { Segmented, Table, Tag } from 'antd'
import { type ReactNode, useState } from 'react'
import type { BacktestAlert, BacktestResult } from '../../domain/authoring.ts'
import { SeverityMark } from '../alerts/severityMark.tsx'
import { BandChart } from '../chart/bandChart.tsx'
import { showValue, useWords } from '../i18n/language.tsx'
import { clockTime, fullTime, lengthOfTime, msOf } from '../i18n/times.ts'
import { useCity, useNow } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import { toneOf, verdictCounts } from './verdictCounts.ts'

/** What the edit would have changed: one sentence, the value with both limits, and the alerts. */
export function BacktestReport({ result, stale }: { result: BacktestResult; stale: boolean }): ReactNode {
  const { t } = useWords()
  const { counts, chart } = result
  return (
    <div className={`report${stale ? ' report-stale' : ''}`} data-testid="backtest-report">
      {stale && <p className="warn">{t('backtest.stale')}</p>}
      <Sentence result={result} />
      <p className="muted">
        {t('backtest.counts', {
          live: counts.live,
          edit: counts.edit,
          same: counts.same,
          observations: result.observations.toLocaleString(),
          from: fullTime(result.from),
          to: fullTime(result.to),
        })}
      </p>
      {result.register === 'now' && <p className="warn">{t('backtest.registerNow')}</p>}
      <ScoreLimits result={result} />
      {chart && chart.points.length > 1 && <Chart chart={chart} result={result} />}
      {counts.added + counts.removed + counts.changed > 0 && <Lists result={result} />}
    </div>
  )
}

/** What an edit of a score cannot show: what cameras threw away, and what they decide by a score of their own. */
function ScoreLimits({ result: { set, scoreFloor, ownScores } }: { result: BacktestResult }): ReactNode {
  const { t } = useWords()
  if (typeof set.score !== 'number') return null
  return (
    <>
      {scoreFloor !== null && set.score < scoreFloor && (
        <p className="warn" data-testid="score-floor">
          {t('backtest.scoreFloor', { floor: scoreFloor })}
        </p>
      )}
      {ownScores > 0 && <p className="muted">{t('backtest.ownScores', { n: ownScores })}</p>}
    </>
  )
}

function Sentence({ result }: { result: BacktestResult }): ReactNode {
  const { t, word } = useWords()
  const { counts, verdicts } = result
  const tone = toneOf(result)
  const judged = verdictCounts(verdicts)
  return (
    <div className={`report-sentence report-${tone}`} data-testid="backtest-sentence" data-tone={tone}>
      <strong>{tone === 'same' ? t('backtest.nothing') : t('backtest.changes', { added: counts.added, removed: counts.removed, changed: counts.changed })}</strong>
      {judged.length > 0 && (
        <span className="report-verdicts">
          {t('backtest.ofRemoved')}
          {judged.map(([verdict, count]) => (
            <span key={verdict} className={`report-verdict verdict-of-${verdict}`}>
              {count} {verdict === 'none' ? t('backtest.notJudged') : word('verdict', verdict)}
            </span>
          ))}
        </span>
      )}
      {tone === 'loses' && <span className="report-warning">{t('backtest.loses', { n: verdicts.confirmed ?? 0 })}</span>}
    </div>
  )
}

function Chart({ chart, result }: { chart: NonNullable<BacktestResult['chart']>; result: BacktestResult }): ReactNode {
  const words = useWords()
  const { t, word } = words
  const now = useNow(60_000)
  const asset = useCity((city) => city.assets.get(chart.asset)?.name)
  const label = t('backtest.chart', { field: word('field', chart.field), asset: asset || chart.asset })
  return (
    <figure className="report-chart">
      <figcaption className="muted">{label}</figcaption>
      <BandChart
        label={label}
        now={now}
        points={chart.points.map(({ at, min, max }) => ({ at: msOf(at), min, max }))}
        from={msOf(result.from)}
        to={msOf(result.to)}
        lines={chart.thresholds.flatMap(({ param, live, edit }) => [
          { value: live, text: t('backtest.limitLive', { param, value: showValue(words, chart.field, live) }), look: 'live' as const },
          ...(edit === live ? [] : [{ value: edit, text: t('backtest.limitEdit', { param, value: showValue(words, chart.field, edit) }), look: 'edit' as const }]),
        ])}
      />
    </figure>
  )
}

type ListKey = 'removed' | 'added' | 'changed'

interface Row {
  key: string
  alert: BacktestAlert
  after: BacktestAlert | null
}

function rowsOf(result: BacktestResult, list: ListKey): Row[] {
  const pairs = list === 'changed' ? result.changed.map(({ before, after }) => ({ alert: before, after })) : result[list].map((alert) => ({ alert, after: null }))
  return pairs.map(({ alert, after }) => ({ key: `${alert.key} ${alert.openedAt}`, alert, after }))
}

function Lists({ result }: { result: BacktestResult }): ReactNode {
  const words = useWords()
  const { t, word, language } = words
  const now = useNow(60_000)
  const keys = (['removed', 'added', 'changed'] as const).filter((key) => result.counts[key] > 0)
  const [chosen, setChosen] = useState<ListKey>(keys[0] ?? 'removed')
  const list = keys.includes(chosen) ? chosen : (keys[0] ?? 'removed')
  const rows = rowsOf(result, list)
  const length = ({ openedAt, resolvedAt }: BacktestAlert): string => (resolvedAt === null ? t('backtest.stands') : lengthOfTime(msOf(resolvedAt) - msOf(openedAt), language))
  return (
    <>
      <Segmented<ListKey> value={list} options={keys.map((key) => ({ value: key, label: `${t(`backtest.list.${key}`)} ${result.counts[key]}` }))} onChange={setChosen} />
      <Table<Row>
        size="small"
        dataSource={rows}
        pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        scroll={{ x: 680 }}
        rowClassName={({ alert }) => (list === 'removed' && alert.verdict === 'confirmed' ? 'report-lost' : '')}
        columns={[
          {
            title: t('axis.opened'),
            render: (_, { alert }) => (
              <span title={fullTime(alert.openedAt)}>
                <SeverityMark severity={alert.severity} /> {clockTime(alert.openedAt, now, language)}
              </span>
            ),
          },
          { title: t('place.asset'), render: (_, { alert }) => <AssetName id={alert.asset} /> },
          { title: t('backtest.lasted'), render: (_, { alert, after }) => (after ? `${length(alert)} → ${length(after)}` : length(alert)) },
          {
            title: t('panel.values'),
            render: (_, { alert }) =>
              Object.entries(alert.values)
                .slice(0, 3)
                .map(([field, value]) => `${word('field', field)} ${showValue(words, field, value)}`)
                .join(' · '),
          },
          {
            title: t('judge.verdict'),
            sorter: (a, b) => String(a.alert.verdict).localeCompare(String(b.alert.verdict)),
            render: (_, { alert }) =>
              alert.verdict === null ? <span className="muted">—</span> : <Tag color={alert.verdict === 'confirmed' ? 'error' : 'default'}>{word('verdict', alert.verdict)}</Tag>,
          },
          { title: '', render: (_, { alert }) => alert.alert !== null && <PlaceLink to={{ page: 'map', alert: alert.alert }}>{t('backtest.toAlert')}</PlaceLink> },
        ]}
      />
    </>
  )
}

function AssetName({ id }: { id: string }): ReactNode {
  const name = useCity((city) => city.assets.get(id)?.name)
  return (
    <>
      {name || id} {name && <span className="muted">{id}</span>}
    </>
  )
}
