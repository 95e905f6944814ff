import { Tooltip } from 'antd'
import type { ReactNode } from 'react'
import type { CoverageView } from '../../domain/ports/coverage.ts'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { type StripHour, stripOf } from './strip.ts'

/** A pair's hours side by side, coloured by how much of each nobody looked. */
export function HeatStrip({ pair, from, to }: { pair: CoverageView; from: number; to: number }): ReactNode {
  const { t } = useWords()
  return (
    <span className="strip" role="img" aria-label={t('coverage.strip', { minutes: pair.blindMinutes })}>
      {stripOf(pair.hours, from, to).map((hour) => (
        <Tooltip key={hour.at} title={<HourNote hour={hour} now={to} />} mouseEnterDelay={0.2}>
          <i className={`strip-hour strip-${hour.tone}`} />
        </Tooltip>
      ))}
    </span>
  )
}

function HourNote({ hour: { at, stretch }, now }: { hour: StripHour; now: number }): ReactNode {
  const { t, word, language } = useWords()
  if (!stretch) return `${clockTime(at, now, language)} · ${t('coverage.unknown')}`
  const causes = Object.entries(stretch.causes).map(([cause, minutes]) => `${word('cause', cause)} ${t('coverage.minutes', { n: minutes })}`)
  return (
    <>
      <div>{clockTime(at, now, language)}</div>
      <div>{t('coverage.counts', { frames: stretch.frames, inferred: stretch.inferred, rest: stretch.frames - stretch.inferred })}</div>
      {causes.map((cause) => (
        <div key={cause}>{cause}</div>
      ))}
    </>
  )
}
