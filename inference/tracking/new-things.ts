import type { PictureZone } from '../../domain/camera.ts'
import type { Detection } from '../detector.ts'
import { placePicture, type Size } from '../letterbox.ts'
import type { ModelInput } from '../models/manifest.ts'
import type { Frame } from '../sources/frame.ts'
import { type Appearance, appearanceSampler } from './appearance.ts'
import { ROAD, StillRegions } from './still-region.ts'

/** Looks for new still regions in the frames of one camera, if it has a zone of type `road`. */
export class NewThings {
  #regions = new StillRegions()
  #sampler: { picture: Size; input: ModelInput; sample: (rgb: Uint8Array) => Appearance } | undefined

  /** What has come to lie on the road; `seen`: what the model means in this frame, which is not looked for. */
  find({ at, rgb, picture }: Frame, input: ModelInput, zones: readonly PictureZone[], seen: readonly Detection[]): Detection[] {
    if (!zones.some(({ type }) => type === ROAD)) return []
    const boxes = seen.map(({ box }) => box)
    return this.#regions.update(at, this.#samplerOf(picture, input)(rgb), zones, boxes)
  }

  /** The camera looks elsewhere now. */
  forget(): void {
    this.#regions = new StillRegions()
  }

  #samplerOf(picture: Size, input: ModelInput): (rgb: Uint8Array) => Appearance {
    const known = this.#sampler
    if (known && known.input === input && known.picture.width === picture.width && known.picture.height === picture.height) return known.sample
    const sample = appearanceSampler(input.width, placePicture(input.fit, picture, input))
    this.#sampler = { picture, input, sample }
    return sample
  }
}
