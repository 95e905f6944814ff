import { FileTextOutlined, VideoCameraOutlined } from '@ant-design/icons'
import { Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Alert, AlertDetail, Evidence } from '../../domain/alert.ts'
import { city } from '../api/client.ts'
import { useLoad } from '../api/useLoad.ts'
import { useWords } from '../i18n/language.tsx'
import { fullTime, msOf } from '../i18n/times.ts'
import { isSubject, nearestScene, type SeenScene } from './scene.ts'
import { Section } from './section.tsx'

/** A picture and the model's look at it need not bear the same millisecond. */
const NEAR_MS = 5000

/** The files that prove the alert, stills with what the model saw drawn over them. */
export function EvidenceStrip({ alert, detail }: { alert: Alert; detail: AlertDetail }): ReactNode {
  const { t } = useWords()
  const [open, setOpen] = useState<Evidence | null>(null)
  const { evidence } = detail
  if (evidence.length === 0) return detail.provenance.model === null ? null : <Section title={t('panel.evidence')}>{t('evidence.coming')}</Section>
  return (
    <Section title={t('panel.evidence')}>
      <div className="evidence">
        {evidence.map((item) => (
          <Item key={item.id} item={item} alert={alert} model={detail.provenance.model} enlarge={() => setOpen(item)} />
        ))}
      </div>
      <Modal open={open !== null} onCancel={() => setOpen(null)} footer={null} width="min(92vw, 1280px)" title={t('panel.evidence')}>
        {open && (
          <>
            <Still item={open} alert={alert} scene={detail.provenance.model !== null} />
            <Proof item={open} />
          </>
        )}
      </Modal>
    </Section>
  )
}

function Item({ item, alert, model, enlarge }: { item: Evidence; alert: Alert; model: string | null; enlarge: () => void }): ReactNode {
  const { t, word } = useWords()
  if (item.kind !== 'still')
    return (
      <a className="evidence-file" href={item.url} target="_blank" rel="noreferrer" title={`SHA-256 ${item.sha256}`}>
        {item.kind === 'clip' ? <VideoCameraOutlined /> : <FileTextOutlined />} {word('evidence', item.kind)} <span className="muted">{fullTime(item.at)}</span>
      </a>
    )
  return (
    <button type="button" className="evidence-still" onClick={enlarge} aria-label={t('evidence.enlarge')}>
      <Still item={item} alert={alert} scene={model !== null} />
    </button>
  )
}

function Proof({ item }: { item: Evidence }): ReactNode {
  return (
    <p className="muted proof">
      {fullTime(item.at)} · SHA-256 <code>{item.sha256}</code>
    </p>
  )
}

function Still({ item, alert, scene }: { item: Evidence; alert: Alert; scene: boolean }): ReactNode {
  const { t } = useWords()
  const at = msOf(item.at)
  const [missing, setMissing] = useState(false)
  const camera = scene ? (alert.devices[0] ?? alert.asset) : null
  const { value } = useLoad(camera && `${camera} ${at}`, (signal) =>
    city.observations({ device: camera ?? '', kind: 'scene', from: new Date(at - NEAR_MS).toISOString(), to: new Date(at + NEAR_MS).toISOString(), limit: 100 }, signal),
  )
  const seen = value && nearestScene(value.items, at)
  if (missing) return <span className="still-missing">{t('evidence.missing')}</span>
  return (
    <span className="still-frame">
      <img src={item.url} alt={t('evidence.still')} onError={() => setMissing(true)} />
      {seen && <Boxes seen={seen} subject={alert.key} />}
    </span>
  )
}

/** Boxes as fractions of the picture; the one that the alert is about stands out. */
function Boxes({ seen, subject }: { seen: SeenScene; subject: string }): ReactNode {
  const { word } = useWords()
  const known = seen.objects.some((object) => isSubject(object, subject))
  return seen.objects.map((object) => {
    const [x, y, w, h] = object.box
    const strong = known ? isSubject(object, subject) : object.score >= 0.4
    const style = { left: `${x * 100}%`, top: `${y * 100}%`, width: `${w * 100}%`, height: `${h * 100}%` }
    return (
      <span key={`${object.track ?? ''}${object.box.join()}`} className={strong ? 'box box-strong' : 'box'} style={style}>
        {strong && (
          <span className="box-label">
            {word('label', object.label)} {Math.round(object.score * 100)}%
          </span>
        )}
      </span>
    )
  })
}
