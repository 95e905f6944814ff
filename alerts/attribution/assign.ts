/** Beyond so many only the strongest vehicles take part: the others have next to no weight, and the work doubles with each. */
const MOST_VEHICLES = 10

export interface Shares {
  /** `vehicles[v][s]`: probability that vehicle v was the thing in sighting s. */
  vehicles: number[][]
  /** The same of one that nobody tracks. */
  unknown: number[]
}

/**
 * Who was who: of all ways to give each sighting a vehicle of its own, or one that nobody tracks, each weighs the product of
 * its densities. Two things that passed were not both the one truck that is known to have passed.
 */
export function assign(vehicles: readonly (readonly number[])[], unknown: readonly number[]): Shares {
  const strongest = vehicles.map((weights, index) => ({ index, best: Math.max(0, ...weights.map((weight, s) => weight / (unknown[s] ?? 1))) }))
  const taking = strongest
    .filter(({ best }) => best > 0)
    .sort((a, b) => b.best - a.best)
    .slice(0, MOST_VEHICLES)
    .map(({ index }) => index)
  const shares: Shares = { vehicles: vehicles.map(() => unknown.map(() => 0)), unknown: unknown.map(() => 0) }
  // Relative to unknown, so that products of many small densities stay numbers.
  const ratio = (taker: number, s: number): number => (vehicles[taking[taker] ?? -1]?.[s] ?? 0) / (unknown[s] || Number.MIN_VALUE)
  const count = taking.length
  const before = ways(unknown.length, count, ratio, false)
  const after = ways(unknown.length, count, ratio, true)
  for (let s = 0; s < unknown.length; s++) {
    const own = withTaken(before[s] ?? [], after[s + 1] ?? [], count)
    const weights = taking.map((_, taker) => ratio(taker, s) * own.without(taker))
    const total = weights.reduce((sum, weight) => sum + weight, own.all)
    shares.unknown[s] = own.all / total
    taking.forEach((vehicle, taker) => {
      const row = shares.vehicles[vehicle]
      if (row) row[s] = (weights[taker] ?? 0) / total
    })
  }
  return shares
}

/** `[s][mask]`: summed weight of all ways to give the sightings before s (or from s on, backwards) exactly the vehicles in `mask`. */
function ways(sightings: number, count: number, ratio: (taker: number, s: number) => number, backwards: boolean): number[][] {
  const table: number[][] = Array.from({ length: sightings + 1 }, () => new Array<number>(1 << count).fill(0))
  const start = table[backwards ? sightings : 0]
  if (start) start[0] = 1
  for (let step = 0; step < sightings; step++) {
    const s = backwards ? sightings - 1 - step : step
    const from = table[backwards ? s + 1 : s] as number[]
    const to = table[backwards ? s : s + 1] as number[]
    for (let mask = 0; mask < from.length; mask++) {
      const weight = from[mask] as number
      if (weight === 0) continue
      to[mask] = (to[mask] as number) + weight
      for (let taker = 0; taker < count; taker++) if ((mask & (1 << taker)) === 0) to[mask | (1 << taker)] = (to[mask | (1 << taker)] as number) + weight * ratio(taker, s)
    }
  }
  return table
}

/** Weight of all ways for the other sightings, and of those that leave one vehicle free. */
function withTaken(before: readonly number[], after: readonly number[], count: number): { all: number; without(taker: number): number } {
  let all = 0
  const free = new Array<number>(count).fill(0)
  for (let a = 0; a < before.length; a++) {
    if (before[a] === 0) continue
    for (let b = 0; b < after.length; b++) {
      if ((a & b) !== 0 || after[b] === 0) continue
      const weight = (before[a] as number) * (after[b] as number)
      all += weight
      for (let taker = 0; taker < count; taker++) if (((a | b) & (1 << taker)) === 0) free[taker] = (free[taker] as number) + weight
    }
  }
  return { all, without: (taker) => free[taker] ?? 0 }
}
