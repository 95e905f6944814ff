import { type ReactNode, useRef } from 'react'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { frameFor, ticksOf, xOf, yOf } from './scale.ts'
import { useWidth } from './useWidth.ts'
import './chart.css'

export interface BandChartProps {
  /** Least and most of each stretch of time; times in ms. */
  points: readonly { at: number; min: number; max: number }[]
  lines: readonly { value: number; text: string; look: 'live' | 'edit' }[]
  from: number
  to: number
  now: number
  label: string
  height?: number
}

const LEFT = 40
const BOTTOM = 18

/** A value over time as a band from its least to its most, with the limits that it is compared with. As wide as its place. */
export function BandChart({ points, lines, from, to, now, label, height = 190 }: BandChartProps): ReactNode {
  const { language } = useWords()
  const holder = useRef<HTMLDivElement>(null)
  const width = useWidth(holder)
  const size = { width: Math.max(120, width - LEFT - 8), height: height - BOTTOM - 8, from, to }
  const samples = points.flatMap(({ at, min, max }) => [[at, min] as const, [at, max] as const])
  const frame = frameFor(
    samples,
    lines.map(({ value }) => value),
    size,
  )
  return (
    <div ref={holder} className="band-holder">
      <svg className="chart" width={width} height={height} role="img" aria-label={label}>
        <title>{label}</title>
        <g transform={`translate(${LEFT},6)`}>
          {ticksOf(frame.low, frame.high).map((tick) => (
            <g key={tick} className="chart-axis">
              <line x1={0} x2={size.width} y1={yOf(frame, tick)} y2={yOf(frame, tick)} />
              <text x={-6} y={yOf(frame, tick) + 3.5} textAnchor="end">
                {tick}
              </text>
            </g>
          ))}
          {points.map(({ at, min, max }) => (
            <line key={at} className="band" x1={xOf(frame, at)} x2={xOf(frame, at)} y1={yOf(frame, min) + 0.75} y2={yOf(frame, max) - 0.75} />
          ))}
          {lines.map(({ value, text, look }) => (
            <g key={text} className={`band-${look}`}>
              <line x1={0} x2={size.width} y1={yOf(frame, value)} y2={yOf(frame, value)} />
              <text x={look === 'live' ? 4 : size.width - 4} y={yOf(frame, value) - 4} textAnchor={look === 'live' ? 'start' : 'end'}>
                {text}
              </text>
            </g>
          ))}
          <g className="chart-axis">
            <text x={0} y={size.height + 14}>
              {clockTime(from, now, language).slice(0, -3)}
            </text>
            <text x={size.width} y={size.height + 14} textAnchor="end">
              {clockTime(to, now, language).slice(0, -3)}
            </text>
          </g>
        </g>
      </svg>
    </div>
  )
}
