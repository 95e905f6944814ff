import { type ReactNode, useMemo } from 'react'
import { useWords } from '../i18n/language.tsx'
import { type Ask, type Seen, scoreBins, tallyOf } from './wouldCount.ts'

const WIDTH = 320
const HEIGHT = 44
const BINS = 40

/** How the stored scores lie, and how many of them the present limit lets through: what a slider does is seen while it moves. */
export function ScoreChart({ objects, ask }: { objects: readonly Seen[]; ask: Ask }): ReactNode {
  const { t } = useWords()
  const bins = useMemo(() => scoreBins(objects, ask, BINS), [objects, ask])
  const tally = useMemo(() => tallyOf(objects, ask), [objects, ask])
  const most = Math.max(1, ...bins)
  const limit = ask.score
  const text = t(ask.asks.length === 0 ? 'camera.asksNothing' : 'camera.tally', { counts: tally.counts, weak: tally.tooWeak + tally.tooSmall, outside: tally.outside })
  return (
    <figure className="scores">
      {tally.counts + tally.tooWeak > 0 && (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text}>
          <title>{text}</title>
          {bins.map((count, index) => {
            const tall = count === 0 ? 0 : Math.max(2, (Math.sqrt(count) / Math.sqrt(most)) * HEIGHT)
            const weak = limit !== null && (index + 0.5) / BINS < limit
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place on the scale
            return <rect key={index} className={weak ? 'score-weak' : 'score-counts'} x={(index * WIDTH) / BINS} y={HEIGHT - tall} width={WIDTH / BINS - 1} height={tall} />
          })}
          {limit !== null && <line className="score-limit" x1={limit * WIDTH} x2={limit * WIDTH} y1={0} y2={HEIGHT} />}
        </svg>
      )}
      <figcaption data-testid="tally" data-counts={tally.counts}>
        {text}
      </figcaption>
    </figure>
  )
}
