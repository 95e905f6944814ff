import { PlayCircleFilled } from '@ant-design/icons'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Evidence } from '../../domain/alert.ts'
import { useWords } from '../i18n/language.tsx'
import { msOf } from '../i18n/times.ts'
import { isSubject, type SeenScene } from './scene.ts'
import { type Seen, seenInClip, seenInStill } from './seen.ts'

interface Viewed {
  item: Evidence
  seen: Seen
  boxes: boolean
}

export function EvidenceStill({ item, seen, boxes }: Viewed): ReactNode {
  const { t } = useWords()
  const [missing, setMissing] = useState(false)
  if (missing) return <span className="still-missing">{t('evidence.missing')}</span>
  return (
    <span className="still-frame">
      <img src={item.url} alt={t('evidence.still')} onError={() => setMissing(true)} />
      {boxes && <Overlay seen={seen} scene={seenInStill(seen.scenes, msOf(item.at))} />}
    </span>
  )
}

/** A clip with what the model saw at each moment of it. `playing`: large and with controls; else its first picture as a button. */
export function EvidenceClip({ item, seen, boxes, playing = false }: Viewed & { playing?: boolean }): ReactNode {
  const { t } = useWords()
  const video = useRef<HTMLVideoElement>(null)
  const at = useShownTime(video, msOf(item.at))
  const [missing, setMissing] = useState(false)
  if (missing) return <span className="still-missing">{t('evidence.noClip')}</span>
  return (
    <span className="still-frame">
      <video ref={video} src={item.url} preload={playing ? 'auto' : 'metadata'} controls={playing} muted playsInline onError={() => setMissing(true)} data-testid="evidence-clip" />
      {boxes && <Overlay seen={seen} scene={seenInClip(seen.scenes, at)} />}
      {!playing && <PlayCircleFilled className="clip-play" />}
    </span>
  )
}

/** Event time of the picture that a video shows, followed picture by picture. */
function useShownTime(video: React.RefObject<HTMLVideoElement | null>, start: number): number {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const player = video.current
    if (!player) return
    let next = 0
    const shown = (_: number, { mediaTime }: { mediaTime: number }): void => {
      setSeconds(mediaTime)
      next = player.requestVideoFrameCallback(shown)
    }
    next = player.requestVideoFrameCallback(shown)
    return () => player.cancelVideoFrameCallback(next)
  }, [video])
  return start + seconds * 1000
}

/** Zones and boxes as fractions of the picture; the object that the alert is about stands out. */
function Overlay({ seen, scene }: { seen: Seen; scene: SeenScene | undefined }): ReactNode {
  const objects = scene?.objects ?? []
  const known = objects.some((object) => isSubject(object, seen.subject))
  return (
    <span className="overlay" data-testid="evidence-overlay" aria-hidden>
      <svg viewBox="0 0 1 1" preserveAspectRatio="none">
        <title>zones</title>
        {seen.zones.map(({ id, polygon, line }) => (
          <g key={id}>
            {polygon.length > 0 && <polygon points={polygon.map((corner) => corner.join()).join(' ')} data-zone={id} />}
            {line && <polyline points={line.map((corner) => corner.join()).join(' ')} data-zone={id} />}
          </g>
        ))}
      </svg>
      {seen.zones.map(({ id, polygon, line }) => {
        const [x, y] = polygon[0] ?? line?.[0] ?? [0, 0]
        return (
          <span key={id} className="zone-label" style={{ left: `${x * 100}%`, top: `${y * 100}%` }}>
            {id}
          </span>
        )
      })}
      {objects.map((object) => (
        <ObjectBox key={`${object.track ?? ''}${object.box.join()}`} object={object} strong={known ? isSubject(object, seen.subject) : object.score >= 0.4} />
      ))}
    </span>
  )
}

function ObjectBox({ object, strong }: { object: SeenScene['objects'][number]; strong: boolean }): ReactNode {
  const { word } = useWords()
  const [x, y, w, h] = object.box
  const style = { left: `${x * 100}%`, top: `${y * 100}%`, width: `${w * 100}%`, height: `${h * 100}%` }
  return (
    <span className={strong ? 'box box-strong' : 'box'} style={style}>
      <span className={strong ? 'box-label' : 'box-label box-label-faint'}>
        {word('label', object.label)} {Math.round(object.score * 100)}%{object.plate === undefined ? '' : ` ${object.plate}`}
      </span>
    </span>
  )
}
