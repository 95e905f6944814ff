import type { Asset } from '../domain/asset.ts'
import type { Case } from '../domain/case.ts'
import type { Dispatch } from '../domain/rule.ts'

/** Who has to do it. A rule that says `department` means the one that the asset's register names; else it names one itself. */
export function departmentFor(dispatch: Dispatch | null, asset: Asset | undefined): string | null {
  if (dispatch === null || dispatch.to === 'department') return asset?.department ?? null
  return dispatch.to
}

const STREET_DIGITS = 9

/** The lowest level that knows the place: the grid if one is known, else as fine as the area's code. */
export function levelFor(area: string | null, grid: string | null): Case['level'] {
  if (grid !== null) return 'grid'
  return area !== null && area.length >= STREET_DIGITS ? 'street' : 'district'
}
