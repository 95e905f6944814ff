import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react'
import type { PictureZone } from '../../domain/camera.ts'
import { useWidth } from '../chart/useWidth.ts'
import { useWords } from '../i18n/language.tsx'
import { SeenBoxes } from './seenBoxes.tsx'
import type { TrackedLook } from './useLooks.ts'
import type { Ask } from './wouldCount.ts'
import { type Corner, type Drawing, edgeNear, type Stroke } from './zoneDraw.ts'

/** An arrow key moves so far, in fractions of the picture; with Shift four times as far. */
const NUDGE = 0.005
const ARROWS: Record<string, Corner> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

interface ZoneCanvasProps {
  aspect: number
  drawing: Drawing
  stroke: (stroke: Stroke) => void
  looks: readonly TrackedLook[]
  ask: Ask | null
  mayEdit: boolean
}

/** Zones over a still, drawn with mouse, finger or keyboard. */
export function ZoneCanvas({ aspect, drawing, stroke, looks, ask, mayEdit }: ZoneCanvasProps): ReactNode {
  const { t } = useWords()
  const svg = useRef<SVGSVGElement>(null)
  const drag = useRef<{ zone: string; corner: number | null; from: Corner } | null>(null)
  // A unit is a pixel, so that corners and names are as large on a small picture as on a large one.
  const width = useWidth(svg)
  const height = width / aspect
  const at = (event: { clientX: number; clientY: number }): Corner => {
    const frame = svg.current?.getBoundingClientRect()
    return frame ? [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height] : [0, 0]
  }
  const grab = (event: PointerEvent<SVGElement>, zone: string, corner: number | null): void => {
    if (!mayEdit || event.button !== 0) return
    event.stopPropagation()
    svg.current?.setPointerCapture(event.pointerId)
    drag.current = { zone, corner, from: at(event) }
    stroke({ do: 'choose', zone, corner })
    stroke({ do: 'grab' })
  }
  const move = (event: PointerEvent<SVGElement>): void => {
    if (!drag.current) return
    const to = at(event)
    const { zone, corner, from } = drag.current
    if (corner !== null) return stroke({ do: 'moveCorner', zone, corner, to })
    stroke({ do: 'moveZone', zone, by: [to[0] - from[0], to[1] - from[1]] })
    drag.current.from = to
  }
  const release = (): void => {
    if (!drag.current) return
    drag.current = null
    stroke({ do: 'release' })
  }
  const undo = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return
    event.preventDefault()
    stroke({ do: event.shiftKey ? 'redo' : 'undo' })
  }
  return (
    <svg
      ref={svg}
      className="zone-canvas"
      viewBox={`0 0 ${width} ${height}`}
      data-testid="zone-canvas"
      role="application"
      aria-label={t('camera.canvas')}
      onPointerMove={move}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={undo}
    >
      <SeenBoxes looks={looks} ask={ask} width={width} height={height} />
      {drawing.zones.map((zone) => (
        <ZoneShape
          key={zone.id}
          zone={zone}
          chosen={zone.id === drawing.zone}
          corner={drawing.corner}
          width={width}
          height={height}
          mayEdit={mayEdit}
          stroke={stroke}
          grab={grab}
          at={at}
        />
      ))}
    </svg>
  )
}

interface ZoneShapeProps {
  zone: PictureZone
  chosen: boolean
  corner: number | null
  width: number
  height: number
  mayEdit: boolean
  stroke: (stroke: Stroke) => void
  grab: (event: PointerEvent<SVGElement>, zone: string, corner: number | null) => void
  at: (event: { clientX: number; clientY: number }) => Corner
}

function ZoneShape({ zone, chosen, corner, width, height, mayEdit, stroke, grab, at }: ZoneShapeProps): ReactNode {
  const { t } = useWords()
  const { id, polygon } = zone
  const points = polygon.map(([x, y]) => `${x * width},${y * height}`).join(' ')
  const [left, top] = polygon.reduce((best, one) => (one[1] < best[1] ? one : best))
  const nudge = (event: KeyboardEvent): Corner | undefined => {
    const way = ARROWS[event.key]
    if (!way || !mayEdit) return undefined
    event.preventDefault()
    const far = NUDGE * (event.shiftKey ? 4 : 1)
    return [way[0] * far, way[1] * far]
  }
  const pressZone = (event: KeyboardEvent): void => {
    const by = nudge(event)
    if (by) stroke({ do: 'moveZone', zone: id, by })
    else if (mayEdit && event.key === 'Delete') stroke({ do: 'removeZone', zone: id })
  }
  const pressCorner = (event: KeyboardEvent, index: number, [x, y]: Corner): void => {
    const by = nudge(event)
    if (by) stroke({ do: 'moveCorner', zone: id, corner: index, to: [x + by[0], y + by[1]] })
    else if (mayEdit && (event.key === 'Delete' || event.key === 'Backspace')) stroke({ do: 'removeCorner', zone: id, corner: index })
    else if (mayEdit && (event.key === 'Insert' || event.key === '+')) stroke({ do: 'addCorner', zone: id, after: index, at: middle(polygon, index) })
  }
  return (
    <g className={`zone${chosen ? ' zone-chosen' : ''}`} data-testid={`zone-${id}`}>
      {/* biome-ignore lint/a11y/useSemanticElements: inside a drawing there are no HTML buttons */}
      <polygon
        points={points}
        tabIndex={0}
        role="button"
        aria-label={t('camera.zoneIs', { zone: id, type: zone.type })}
        aria-pressed={chosen}
        onFocus={() => !chosen && stroke({ do: 'choose', zone: id })}
        onPointerDown={(event) => grab(event, id, null)}
        onDoubleClick={(event) => mayEdit && stroke({ do: 'addCorner', zone: id, after: edgeNear(polygon, at(event)), at: at(event) })}
        onKeyDown={pressZone}
      />
      <text x={left * width} y={Math.max(16, top * height - 8)}>
        {id}
      </text>
      {chosen &&
        mayEdit &&
        polygon.map((_, index) => {
          const [x, y] = middle(polygon, index)
          return (
            <circle
              // biome-ignore lint/suspicious/noArrayIndexKey: an edge is its place in the ring
              key={`edge ${index}`}
              className="zone-edge"
              cx={x * width}
              cy={y * height}
              r={5}
              onPointerDown={(event) => {
                stroke({ do: 'addCorner', zone: id, after: index, at: [x, y] })
                grab(event, id, index + 1)
              }}
            />
          )
        })}
      {chosen &&
        polygon.map((place, index) => (
          // biome-ignore lint/a11y/useSemanticElements: inside a drawing there are no HTML buttons
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: a corner is its place in the ring
            key={`corner ${index}`}
            className={`zone-corner${corner === index ? ' zone-corner-chosen' : ''}`}
            cx={place[0] * width}
            cy={place[1] * height}
            r={8}
            tabIndex={0}
            role="button"
            aria-label={t('camera.corner', { n: index + 1, zone: id })}
            onFocus={() => stroke({ do: 'choose', zone: id, corner: index })}
            onPointerDown={(event) => grab(event, id, index)}
            onKeyDown={(event) => pressCorner(event, index, place)}
          />
        ))}
    </g>
  )
}

function middle(polygon: readonly Corner[], index: number): Corner {
  const [ax, ay] = polygon[index] as Corner
  const [bx, by] = polygon[(index + 1) % polygon.length] as Corner
  return [(ax + bx) / 2, (ay + by) / 2]
}
