import type { PictureZone } from '../../domain/camera.ts'
import type { Instant } from '../../domain/time.ts'
import type { Detection } from '../detector.ts'
import { placePicture, type Size } from '../letterbox.ts'
import type { ModelInput } from '../models/manifest.ts'
import type { Frame } from '../sources/frame.ts'
import { type Appearance, appearanceSampler } from './appearance.ts'
import { COVER } from './cover-places.ts'
import { ROAD, StillRegions } from './still-region.ts'

/** Looks for new still regions in the frames of one camera, if it has a zone of type `road`; those of type `cover` need to know what the frame looks like, too. */
export class NewThings {
  #regions = new StillRegions()
  #sampler: { picture: Size; input: ModelInput; sample: (rgb: Uint8Array) => Appearance } | undefined

  /** What the frame looks like, before its pixels are given away to the model; null: there is nothing to look for. */
  glance({ rgb, picture }: Frame, input: ModelInput, zones: readonly PictureZone[]): Appearance | null {
    if (!zones.some(({ type }) => type === ROAD || type === COVER)) return null
    const appearance = this.#samplerOf(picture, input)(rgb)
    // Another frame may be sampled before this one is judged.
    return { ...appearance, values: appearance.values.slice() }
  }

  /** What has come to lie on the road; `seen`: what the model means in this frame, which is not looked for. */
  find(at: Instant, glance: Appearance | null, zones: readonly PictureZone[], seen: readonly Detection[]): Detection[] {
    if (glance === null) return []
    const boxes = seen.map(({ box }) => box)
    return this.#regions.update(at, glance, zones, boxes)
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
