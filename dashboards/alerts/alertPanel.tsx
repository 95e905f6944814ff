import { AimOutlined, CloseOutlined, LinkOutlined } from '@ant-design/icons'
import { App, Button, Skeleton } from 'antd'
import type { ReactNode } from 'react'
import type { Alert, AlertDetail } from '../../domain/alert.ts'
import { alerts } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useLoad } from '../api/useLoad.ts'
import { CaseSummary } from '../cases/caseSummary.tsx'
import { WhySection } from '../explain/whySection.tsx'
import { useWords } from '../i18n/language.tsx'
import { fullTime } from '../i18n/times.ts'
import { locate } from '../map/locate.ts'
import { Boundary } from '../shell/boundary.tsx'
import { useCity, usePage } from '../shell/page.ts'
import { useStore } from '../state/store.ts'
import { Due } from './alertRow.tsx'
import { AttentionNote } from './attentionNote.tsx'
import { Candidates } from './candidates.tsx'
import { CertaintyNote } from './certaintyNote.tsx'
import { EvidenceStrip } from './evidence.tsx'
import { Judge } from './judge.tsx'
import { NearCameras } from './nearCameras.tsx'
import { Provenance, Timeline } from './provenance.tsx'
import { Readings } from './readings.tsx'
import { Section } from './section.tsx'
import { SeverityMark } from './severityMark.tsx'
import './panel.css'

export function AlertPanel(): ReactNode {
  const { route } = usePage()
  const id = useStore(route, (state) => (state.page === 'map' ? state.alert : null))
  return id === null ? null : <OpenPanel key={id} id={id} />
}

function OpenPanel({ id }: { id: string }): ReactNode {
  const { t } = useWords()
  const live = useCity((city) => city.alerts.byId.get(id))
  // Each change that the feed brings is a reason to read timeline and evidence again; the old ones stay meanwhile.
  const version = live
    ? [
        live.condition,
        live.review,
        live.verdict,
        live.severity,
        live.case,
        live.resolvedAt,
        live.amended,
        live.evidence.length,
        live.attention.by,
        live.attention.ref,
        live.attributedAt,
        live.certainty,
        live.fused.length,
      ].join()
    : ''
  const detail = useLoad(`${id} ${version}`, (signal) => alerts.one(id, signal))
  const shown = live ?? detail.last
  return (
    <section className="panel" data-testid="alert-panel" aria-label={t('panel.label')}>
      {shown ? <Head alert={shown} /> : <PanelClose />}
      <div className="panel-body">
        {detail.problem && <ProblemNote problem={detail.problem} again={detail.again} />}
        {shown && <CertaintyNote alert={shown} />}
        {shown && <AttentionNote alert={shown} />}
        {shown && <Judge alert={shown} detail={detail.last} />}
        {shown?.case && (
          <Boundary of={shown.case}>
            <CaseSummary id={shown.case} />
          </Boundary>
        )}
        {shown && detail.last ? <Body alert={shown} detail={detail.last} /> : !detail.problem && <Skeleton active />}
      </div>
    </section>
  )
}

function Body({ alert, detail }: { alert: Alert; detail: AlertDetail }): ReactNode {
  return (
    <>
      <Boundary>
        <EvidenceStrip alert={alert} detail={detail} />
      </Boundary>
      <Boundary>
        <Candidates detail={detail} />
      </Boundary>
      <Boundary>
        <Readings alert={alert} detail={detail} />
      </Boundary>
      <Boundary>
        <WhySection alert={alert} />
      </Boundary>
      <Place alert={alert} />
      <Boundary>
        <NearCameras alert={alert} />
      </Boundary>
      <Boundary>
        <Timeline entries={detail.timeline} />
      </Boundary>
      <Boundary>
        <Provenance detail={detail} />
      </Boundary>
    </>
  )
}

function PanelClose(): ReactNode {
  const { t } = useWords()
  const { go } = usePage()
  return (
    <Button type="text" className="panel-close" icon={<CloseOutlined />} aria-label={t('close')} title={`${t('close')} (Esc)`} onClick={() => go({ page: 'map', alert: null })} />
  )
}

function Head({ alert }: { alert: Alert }): ReactNode {
  const { t, name, word } = useWords()
  const { message } = App.useApp()
  const copy = (): void => void navigator.clipboard.writeText(location.href).then(() => message.success(t('panel.copied')))
  return (
    <header className={`panel-head panel-${alert.severity}`}>
      <div className="panel-title">
        <SeverityMark severity={alert.severity} hollow={alert.review !== 'open'} size={24} />
        <h2>{name(alert.title)}</h2>
        <Button type="text" icon={<LinkOutlined />} aria-label={t('panel.copy')} title={t('panel.copy')} onClick={copy} />
        <PanelClose />
      </div>
      <div className="axes">
        <div className="axis">
          <span>{t('axis.condition')}</span>
          <b className={`state state-${alert.condition}`}>{word('condition', alert.condition)}</b>
        </div>
        <div className="axis">
          <span>{t('axis.review')}</span>
          <b className={`state state-${alert.review}`} data-testid="review-state">
            {word('review', alert.review)}
            {alert.verdict && ` · ${word('verdict', alert.verdict)}`}
          </b>
        </div>
        <div className="axis">
          <span>{t('axis.opened')}</span>
          <time dateTime={alert.openedAt}>{fullTime(alert.openedAt)}</time>
        </div>
        <Due alert={alert} />
      </div>
      {(alert.late || alert.amended) && (
        <p className="panel-late">
          {alert.late && t('panel.late', { time: fullTime(alert.raisedAt) })} {alert.amended && word('amendedWhy', alert.amended)}
        </p>
      )}
    </header>
  )
}

function Place({ alert }: { alert: Alert }): ReactNode {
  const { t, word } = useWords()
  const asset = useCity((city) => city.assets.get(alert.asset))
  const rows = [
    [t('place.asset'), asset?.name ? `${asset.name} (${alert.asset})` : alert.asset],
    [t('place.kind'), asset ? word('kind', asset.kind) : ''],
    [t('place.grid'), alert.grid ?? alert.area ?? ''],
    [t('place.department'), asset?.department ?? ''],
    [t('place.position'), alert.lon !== null && alert.lat !== null ? `${alert.lon.toFixed(5)}, ${alert.lat.toFixed(5)}` : ''],
  ].filter(([, value]) => value !== '')
  return (
    <Section title={t('panel.place')} extra={<Locate />}>
      <dl className="facts">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

function Locate(): ReactNode {
  const { t } = useWords()
  return (
    <Button id="alert-locate" size="small" type="text" icon={<AimOutlined />} title="g" onClick={locate}>
      {t('panel.locate')}
    </Button>
  )
}
