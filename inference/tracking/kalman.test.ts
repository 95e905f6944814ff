import { describe, expect, it } from 'vitest'
import { Random } from '../../fixtures/city/random.ts'
import { corrected, type Motion, motionAt, predicted } from './kalman.ts'

describe('one coordinate', () => {
  it('learns the speed of what moves evenly from trembling measurements, whatever the gaps between them', () => {
    const random = new Random('kalman')
    let motion = motionAt(0, 0.05, 1)
    let second = 0
    for (let i = 0; i < 60; i++) {
      const gap = random.between(0.1, 3)
      second += gap
      motion = corrected(predicted(motion, gap, 0.01), 0.2 * second + 0.05 * random.gauss(), 0.05)
    }
    expect(Math.abs(motion.speed - 0.2)).toBeLessThan(4 * Math.sqrt(motion.varSpeed))
    expect(Math.abs(motion.at - 0.2 * second)).toBeLessThan(4 * Math.sqrt(motion.varAt))
    expect(motion.varSpeed).toBeLessThan(0.01)
  })

  it('does not mind in how many steps time passes, but for the pushes between them', () => {
    const start: Motion = { at: 1, speed: 0.5, varAt: 0.04, covariance: 0.01, varSpeed: 0.09 }
    const steps = predicted(predicted(start, 0.7, 0), 1.3, 0)
    const once = predicted(start, 2, 0)
    for (const key of Object.keys(once) as (keyof Motion)[]) expect(steps[key]).toBeCloseTo(once[key], 12)
  })
})
