import type { Size } from './letterbox.ts'

/** Scores that differ by less are equal. */
const EQUAL = 1e-3
/** So many pictures in a row that differ, and no score that does: the model is dead. */
export const DEAD_AFTER = 20

/** Bytes of a picture that are compared, and how far apart (0–255) they are on average in pictures that differ: noise and dusk make no other picture. */
const SAMPLES = 1024
const APART = 8

/**
 * Tells a model that does not answer to what it sees from one that sees nothing: over pictures that differ, the scores of
 * a living model differ somewhere, however small they are.
 */
export class Liveness {
  #samples: Uint8Array = new Uint8Array()
  #scores: Float32Array = new Float32Array()
  /** How many differing pictures in a row had equal scores. */
  still = 0

  /** Takes a picture and the best score of each of its boxes. */
  look(rgb: Uint8Array, scores: Float32Array): void {
    const samples = sampled(rgb)
    if (differ(scores, this.#scores)) {
      this.still = 0
      this.#scores = scores.slice()
    } else if (apart(samples, this.#samples) < APART) return
    else this.still++
    this.#samples = samples
  }
}

function sampled(rgb: Uint8Array): Uint8Array {
  const step = Math.max(1, Math.floor(rgb.length / SAMPLES))
  return Uint8Array.from({ length: Math.min(SAMPLES, rgb.length) }, (_, index) => rgb[index * step] as number)
}

function apart(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] ?? 0))
  return sum / a.length
}

/** Scores that are no numbers differ from nothing: they can never fire. */
function differ(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return true
  for (let i = 0; i < a.length; i++) if (Math.abs((a[i] as number) - (b[i] as number)) >= EQUAL) return true
  return false
}

/** Pictures of nothing, which no living model takes for the same: black, grey, noise, coloured rectangles. Red, green, blue side by side. */
export function probes(size: Size): Uint8Array[] {
  const bytes = size.width * size.height * 3
  const random = generator()
  return [new Uint8Array(bytes), new Uint8Array(bytes).fill(128), Uint8Array.from({ length: bytes }, random), rectangles(size, random)]
}

const RECTANGLES = 60

/** Edges, corners and areas of all sizes, one over another: noise has none of them. */
function rectangles({ width, height }: Size, random: () => number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3)
  for (let count = 0; count < RECTANGLES; count++) {
    const [x, y] = [Math.floor((random() / 256) * width), Math.floor((random() / 256) * height)]
    const wide = Math.ceil((random() / 512) * width)
    const bottom = Math.min(height, y + Math.ceil((random() / 512) * height))
    const colour = [random(), random(), random()]
    for (let line = y; line < bottom; line++) {
      const end = (line * width + Math.min(width, x + wide)) * 3
      for (let at = (line * width + x) * 3; at < end; at++) rgb[at] = colour[at % 3] as number
    }
  }
  return rgb
}

/** Bytes by a linear congruential generator: the same each time. */
function generator(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
}
