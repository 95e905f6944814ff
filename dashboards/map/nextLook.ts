const FRAME_MS = 33
const LONGEST_REST_MS = 500

/**
 * How long (ms) the picture stays true: until the fastest vehicle has moved half a pixel, or a ring its next step.
 * Over the whole city a truck needs a second for that, in a street a thirtieth: a screen that shows the same is not drawn again.
 */
export function nextLook(fastestPxPerMs: number, ringMs: number): number {
  const glide = fastestPxPerMs > 0 ? 0.5 / fastestPxPerMs : LONGEST_REST_MS
  return Math.max(FRAME_MS, Math.min(glide, ringMs, LONGEST_REST_MS))
}
