/**
 * The code by which people's areas are checked: the grid if it lies in the area, else the area. A grid may bear an id
 * of the city's own that says nothing of where it lies.
 */
export function placeCode(area: string | null, grid: string | null): string | null {
  if (area === null) return grid
  return grid?.startsWith(area) ? grid : area
}

/** Every code that lies in `area` is ≥ `area` and < this: `~` sorts after all letters and digits. */
export function endOf(area: string): string {
  return `${area}~`
}
