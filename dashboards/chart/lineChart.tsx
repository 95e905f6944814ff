import { type ReactNode, useId } from 'react'
import { useWords } from '../i18n/language.tsx'
import { clockTime } from '../i18n/times.ts'
import { frameFor, gapOf, pathThrough, type Sample, ticksOf, xOf, yOf } from './scale.ts'
import './chart.css'

export interface LineChartProps {
  samples: readonly Sample[]
  from: number
  to: number
  now: number
  width: number
  height: number
  label: string
  /** A limit drawn as a dashed line with its text. */
  threshold?: { value: number; text: string; beyond: 'above' | 'below' } | undefined
  /** Moments drawn as upright lines, for example when an alert opened. */
  moments?: readonly { at: number; text: string }[]
  axis?: boolean
}

const LEFT = 34
const BOTTOM = 16

/** A light line chart: SVG, no library, readable at 300 pixels. Times in ms. */
export function LineChart(props: LineChartProps): ReactNode {
  const { language } = useWords()
  const clip = useId()
  const axis = props.axis ?? true
  const [left, bottom] = axis ? [LEFT, BOTTOM] : [0, 0]
  const size = { width: props.width - left - 4, height: props.height - bottom - 6, from: props.from, to: props.to }
  const frame = frameFor(props.samples, props.threshold ? [props.threshold.value] : [], size)
  const path = pathThrough(frame, props.samples, gapOf(props.samples))
  const last = props.samples[props.samples.length - 1]
  const threshold = props.threshold && yOf(frame, props.threshold.value)
  return (
    <svg className="chart" width={props.width} height={props.height} role="img" aria-label={props.label}>
      <title>{props.label}</title>
      <clipPath id={clip}>
        <rect x={0} y={-3} width={size.width} height={size.height + 6} />
      </clipPath>
      <g transform={`translate(${left},5)`}>
        {axis && ticksOf(frame.low, frame.high).map((tick) => <Tick key={tick} y={yOf(frame, tick)} width={size.width} text={String(tick)} />)}
        {props.threshold && threshold !== undefined && (
          <g>
            <rect
              className="chart-beyond"
              x={0}
              y={props.threshold.beyond === 'above' ? 0 : threshold}
              width={size.width}
              height={Math.max(0, props.threshold.beyond === 'above' ? threshold : size.height - threshold)}
            />
            <line className="chart-threshold" x1={0} x2={size.width} y1={threshold} y2={threshold} />
            <text className="chart-threshold-text" x={size.width - 2} y={threshold - 4} textAnchor="end">
              {props.threshold.text}
            </text>
          </g>
        )}
        <g clipPath={`url(#${clip})`}>
          {props.moments?.map(({ at, text }, index) => (
            <Moment key={text} x={xOf(frame, at)} text={text} width={size.width} height={size.height} line={index} />
          ))}
          <path className="chart-line" d={path} />
          {props.samples.length <= 40 && props.samples.map(([at, value]) => <circle key={at} className="chart-dot" cx={xOf(frame, at)} cy={yOf(frame, value)} r={1.8} />)}
          {last && <circle className="chart-last" cx={xOf(frame, last[0])} cy={yOf(frame, last[1])} r={2.6} />}
        </g>
        {axis && (
          <g className="chart-axis">
            <text x={0} y={size.height + 13}>
              {clockTime(props.from, props.now, language).slice(0, -3)}
            </text>
            <text x={size.width} y={size.height + 13} textAnchor="end">
              {clockTime(props.to, props.now, language).slice(0, -3)}
            </text>
          </g>
        )}
      </g>
    </svg>
  )
}

/** A moment with its word on the side where there is room, each on a line of its own. */
function Moment({ x, text, width, height, line }: { x: number; text: string; width: number; height: number; line: number }): ReactNode {
  const late = x > width * 0.75
  return (
    <g>
      <line className="chart-moment" x1={x} x2={x} y1={0} y2={height} />
      <text className="chart-moment-text" x={late ? x - 3 : x + 3} y={9 + line * 11} textAnchor={late ? 'end' : 'start'}>
        {text}
      </text>
    </g>
  )
}

function Tick({ y, width, text }: { y: number; width: number; text: string }): ReactNode {
  return (
    <g className="chart-axis">
      <line x1={0} x2={width} y1={y} y2={y} />
      <text x={-5} y={y + 3.5} textAnchor="end">
        {text}
      </text>
    </g>
  )
}
