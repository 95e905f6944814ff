import type { Asset } from '../domain/asset.ts'
import type { AssetId } from '../domain/ids.ts'

/** The registered vehicles by their plates (label `plate`), so that what a camera reads finds its permits. */
export class Fleet {
  /** A plate that was registered twice by mistake has the permits of both, in whichever order they came. */
  readonly #byPlate = new Map<string, Map<AssetId, Asset>>()
  readonly #plateOf = new Map<AssetId, string>()

  /** True while no plate is known at all: then none can be said to be missing. */
  get empty(): boolean {
    return this.#byPlate.size === 0
  }

  /** Takes an asset as it is registered now. */
  put(asset: Asset): void {
    const before = this.#plateOf.get(asset.id)
    if (before !== undefined) this.#drop(asset.id, before)
    const plate = asset.kind === 'vehicle' ? plain(asset.labels.plate ?? '') : ''
    if (plate === '') return
    this.#plateOf.set(asset.id, plate)
    const owners = this.#byPlate.get(plate)
    if (owners) owners.set(asset.id, asset)
    else this.#byPlate.set(plate, new Map([[asset.id, asset]]))
  }

  permitsOf(plate: string): Asset['permits'] {
    const owners = this.#byPlate.get(plain(plate))
    return owners ? [...owners.values()].flatMap(({ permits }) => permits) : []
  }

  #drop(id: AssetId, plate: string): void {
    this.#plateOf.delete(id)
    const owners = this.#byPlate.get(plate)
    owners?.delete(id)
    if (owners?.size === 0) this.#byPlate.delete(plate)
  }
}

/** As it is compared: a register writes 鲁F·12345, a reader 鲁F12345. */
function plain(plate: string): string {
  return plate.replaceAll(/[\s·.•-]/g, '').toUpperCase()
}
