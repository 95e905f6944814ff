import type { GateConfig, PictureZone } from '../../domain/camera.ts'
import { insideRing } from '../../domain/geo.ts'
import type { Instant } from '../../domain/time.ts'
import type { Size } from '../letterbox.ts'
import { Background } from './background.ts'
import type { Luma } from './luma.ts'

/** Why a frame goes to the model; null: the gate keeps it back. */
export type Pass = 'moved' | 'standing' | 'due' | null

/** What is known beside the picture. Times in ms of event time. */
export interface Standing {
  /** Ids of the zones that count now; null: the whole picture. */
  zones: readonly string[] | null
  /** Something stood in such a zone at the last look. */
  occupied: boolean
  /** Longest hold of the rules that are served: a thing that stands may be judged as long after it stopped. */
  holdMs: number
  /** Since the last look; Infinity before the first. */
  sinceLookMs: number
  /** Until the next frame. */
  frameMs: number
  /** Longest allowed time between two looks. */
  everyMs: number
}

/** So many cells at least: one alone is a bird, or noise. */
const LEAST_CELLS = 2

/** Decides frame by frame what is worth a look. Pure: the same pictures at the same times give the same answers. */
export class Gate {
  readonly #share: number
  readonly #background: Background
  #masks: { zones: readonly PictureZone[]; grid: Size; cells: Map<string, Uint32Array> } | undefined
  #movedAt: Instant | undefined

  constructor({ share, floor }: Pick<GateConfig, 'share' | 'floor'>) {
    this.#share = share
    this.#background = new Background(floor)
  }

  judge(at: Instant, picture: Luma, zones: readonly PictureZone[], standing: Standing): Pass {
    if (this.#moved(at, picture, zones, standing.zones)) {
      this.#movedAt = at
      return 'moved'
    }
    // The frame after this one must not be the one that is too late.
    if (standing.sinceLookMs + standing.frameMs >= standing.everyMs) return 'due'
    return standing.occupied && at - (this.#movedAt ?? at) <= standing.holdMs + standing.frameMs ? 'standing' : null
  }

  #moved(at: Instant, picture: Luma, zones: readonly PictureZone[], wanted: readonly string[] | null): boolean {
    const changed = this.#background.compare(at, picture)
    if (changed === 'everywhere') return true
    if (wanted === null) return this.#enough(sum(changed), changed.length)
    const masks = this.#cellsOf(zones, picture)
    return wanted.some((id) => {
      const cells = masks.get(id)
      return cells !== undefined && this.#enough(sumAt(changed, cells), cells.length)
    })
  }

  #enough(changed: number, of: number): boolean {
    return changed >= Math.min(of, Math.max(LEAST_CELLS, this.#share * of))
  }

  #cellsOf(zones: readonly PictureZone[], grid: Size): Map<string, Uint32Array> {
    const known = this.#masks
    if (known && known.zones === zones && known.grid.width === grid.width && known.grid.height === grid.height) return known.cells
    const cells = new Map(zones.map((zone) => [zone.id, cellsIn(zone, grid)]))
    this.#masks = { zones, grid: { width: grid.width, height: grid.height }, cells }
    return cells
  }
}

/** Cells of the grid whose middle lies in the zone; of one that holds no middle, those of its corners. A line has those along it. */
export function cellsIn({ polygon, line }: PictureZone, { width, height }: Size): Uint32Array {
  const cells = new Set<number>()
  const add = (x: number, y: number): void => {
    cells.add(Math.min(height - 1, Math.floor(y * height)) * width + Math.min(width - 1, Math.floor(x * width)))
  }
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) if (polygon.length > 0 && insideRing([(column + 0.5) / width, (row + 0.5) / height], polygon)) cells.add(row * width + column)
  if (cells.size === 0) for (const [x, y] of polygon) add(x, y)
  for (const [i, [x, y]] of (line ?? []).entries()) {
    const [toX, toY] = line?.[i + 1] ?? [x, y]
    const steps = Math.max(1, Math.ceil(Math.hypot((toX - x) * width, (toY - y) * height)))
    for (let step = 0; step <= steps; step++) add(x + ((toX - x) * step) / steps, y + ((toY - y) * step) / steps)
  }
  return Uint32Array.from(cells)
}

function sum(changed: Uint8Array): number {
  let count = 0
  for (let i = 0; i < changed.length; i++) count += changed[i] as number
  return count
}

function sumAt(changed: Uint8Array, cells: Uint32Array): number {
  let count = 0
  for (let i = 0; i < cells.length; i++) count += changed[cells[i] as number] as number
  return count
}
