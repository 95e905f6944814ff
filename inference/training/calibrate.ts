import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { verdicts } from './average-precision.ts'
import { rendered } from './collections.ts'
import { judge } from './evaluate.ts'
import { LABELS } from './labels.ts'

/** Slope and shift of a logit. */
export type Line = readonly [slope: number, shift: number]

const ROUNDS = 40
/** How many finds the belief is worth that a score is right as it is. */
const PRIOR = 4

/**
 * The line that makes of scores the share of finds that are right (Platt's scaling, by Newton's method): then 0.5 means
 * the same for every label. With few finds it stays near what it was.
 */
export function lineOf(finds: readonly { score: number; hit: boolean }[]): Line {
  const points = finds.map(({ score, hit }) => ({ x: Math.log(score / (1 - Math.min(score, 1 - 1e-6))), y: hit ? 1 : 0 }))
  let [a, b] = [1, 0]
  for (let round = 0; round < ROUNDS; round++) {
    let [ga, gb, aa, ab, bb] = [PRIOR * (a - 1), PRIOR * b, PRIOR, 0, PRIOR]
    for (const { x, y } of points) {
      const p = 1 / (1 + Math.exp(-(a * x + b)))
      const w = Math.max(1e-6, p * (1 - p))
      ga += (p - y) * x
      gb += p - y
      aa += w * x * x
      ab += w * x
      bb += w
    }
    const determinant = aa * bb - ab * ab
    a -= (bb * ga - ab * gb) / determinant
    b -= (aa * gb - ab * ga) / determinant
  }
  // A line that falls would turn the order of finds around.
  return [Math.max(0.2, a), b]
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { model: { type: 'string' }, rendered: { type: 'string' }, out: { type: 'string' } } })
  if (values.model === undefined || values.rendered === undefined || values.out === undefined)
    throw new Error('usage: node inference/training/calibrate.ts --model MANIFEST --rendered DIR --out calibration.json')
  const { judged } = await judge(await rendered(values.rendered), values.model)
  const lines = Object.fromEntries(LABELS.map((label) => [label, lineOf(verdicts(judged, label))]))
  await writeFile(values.out, `${JSON.stringify(lines, null, 1)}\n`)
}

if (import.meta.main) await main()
