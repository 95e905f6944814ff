import { type Bbox, bboxOf, insideBbox, insidePolygon, type Polygon, type Position } from './geo.ts'

export const AREA_LEVELS = ['district', 'street', 'community', 'grid'] as const
export type AreaLevel = (typeof AREA_LEVELS)[number]

/** One of the four levels of area. A code begins with the code of the area that it lies in (6, 9, 12, 15 digits). */
export interface Area {
  code: string
  level: AreaLevel
  name: string
  polygon: Polygon
}

/** True when `code` lies in (or is) `area`; every code lies in the empty area. */
export function areaContains(area: string, code: string | null): boolean {
  return area === '' || code?.startsWith(area) === true
}

/**
 * The code by which people's areas are checked: the grid if it lies in the area, else the area. A grid may bear an id
 * of the city's own that says nothing of where it lies.
 */
export function placeCode(area: string | null, grid: string | null): string | null {
  if (area === null) return grid
  return grid?.startsWith(area) ? grid : area
}

/** What says where something lies: the code of its area and its grid, each null if nobody says. */
export interface Standing {
  area: string | null
  grid: string | null
}

/**
 * True when something lies in (or at) `area`: the empty area, one whose code its own begins with, or its grid, also one that
 * bears an id of the city's own. Such an id contains nothing else, whatever it begins with.
 */
export function liesIn(area: string, { area: own, grid }: Standing): boolean {
  return area === grid || area === own || (/^\d*$/.test(area) && areaContains(area, placeCode(own, grid)))
}

/** How many digits the code of an area of each level has. */
export const AREA_DIGITS: Record<AreaLevel, number> = { district: 6, street: 9, community: 12, grid: 15 }

/**
 * The code of the area of this level that something lies in, null if nobody says. A grid may bear an id of the city's own,
 * which says nothing of where it lies.
 */
export function areaAt(level: AreaLevel, { area, grid }: { area: string | null; grid: string | null }): string | null {
  if (level === 'grid' && grid !== null) return grid
  const code = grid !== null && (area === null || grid.startsWith(area)) ? grid : area
  return code !== null && /^\d+$/.test(code) && code.length >= AREA_DIGITS[level] ? code.slice(0, AREA_DIGITS[level]) : null
}

/** What an alert of an area says of where it is: area and grid of the code that `areaAt` gave; a grid's own id has no area. */
export function placeOfArea(level: AreaLevel, code: string): { area: string | null; grid: string | null } {
  if (level !== 'grid') return { area: code, grid: null }
  return { area: code.length === AREA_DIGITS.grid && /^\d+$/.test(code) ? code.slice(0, AREA_DIGITS.community) : null, grid: code }
}

/** The district of any code below it, for topics: its first six digits. */
export function districtOf(code: string | null): string {
  return code && code.length >= 6 ? code.slice(0, 6) : '000000'
}

/** Point → grid. On a border the lowest code wins, so that the answer never depends on the order of loading. */
export class AreaIndex {
  readonly #grids: { area: Area; box: Bbox }[]
  /** Cells of 0.02° hold the grids that touch them: a look-up tests a handful of the 22,301, not all. */
  readonly #cells = new Map<string, number[]>()

  constructor(areas: readonly Area[]) {
    const grids = areas.filter((area) => area.level === 'grid').sort((a, b) => (a.code < b.code ? -1 : 1))
    this.#grids = grids.map((area) => ({ area, box: bboxOf(area.polygon) }))
    this.#grids.forEach(({ box }, index) => {
      for (let x = cell(box[0]); x <= cell(box[2]); x++) for (let y = cell(box[1]); y <= cell(box[3]); y++) this.#put(`${x},${y}`, index)
    })
  }

  #put(key: string, index: number): void {
    const list = this.#cells.get(key)
    if (list) list.push(index)
    else this.#cells.set(key, [index])
  }

  gridAt(point: Position): string | null {
    for (const index of this.#cells.get(`${cell(point[0])},${cell(point[1])}`) ?? []) {
      const grid = this.#grids[index]
      if (grid && insideBbox(point, grid.box) && insidePolygon(point, grid.area.polygon)) return grid.area.code
    }
    return null
  }
}

function cell(degrees: number): number {
  return Math.floor(degrees / 0.02)
}
