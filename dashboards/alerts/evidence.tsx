import { DeleteOutlined, DownloadOutlined, FileTextOutlined, SafetyCertificateOutlined } from '@ant-design/icons'
import { Button, Dropdown, Modal, Switch } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Alert, AlertDetail, Evidence } from '../../domain/alert.ts'
import { roleAtLeast } from '../../domain/role.ts'
import { evidenceZipUrl } from '../api/client.ts'
import { useWords } from '../i18n/language.tsx'
import { fullTime } from '../i18n/times.ts'
import { usePage } from '../shell/page.ts'
import { EvidenceClip, EvidenceStill } from './evidenceViewer.tsx'
import { Section } from './section.tsx'
import { type Seen, useSeen } from './seen.ts'
import './evidence.css'

/** The files that prove the alert: pictures with what the model saw drawn over them, the clip, and what vouches for all of it. */
export function EvidenceStrip({ alert, detail }: { alert: Alert; detail: AlertDetail }): ReactNode {
  const { t } = useWords()
  const [open, setOpen] = useState<string | null>(null)
  const [boxes, setBoxes] = useState(true)
  const seen = useSeen(alert, detail)
  const { evidence } = detail
  if (evidence.length === 0) return detail.provenance.model === null ? null : <Section title={t('panel.evidence')}>{t('evidence.coming')}</Section>
  const pictures = evidence.filter(({ kind }) => kind === 'still' || kind === 'clip')
  const shown = evidence.find(({ id }) => id === open)
  return (
    <Section title={t('panel.evidence')} extra={<Tools alert={alert.id} boxes={boxes} setBoxes={pictures.length > 0 ? setBoxes : null} />}>
      <div className="evidence" data-testid="evidence">
        {pictures.map((item) => (
          <Picture key={item.id} item={item} seen={seen} boxes={boxes} enlarge={() => setOpen(item.id)} />
        ))}
        {evidence
          .filter(({ kind }) => kind !== 'still' && kind !== 'clip')
          .map((item) => (
            <FileLine key={item.id} item={item} />
          ))}
      </div>
      <Modal
        open={shown !== undefined}
        onCancel={() => setOpen(null)}
        footer={null}
        destroyOnHidden
        centered
        width="min(92vw, 1280px)"
        title={<Tools alert={alert.id} boxes={boxes} setBoxes={setBoxes} />}
      >
        {shown && (
          <div className="evidence-large" data-testid="evidence-large">
            {shown.kind === 'clip' ? <EvidenceClip item={shown} seen={seen} boxes={boxes} playing /> : <EvidenceStill item={shown} seen={seen} boxes={boxes} />}
            <Proof item={shown} />
          </div>
        )}
      </Modal>
    </Section>
  )
}

function Tools({ alert, boxes, setBoxes }: { alert: string; boxes: boolean; setBoxes: ((on: boolean) => void) | null }): ReactNode {
  const { t } = useWords()
  const { who } = usePage()
  const items = [
    { key: 'blurred', label: <a href={evidenceZipUrl(alert, false)}>{t('evidence.exportBlurred')}</a> },
    ...(roleAtLeast(who.role, 'operator') ? [{ key: 'original', label: <a href={evidenceZipUrl(alert, true)}>{t('evidence.exportOriginal')}</a> }] : []),
  ]
  return (
    <span className="evidence-tools">
      {setBoxes && (
        <label htmlFor="evidence-boxes">
          <Switch id="evidence-boxes" size="small" checked={boxes} onChange={setBoxes} data-testid="evidence-boxes" /> {t('evidence.boxes')}
        </label>
      )}
      <Dropdown menu={{ items }} trigger={['click']}>
        <Button size="small" type="text" icon={<DownloadOutlined />} data-testid="evidence-export">
          {t('evidence.export')}
        </Button>
      </Dropdown>
    </span>
  )
}

function Picture({ item, seen, boxes, enlarge }: { item: Evidence; seen: Seen; boxes: boolean; enlarge: () => void }): ReactNode {
  const { t } = useWords()
  if (item.deletedAt !== undefined) return <Tombstone item={item} />
  return (
    <figure className="evidence-picture">
      <button type="button" className="evidence-still" onClick={enlarge} aria-label={t(item.kind === 'clip' ? 'evidence.play' : 'evidence.enlarge')}>
        {item.kind === 'clip' ? <EvidenceClip item={item} seen={seen} boxes={boxes} /> : <EvidenceStill item={item} seen={seen} boxes={boxes} />}
      </button>
      <figcaption>
        <Name item={item} /> <time dateTime={item.at}>{fullTime(item.at)}</time>
      </figcaption>
    </figure>
  )
}

function Name({ item }: { item: Evidence }): ReactNode {
  const { word } = useWords()
  return <b>{item.shows ? word('moment', item.shows) : word('evidence', item.kind)}</b>
}

function FileLine({ item }: { item: Evidence }): ReactNode {
  const { word } = useWords()
  if (item.deletedAt !== undefined) return <Tombstone item={item} />
  return (
    <a className="evidence-file" href={item.url} target="_blank" rel="noreferrer" title={`SHA-256 ${item.sha256}`}>
      {item.kind === 'manifest' ? <SafetyCertificateOutlined /> : <FileTextOutlined />} {word('evidence', item.kind)} <span className="muted">{fullTime(item.at)}</span>
    </a>
  )
}

/** The file is gone; that there was one, and which, is not. */
function Tombstone({ item }: { item: Evidence }): ReactNode {
  const { t } = useWords()
  return (
    <span className="evidence-file muted" title={`SHA-256 ${item.sha256}`}>
      <DeleteOutlined /> <Name item={item} /> {t('evidence.deleted', { time: fullTime(item.deletedAt ?? '') })}
    </span>
  )
}

function Proof({ item }: { item: Evidence }): ReactNode {
  return (
    <p className="muted proof">
      <Name item={item} /> · {fullTime(item.at)} · SHA-256 <code>{item.sha256}</code>
    </p>
  )
}
