import type { AssetState } from '../state/city.ts'

/** A grid in which something stands that a rule watches. */
export interface WatchedGrid {
  id: string
  assets: number
}

/** The grids of assets, in order of their ids: a version can go live in some of them first. */
export function gridsOf(assets: readonly Pick<AssetState, 'grid'>[]): WatchedGrid[] {
  const counts = new Map<string, number>()
  for (const { grid } of assets) if (grid !== null) counts.set(grid, (counts.get(grid) ?? 0) + 1)
  return [...counts].map(([id, count]) => ({ id, assets: count })).sort((a, b) => (a.id < b.id ? -1 : 1))
}
