import { CloseOutlined } from '@ant-design/icons'
import { Button, Tag } from 'antd'
import { type ReactNode, useState } from 'react'
import { SeverityMark } from '../alerts/severityMark.tsx'
import { isOnMap } from '../alerts/words.ts'
import { city, stillUrl } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { LineChart } from '../chart/lineChart.tsx'
import { samplesOf } from '../chart/scale.ts'
import { WhyNot } from '../explain/whyNot.tsx'
import { showValue, useWords } from '../i18n/language.tsx'
import { fullTime, lengthOfTime } from '../i18n/times.ts'
import { useCity, useNow, usePage } from '../shell/page.ts'
import { PlaceLink } from '../shell/placeLink.tsx'
import type { AssetState } from '../state/city.ts'
import { devicesOf } from './devices.ts'

const HOURS_MS = 6 * 3_600_000
const CHARTED = ['tiltDeg', 'waterMm', 'speedKmh', 'ch4Lel', 'tempC', 'batteryPct'] as const
const HIDDEN: readonly string[] = ['lon', 'lat', 'objects', 'camera', 'model', 'at', 'id', 'seq', 'boot', 'crs']

/** What one asset says now, and said in the last hours. */
export function AssetCard({ id, close }: { id: string; close: () => void }): ReactNode {
  const { t, word } = useWords()
  const asset = useCity((state) => state.assets.get(id))
  const now = useNow(1000)
  if (!asset) return <div className="asset-card">{t('asset.unknown', { id })}</div>
  const values = Object.entries(asset.values).filter(([name]) => !HIDDEN.includes(name))
  return (
    <section className="asset-card" aria-label={asset.name || id}>
      <header>
        <div>
          <strong>{asset.name || id}</strong>
          <span className="muted">
            {word('kind', asset.kind)} · {id}
          </span>
        </div>
        <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('close')} onClick={close} />
      </header>
      <AssetAlerts id={id} />
      {asset.kind === 'camera' && <CameraStill camera={devicesOf(asset)[0] ?? id} />}
      <Values values={values} />
      {asset.kind !== 'camera' && asset.kind !== 'zone' && <RecentHours asset={asset} now={now} />}
      {asset.kind !== 'zone' && (
        <div className="asset-acts">
          <WhyNot asset={id} label={asset.name || id} />
          {asset.kind === 'camera' && <PlaceLink to={{ page: 'cameras', camera: devicesOf(asset)[0] ?? id }}>{t('camera.edit')}</PlaceLink>}
        </div>
      )}
      <AssetFoot asset={asset} now={now} />
    </section>
  )
}

function Values({ values }: { values: [string, unknown][] }): ReactNode {
  const words = useWords()
  const flat = values.flatMap(([name, value]): [string, unknown][] => (name === 'values' && typeof value === 'object' && value !== null ? Object.entries(value) : [[name, value]]))
  if (flat.length === 0) return null
  return (
    <dl className="asset-values">
      {flat.map(([name, value]) => (
        <div key={name}>
          <dt>{words.word('field', name)}</dt>
          <dd>{showValue(words, name, value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function AssetAlerts({ id }: { id: string }): ReactNode {
  const { name, word } = useWords()
  const { go } = usePage()
  const book = useCity((state) => state.alerts)
  const found = book.newest.filter((alert) => alert.asset === id && isOnMap(alert)).slice(0, 4)
  return found.map((alert) => (
    <button type="button" key={alert.id} className="asset-alert" onClick={() => go({ page: 'map', alert: alert.id })}>
      <SeverityMark severity={alert.severity} /> {name(alert.title)} <Tag variant="filled">{word('condition', alert.condition)}</Tag>
    </button>
  ))
}

function AssetFoot({ asset, now }: { asset: AssetState; now: number }): ReactNode {
  const { t, language } = useWords()
  const seen = Number.isNaN(asset.at) ? t('asset.never') : t('asset.seen', { time: lengthOfTime(now - asset.at, language) })
  return (
    <footer className="muted" title={Number.isNaN(asset.at) ? '' : fullTime(asset.at)}>
      {[seen, asset.department, asset.grid].filter(Boolean).join(' · ')}
    </footer>
  )
}

/** The newest picture; a camera without one says so. */
export function CameraStill({ camera }: { camera: string }): ReactNode {
  const { t } = useWords()
  const turn = useNow(10_000)
  const [failed, setFailed] = useState(false)
  if (failed) return <div className="still-missing">{t('camera.noStill')}</div>
  return <img className="still" src={stillUrl(camera, turn)} alt={t('camera.still', { camera })} onError={() => setFailed(true)} />
}

function RecentHours({ asset, now }: { asset: AssetState; now: number }): ReactNode {
  const { t, word } = useWords()
  const device = devicesOf(asset)[0] ?? asset.id
  const [to] = useState(now)
  const { value } = useLoad(`${device}`, (signal) =>
    city.observations({ device, from: new Date(to - HOURS_MS).toISOString(), to: new Date(to).toISOString(), every: '1m', limit: 1000 }, signal),
  )
  const items = value?.items ?? []
  const field = CHARTED.find((name) => samplesOf(items, name).length > 1)
  if (field === undefined) return null
  const label = t('chart.lastHours', { field: word('field', field) })
  return (
    <figure>
      <figcaption className="muted">{label}</figcaption>
      <LineChart samples={samplesOf(items, field)} from={to - HOURS_MS} to={to} now={now} width={296} height={84} label={label} />
    </figure>
  )
}
