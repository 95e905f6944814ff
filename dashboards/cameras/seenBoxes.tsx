import { memo, type ReactNode } from 'react'
import { useWords } from '../i18n/language.tsx'
import type { TrackedLook } from './useLooks.ts'
import { type Ask, type Count, countOf } from './wouldCount.ts'

/** More boxes than this are a carpet, and cost a slow computer its breath: the newest stay. */
const DRAWN = 600
const ORDER = ['otherLabel', 'outside', 'tooSmall', 'tooWeak', 'counts'] as const satisfies readonly Count[]
/** With so few boxes each can say what it is. */
const NAMED = 12

/** Stored objects over the still: whole lines would count as things are set now, dashed ones would not. */
export const SeenBoxes = memo(function SeenBoxes({ looks, ask, width, height }: { looks: readonly TrackedLook[]; ask: Ask | null; width: number; height: number }): ReactNode {
  const { word } = useWords()
  const objects = looks
    .flatMap(({ at, objects }) => objects.map((object) => ({ at, object, count: ask ? countOf(object, ask) : ('counts' as const) })))
    .slice(-DRAWN)
    // What counts lies on top.
    .sort((a, b) => ORDER.indexOf(a.count) - ORDER.indexOf(b.count))
  return (
    <g className="seen">
      {objects.map(({ at, object, count }) => {
        const [x, y, w, h] = object.box
        return (
          <g key={`${at} ${object.track ?? ''} ${object.box.join()}`} className={`seen-${count}`}>
            <rect x={x * width} y={y * height} width={w * width} height={h * height} />
            {objects.length <= NAMED && (
              <text x={x * width + 3} y={y * height + 14}>
                {word('label', object.label)} {Math.round(object.score * 100)}%
              </text>
            )}
          </g>
        )
      })}
    </g>
  )
})
