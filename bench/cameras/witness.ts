import type { CoverageHour } from '../../domain/coverage.ts'
import { totalOf } from '../../domain/coverage.ts'
import type { Blindness } from '../../inference/schedule/camera-coverage.ts'

/** What a pair was promised. */
export interface Promised {
  camera: string
  algorithm: string
  everyMs: number
}

/** The platform accounts every ten seconds: what was late for less may be known to the hours only. */
const SWEEP_MS = 10_000

/** Notes each recorded look by itself, so that what Coverage says can be checked against it. */
export class Witness {
  readonly #looks = new Map<string, number[]>()
  readonly #told = new Map<string, Set<string>>()
  readonly #hours = new Map<string, CoverageHour>()

  look(camera: string, at: number): void {
    const looks = this.#looks.get(camera) ?? []
    looks.push(at)
    this.#looks.set(camera, looks)
  }

  tell(news: readonly Blindness[]): void {
    for (const { camera, algorithms } of news) {
      const told = this.#told.get(camera) ?? new Set()
      for (const algorithm of algorithms) told.add(algorithm)
      this.#told.set(camera, told)
    }
  }

  keep(hours: readonly CoverageHour[]): void {
    for (const hour of hours) this.#hours.set(`${hour.camera} ${hour.algorithm} ${hour.hour}`, hour)
  }

  /** Pairs that went past their interval, how many of them nobody was told of, and how far Coverage is from what was seen here. */
  judge(pairs: readonly Promised[], begun: number, ended: number): object {
    const blind = new Map<string, number>()
    for (const { camera, algorithm, blindMs } of this.#hours.values()) blind.set(`${camera} ${algorithm}`, (blind.get(`${camera} ${algorithm}`) ?? 0) + totalOf(blindMs))
    let [late, unreported, untold, worstMs, blindMinutes] = [0, 0, 0, 0, 0]
    const onTime: number[] = []
    for (const { camera, algorithm, everyMs } of pairs) {
      const times = [begun, ...(this.#looks.get(camera) ?? []), ended]
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
      const seen = gaps.reduce((sum, gap) => sum + Math.max(0, gap - everyMs), 0)
      const said = blind.get(`${camera} ${algorithm}`) ?? 0
      blindMinutes += said / 60_000
      worstMs = Math.max(worstMs, Math.abs(said - seen))
      if (seen === 0) onTime.push(Math.max(...gaps))
      else late++
      if (seen > 0 && said === 0) unreported++
      if (gaps.some((gap) => gap > everyMs + 2 * SWEEP_MS) && !this.#told.get(camera)?.has(algorithm)) untold++
    }
    return {
      ...{ pairs: pairs.length, late, unreported, untold, blindMinutes: Math.round(blindMinutes * 10) / 10 },
      ...{ coverageOffByMs: Math.round(worstMs), longestGapOnTimeS: Math.round(Math.max(0, ...onTime) / 100) / 10 },
    }
  }

  /** frames = inferred + gated + dropped in every hour of every pair. */
  balanced(): boolean {
    return [...this.#hours.values()].every(({ frames, inferred, gated, dropped }) => frames === inferred + totalOf(gated) + totalOf(dropped))
  }
}
