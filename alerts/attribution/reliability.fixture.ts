/** An answer: what was said with which probability, and whether it was so. */
export interface Answer {
  probability: number
  right: boolean
}

export interface Bin {
  /** Probabilities from here on. */
  from: number
  n: number
  said: number
  right: number
}

const FROM = [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

export function reliabilityOf(answers: readonly Answer[]): Bin[] {
  const bins = FROM.map((from): Bin => ({ from, n: 0, said: 0, right: 0 }))
  for (const { probability, right } of answers) {
    const bin = bins.findLast(({ from }) => probability >= from)
    if (!bin) continue
    bin.n++
    bin.said += probability
    bin.right += Number(right)
  }
  return bins.filter(({ n }) => n > 0)
}

/** Expected calibration error: how far what was said is from what was so, over all answers. */
export function calibrationError(bins: readonly Bin[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0)
  return bins.reduce((sum, { said, right }) => sum + Math.abs(said - right), 0) / n
}

export function tableOf(bins: readonly Bin[]): string {
  const rows = bins.map(
    ({ from, n, said, right }) => `${from.toFixed(2).padStart(6)} ${String(n).padStart(6)} ${(said / n).toFixed(3).padStart(7)} ${(right / n).toFixed(3).padStart(7)}`,
  )
  return ['  from      n    said   right', ...rows].join('\n')
}
