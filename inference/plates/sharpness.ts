import type { Size } from '../letterbox.ts'

/**
 * How sharp a picture (red, green, blue side by side) is: variance of the Laplacian of its brightness, in grey levels
 * squared. A picture out of focus or blurred by motion has no fine edges, whatever it shows.
 */
export function sharpness(rgb: Uint8Array, { width, height }: Size): number {
  const light = brightness(rgb)
  let [sum, squares, count] = [0, 0, 0]
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const edge = 4 * (light[at] as number) - (light[at - 1] as number) - (light[at + 1] as number) - (light[at - width] as number) - (light[at + width] as number)
      sum += edge
      squares += edge * edge
      count++
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2
}

function brightness(rgb: Uint8Array): Float32Array {
  return Float32Array.from({ length: rgb.length / 3 }, (_, pixel) => {
    const at = pixel * 3
    return 0.299 * (rgb[at] as number) + 0.587 * (rgb[at + 1] as number) + 0.114 * (rgb[at + 2] as number)
  })
}
