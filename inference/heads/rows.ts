import type { Output, Scores } from './head.ts'

/** Where in the rows of an output the scores of the classes stand. */
export interface Rows {
  data: Float32Array
  count: number
  width: number
  /** Column of the first class, and how many follow. */
  first: number
  classes: number
}

/** The greatest value in each row, from `at` on into `scores`. */
export function bestOfRows({ data, count, width, first, classes }: Rows, scores: Scores, at = 0): void {
  for (let row = 0; row < count; row++) {
    const from = row * width + first
    let [best, cls] = [data[from] as number, 0]
    for (let i = 1; i < classes; i++) {
      const value = data[from + i] as number
      if (value > best) [best, cls] = [value, i]
    }
    scores.best[at + row] = best
    scores.classes[at + row] = cls
  }
}

/** Rows of [x, y, w, h, object, class …]: score = object × best class. */
export function objectScores({ data }: Output, count: number, width: number, floor: number): Scores {
  const scores: Scores = { best: new Float32Array(count), classes: new Uint16Array(count) }
  for (let row = 0; row < count; row++) {
    const at = row * width
    const object = data[at + 4] as number
    // No class can lift a score above its object: most rows end here.
    if (object < floor) {
      scores.best[row] = object
      continue
    }
    let [best, cls] = [data[at + 5] as number, 0]
    for (let i = 6; i < width; i++) {
      const value = data[at + i] as number
      if (value > best) [best, cls] = [value, i - 5]
    }
    scores.best[row] = object * best
    scores.classes[row] = cls
  }
  return scores
}
