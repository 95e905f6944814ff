import { LeftOutlined, PlayCircleOutlined, RightOutlined } from '@ant-design/icons'
import { Button, Segmented, Slider } from 'antd'
import { type ReactNode, useState } from 'react'
import { stillAtUrl, stillUrl } from '../api/client.ts'
import { ProblemNote } from '../api/problemNote.tsx'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { useNow } from '../shell/page.ts'
import { useLiveView } from './useLiveView.ts'
import { type Looks, SPANS, type Span } from './useLooks.ts'
import type { Ask } from './wouldCount.ts'
import { ZoneCanvas } from './zoneCanvas.tsx'
import type { Drawing, Stroke } from './zoneDraw.ts'

/** As most cameras see; a still that has arrived says better. */
const USUAL_ASPECT = 16 / 9
/** A newer picture now and then, but not while somebody looks closely. */
const AGAIN_MS = 60_000

interface StillStageProps {
  camera: string
  drawing: Drawing
  stroke: (stroke: Stroke) => void
  looks: Looks
  ask: Ask | null
  mayEdit: boolean
  /** What is drawn over the picture instead of the zones. */
  instead?: ((aspect: number) => ReactNode) | undefined
}

/** The camera's picture with its zones and what was seen in it. */
export function StillStage({ camera, drawing, stroke, looks, ask, mayEdit, instead }: StillStageProps): ReactNode {
  const { t } = useWords()
  const turn = useNow(AGAIN_MS)
  const [aspect, setAspect] = useState(USUAL_ASPECT)
  const [missing, setMissing] = useState<string | null>(null)
  const [live, setLive] = useState(false)
  const view = useLiveView(camera, live)
  const look = looks.one === null ? undefined : looks.all[looks.one]
  const newest = stillUrl(camera, turn)
  const src = (live ? view.url : null) ?? (look ? stillAtUrl(camera, look.at) : newest)
  // The picture of that moment may be gone: zones and boxes are seen on the newest as well.
  const shown = missing === src ? newest : src
  return (
    <section className="stage" aria-label={t('camera.stage')}>
      <div className="stage-frame" style={{ aspectRatio: String(aspect), width: `min(100%, calc((100vh - 220px) * ${aspect}))` }}>
        {missing === shown ? (
          <p className="stage-missing">{t('camera.noStill')}</p>
        ) : (
          <img
            src={shown}
            alt={t('camera.still', { camera })}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => naturalHeight > 0 && setAspect(naturalWidth / naturalHeight)}
            onError={() => setMissing(shown)}
          />
        )}
        {instead?.(aspect) ?? <ZoneCanvas aspect={aspect} drawing={drawing} stroke={stroke} looks={look ? [look] : looks.all} ask={ask} mayEdit={mayEdit} />}
      </div>
      <LookBar looks={looks} live={live} setLive={setLive} />
      {view.problem && <ProblemNote problem={view.problem} />}
      <p className="muted stage-help">{t(mayEdit ? 'camera.help' : 'camera.legend')}</p>
    </section>
  )
}

/** Which of the stored looks are drawn: all of the last hours, or one after the other. */
function LookBar({ looks: { all, everyMs, span, setSpan, one, setOne }, live, setLive }: { looks: Looks; live: boolean; setLive: (live: boolean) => void }): ReactNode {
  const { t, language } = useWords()
  const now = useNow(60_000)
  const look = one === null ? undefined : all[one]
  const step = (by: number): void => setOne(Math.min(all.length - 1, Math.max(0, (one ?? all.length) + by)))
  return (
    <div className="look-bar">
      <Button
        size="small"
        type={live ? 'primary' : 'default'}
        aria-pressed={live}
        icon={<PlayCircleOutlined />}
        data-testid="btn-live"
        title={t('camera.liveHelp')}
        onClick={() => setLive(!live)}
      >
        {t('camera.live')}
      </Button>
      <Segmented<Span>
        size="small"
        aria-label={t('camera.span')}
        value={span}
        options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(`camera.last.${value}`) }))}
        onChange={setSpan}
      />
      <Button size="small" type={one === null ? 'primary' : 'default'} disabled={all.length === 0} onClick={() => setOne(null)}>
        {t('camera.allLooks', { n: all.length })}
      </Button>
      <Button size="small" icon={<LeftOutlined />} aria-label={t('camera.lookBefore')} disabled={all.length === 0} onClick={() => step(-1)} />
      <Slider
        className="look-slider"
        min={0}
        max={Math.max(1, all.length - 1)}
        value={one ?? all.length - 1}
        disabled={all.length === 0}
        tooltip={{ formatter: null }}
        ariaLabelForHandle={t('camera.look')}
        onChange={setOne}
      />
      <Button size="small" icon={<RightOutlined />} aria-label={t('camera.lookAfter')} disabled={all.length === 0 || one === null} onClick={() => step(1)} />
      <span className="muted">{t('camera.looksEvery', { every: everyMs / 1000 })}</span>
      <span className="look-time">{look ? clockTime(look.at, now, language) : ''}</span>
    </div>
  )
}
