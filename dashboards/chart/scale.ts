/** One measured point: time in ms, value. */
export type Sample = readonly [at: number, value: number]

export interface Frame {
  width: number
  height: number
  from: number
  to: number
  low: number
  high: number
}

/** Room for all samples and marks, a little more above and below; a flat line still gets a height. */
export function frameFor(samples: readonly Sample[], marks: readonly number[], size: { width: number; height: number; from: number; to: number }): Frame {
  const values = [...samples.map(([, value]) => value), ...marks]
  const low = values.length === 0 ? 0 : Math.min(...values)
  const high = values.length === 0 ? 1 : Math.max(...values)
  const air = (high - low || Math.abs(high) || 1) * 0.1
  // A quantity that is never negative is not drawn with ground below zero.
  return { ...size, low: low >= 0 ? Math.max(0, low - air) : low - air, high: high + air }
}

export function xOf(frame: Frame, at: number): number {
  return ((at - frame.from) / (frame.to - frame.from || 1)) * frame.width
}

export function yOf(frame: Frame, value: number): number {
  return frame.height - ((value - frame.low) / (frame.high - frame.low || 1)) * frame.height
}

/** SVG path through the samples; a gap longer than `gapMs` is left open, because nothing was measured there. */
export function pathThrough(frame: Frame, samples: readonly Sample[], gapMs: number): string {
  let path = ''
  let before: number | undefined
  for (const [at, value] of samples) {
    const pen = before === undefined || at - before > gapMs ? 'M' : 'L'
    path += `${pen}${round(xOf(frame, at))} ${round(yOf(frame, value))}`
    before = at
  }
  return path
}

/** Three times the usual distance between samples is a gap. */
export function gapOf(samples: readonly Sample[]): number {
  const steps = samples.slice(1).map(([at], index) => at - (samples[index]?.[0] ?? at))
  const middle = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
  return Math.max(1000, middle * 3)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Two to four round numbers inside the range, for the axis. */
export function ticksOf(low: number, high: number): number[] {
  const span = high - low
  if (!(span > 0)) return [low]
  const raw = span / 3
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5, 10].find((nice) => nice * power >= raw) ?? 10) * power
  const ticks: number[] = []
  for (let index = Math.ceil(low / step); index * step <= high; index++) ticks.push(Number((index * step).toPrecision(12)))
  return ticks
}

/** The samples of one numeric field among observations, in order of time. */
export function samplesOf(observations: readonly Record<string, unknown>[], field: string): Sample[] {
  return observations
    .flatMap((observation): Sample[] => {
      const nested = typeof observation.values === 'object' && observation.values !== null ? (observation.values as Record<string, unknown>)[field] : undefined
      const value = observation[field] ?? nested
      const at = typeof observation.at === 'number' ? observation.at : Date.parse(String(observation.at))
      return typeof value === 'number' && Number.isFinite(at) ? [[at, value]] : []
    })
    .sort((a, b) => a[0] - b[0])
}
