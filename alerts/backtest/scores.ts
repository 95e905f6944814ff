import type { BacktestResult } from '../../domain/authoring.ts'
import { CameraConfigSchema } from '../../domain/camera.ts'
import type { RuleFile } from '../../domain/rule.ts'
import type { Book } from '../../store/book/book.ts'

/**
 * How far down a lower score can be tried: cameras drop what is below their `keepScore` for good, and one with a score of
 * its own does not follow the rule's. Of a rule without a score nothing is said.
 */
export async function scoresOf({ assets }: { assets: Pick<Book['assets'], 'cameras'> }, { rule, on, params }: RuleFile): Promise<Pick<BacktestResult, 'scoreFloor' | 'ownScores'>> {
  if (on !== 'scene' || typeof params.score?.value !== 'number') return { scoreFloor: null, ownScores: 0 }
  let scoreFloor: number | null = null
  let ownScores = 0
  for (const { config } of await assets.cameras()) {
    const { data } = CameraConfigSchema.safeParse(config)
    const bound = data?.algorithms?.find((each) => each.rule === rule)
    if (!data || (data.algorithms !== null && !bound)) continue
    scoreFloor = Math.max(scoreFloor ?? 0, data.keepScore)
    if (bound?.params.score !== undefined) ownScores++
  }
  return { scoreFloor, ownScores }
}
