import type { Size } from '../letterbox.ts'
import type { HeadName } from '../models/manifest.ts'
import type { Candidate } from '../nms.ts'
import { yolov8 } from './yolov8.ts'
import { yolox } from './yolox.ts'

/** One output of a model. */
export interface Output {
  dims: readonly number[]
  data: Float32Array
}
/** A dimension that the file leaves open is a text. */
export type Shape = readonly (number | string)[]

/** How the outputs of one family of models become boxes. */
export interface Head {
  /** How many classes outputs of these shapes hold; undefined when they are not of this family. */
  classes(outputs: readonly Shape[], input: Size): number | undefined
  /** Boxes with a score of at least `floor`, overlapping ones too, in pixels of the input. */
  decode(outputs: readonly Output[], input: Size, floor: number): Candidate[]
}

export const HEADS: Record<HeadName, Head> = { yolox, yolov8 }
