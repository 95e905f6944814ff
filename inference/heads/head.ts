import type { Size } from '../letterbox.ts'
import type { HeadName } from '../models/manifest.ts'
import type { Candidate } from '../nms.ts'
import { detr } from './detr.ts'
import { end2end } from './end2end.ts'
import { fastestdet } from './fastestdet.ts'
import { nanodet } from './nanodet.ts'
import type { Shape } from './shape.ts'
import { yolov5 } from './yolov5.ts'
import { yolov8 } from './yolov8.ts'
import { yolox } from './yolox.ts'

/** One output of a model for one picture. */
export interface Output {
  dims: readonly number[]
  data: Float32Array
  /** The model gives whole numbers here, which tells labels from scores. */
  integer?: boolean
}

/** The best class of every box that a model gives, and its score 0–1. */
export interface Scores {
  best: Float32Array
  classes: Uint16Array
}

/** Left, top, right, bottom in pixels of the input. */
export type Corners = readonly [x1: number, y1: number, x2: number, y2: number]

/**
 * How the outputs of one family of models become boxes: first the scores of all, in typed arrays, then the corners of the
 * few that are worth it. Pure.
 */
export interface Head {
  /** Boxes of one thing may overlap: the weaker ones are to be suppressed. */
  overlapping: boolean
  /** How many classes outputs of these shapes hold, `any` when they do not tell; undefined when they are not of this family. */
  classes(outputs: readonly Shape[], input: Size): number | 'any' | undefined
  /** What cannot reach `floor` may bear any score below it. */
  scores(outputs: readonly Output[], input: Size, floor: number): Scores
  /** Gives the corners of the box at an index of the scores. */
  corners(outputs: readonly Output[], input: Size): (index: number) => Corners
}

/** The likelier ones first: of a file without a manifest the first that fits is proposed. */
export const HEADS: Record<HeadName, Head> = { yolov8, yolox, yolov5, nanodet, fastestdet, end2end, detr }

/** The boxes of at least `floor` in the order of the head, overlapping ones too, and the range of all scores. */
export function decode(head: Head, outputs: readonly Output[], input: Size, floor: number): { candidates: Candidate[]; scores: Scores } {
  const scores = head.scores(outputs, input, floor)
  const cornersOf = head.corners(outputs, input)
  const candidates: Candidate[] = []
  for (let index = 0; index < scores.best.length; index++) {
    const score = scores.best[index] as number
    // Not `score < floor`: a score that is no number reaches nothing.
    if (!(score >= floor)) continue
    const [x1, y1, x2, y2] = cornersOf(index)
    candidates.push({ x1, y1, x2, y2, score, cls: scores.classes[index] as number })
  }
  return { candidates, scores }
}

/** Scores are shares of 1; those of half precision and of int8 models may miss the ends by a little. */
const [LEAST, MOST] = [-0.01, 1.01]

/** A score that is no share: then the outputs are those of another head, whatever their shapes. */
export function noShare({ best }: Scores): number | undefined {
  return best.find((score) => score < LEAST || score > MOST)
}
