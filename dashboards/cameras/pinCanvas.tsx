import { type ReactNode, useRef } from 'react'
import { useWidth } from '../chart/useWidth.ts'
import { useWords } from '../i18n/language.tsx'
import type { Pins, Prick } from './pins.ts'

/** The picture's points of a calibration; a click sets the next one. */
export function PinCanvas({ aspect, pins, prick }: { aspect: number; pins: Pins; prick: (what: Prick) => void }): ReactNode {
  const { t } = useWords()
  const svg = useRef<SVGSVGElement>(null)
  const width = useWidth(svg)
  const height = width / aspect
  const set = (event: { clientX: number; clientY: number }): void => {
    const frame = svg.current?.getBoundingClientRect()
    if (frame) prick({ do: 'picture', at: [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height] })
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a place in a picture is pointed at; the list beside it works by keyboard
    <svg ref={svg} className="zone-canvas pin-canvas" viewBox={`0 0 ${width} ${height}`} data-testid="pin-canvas" role="application" aria-label={t('pins.picture')} onClick={set}>
      {pins.points.map(({ picture: [x, y] }, index) => (
        <Pin key={`${x} ${y}`} x={x * width} y={y * height} name={String(index + 1)} />
      ))}
      {pins.picture && <Pin x={pins.picture[0] * width} y={pins.picture[1] * height} name={String(pins.points.length + 1)} open />}
    </svg>
  )
}

function Pin({ x, y, name, open = false }: { x: number; y: number; name: string; open?: boolean }): ReactNode {
  return (
    <g className={open ? 'pin pin-open' : 'pin'}>
      <circle cx={x} cy={y} r={6} />
      <text x={x + 10} y={y - 6}>
        {name}
      </text>
    </g>
  )
}
