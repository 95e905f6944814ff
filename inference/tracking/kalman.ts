/**
 * One coordinate of a box that moves evenly until something pushes it: position and speed with their covariance. The
 * usual eight-dimensional filter over (centre, size) with diagonal noise falls apart into four of these.
 * Positions in any unit, speeds in that unit per second.
 */
export interface Motion {
  readonly at: number
  readonly speed: number
  readonly varAt: number
  readonly covariance: number
  readonly varSpeed: number
}

/** What is known at the first sight: the place, and that the speed is `speedStd` at the most, in most cases. */
export function motionAt(at: number, std: number, speedStd: number): Motion {
  return { at, speed: 0, varAt: std * std, covariance: 0, varSpeed: speedStd * speedStd }
}

/** The motion `seconds` later, pushed by accelerations of `push` per second squared. */
export function predicted({ at, speed, varAt, covariance, varSpeed }: Motion, seconds: number, push: number): Motion {
  const noise = push * push
  const [s2, s3, s4] = [seconds ** 2, seconds ** 3, seconds ** 4]
  return {
    at: at + speed * seconds,
    speed,
    varAt: varAt + 2 * seconds * covariance + s2 * varSpeed + (noise * s4) / 4,
    covariance: covariance + seconds * varSpeed + (noise * s3) / 2,
    varSpeed: varSpeed + noise * s2,
  }
}

/** The motion after a measurement with standard deviation `std`. */
export function corrected({ at, speed, varAt, covariance, varSpeed }: Motion, measured: number, std: number): Motion {
  const total = varAt + std * std
  const [gain, speedGain] = [varAt / total, covariance / total]
  const off = measured - at
  return {
    at: at + gain * off,
    speed: speed + speedGain * off,
    varAt: (1 - gain) * varAt,
    covariance: (1 - gain) * covariance,
    varSpeed: varSpeed - speedGain * covariance,
  }
}
