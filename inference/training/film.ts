import type { Canvas } from './canvas.ts'
import type { Clip } from './clip.ts'
import { expose, type Labelled } from './draw.ts'
import { develop } from './finish.ts'

/** One picture of a clip. */
export interface ClipPicture {
  second: number
  rgb: Uint8Array<ArrayBuffer>
  labels: Labelled[]
}

/** The pictures of a clip, one each second. What stands still is drawn once; only the sensor's noise is new each time. */
export function* film(clip: Clip, width: number, height: number): Generator<ClipPicture, void, void> {
  let shown = ''
  let exposure: { canvas: Canvas; labels: Labelled[] } | undefined
  for (let second = 0; second < clip.seconds; second++) {
    const street = clip.at(second)
    const things = JSON.stringify(street.things)
    if (!exposure || things !== shown) exposure = expose(street, width, height)
    shown = things
    yield { second, rgb: develop(exposure.canvas, street.finish, `${street.seed}/${second}`), labels: exposure.labels }
  }
}
