import type { ReactNode } from 'react'
import type { Alert, AlertDetail, Scalar } from '../../domain/alert.ts'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { LineChart } from '../chart/lineChart.tsx'
import { samplesOf } from '../chart/scale.ts'
import { showValue, useWords } from '../i18n/language.tsx'
import { msOf } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { Section } from './section.tsx'
import { fieldToDraw, isBeyond, isPlace, type Threshold, thresholdsOf } from './thresholds.ts'

const AROUND_MS = 30 * 60_000
const CHART_WIDTH = 396

/** What the rule saw beside what it allows, and how the value went around that moment. */
export function Readings({ alert, detail }: { alert: Alert; detail: AlertDetail }): ReactNode {
  const { t } = useWords()
  const { rules } = usePage()
  const thresholds = thresholdsOf(rules.get(alert.rule)?.file.when ?? '', detail.provenance.params)
  const field = fieldToDraw(alert.values, thresholds)
  return (
    <Section title={t('panel.values')}>
      <ValueTable alert={alert} thresholds={thresholds} params={detail.provenance.params} />
      {field !== undefined && <ValueChart alert={alert} field={field} threshold={thresholds.find((one) => one.field === field && typeof one.value === 'number')} />}
    </Section>
  )
}

function ValueTable({ alert, thresholds, params }: { alert: Alert; thresholds: readonly Threshold[]; params: Record<string, Scalar> }): ReactNode {
  const words = useWords()
  const { t, word } = words
  const now = useCity((state) => state.assets.get(alert.asset)?.values)
  const fields = [...new Set([...Object.keys(alert.values), ...thresholds.map((one) => one.field)])].filter((name) => !isPlace(name))
  const used = new Set(thresholds.map((one) => one.param))
  const rest = Object.entries(params).filter(([name]) => !used.has(name))
  return (
    <>
      <table className="values">
        <thead>
          <tr>
            <th>{t('values.field')}</th>
            <th>{t('values.then')}</th>
            <th>{t('values.limit')}</th>
            <th>{t('values.now')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => {
            const limit = thresholds.find((one) => one.field === field)
            const beyond = limit && isBeyond(alert.values[field], limit)
            return (
              <tr key={field}>
                <th scope="row">{word('field', field)}</th>
                <td className={beyond ? 'beyond' : ''}>{showValue(words, field, alert.values[field])}</td>
                <td className="muted">{limit ? `${limit.comparison} ${showValue(words, field, limit.value)}` : '—'}</td>
                <td>{showValue(words, field, now?.[field])}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {rest.length > 0 && <p className="muted params">{rest.map(([name, value]) => `${name} = ${String(value)}`).join(' · ')}</p>}
    </>
  )
}

function ValueChart({ alert, field, threshold }: { alert: Alert; field: string; threshold: Threshold | undefined }): ReactNode {
  const words = useWords()
  const { t, word } = words
  const device = alert.devices[0] ?? alert.asset
  const now = useNow(30_000)
  const opened = msOf(alert.openedAt)
  const resolved = alert.resolvedAt === null ? undefined : msOf(alert.resolvedAt)
  const from = opened - AROUND_MS
  const to = Math.min(now, (resolved ?? opened) + AROUND_MS)
  const { last } = useLoad(`${alert.id} ${field} ${to}`, (signal) =>
    city.observations({ device, from: new Date(from).toISOString(), to: new Date(to).toISOString(), every: '5s', limit: 2000 }, signal),
  )
  const samples = samplesOf(last?.items ?? [], field)
  if (samples.length < 2) return null
  const moments = [{ at: opened, text: t('chart.opened') }, ...(resolved === undefined ? [] : [{ at: resolved, text: t('chart.resolved') }])]
  const limit =
    threshold && typeof threshold.value === 'number'
      ? {
          value: threshold.value,
          text: `${threshold.comparison} ${showValue(words, field, threshold.value)}`,
          beyond: threshold.comparison.startsWith('<') ? ('below' as const) : ('above' as const),
        }
      : undefined
  return (
    <LineChart
      samples={samples}
      from={from}
      to={to}
      now={now}
      width={CHART_WIDTH}
      height={132}
      threshold={limit}
      moments={moments}
      label={t('chart.around', { field: word('field', field) })}
    />
  )
}
