import type { ModelInput } from './models/manifest.ts'

/** Value of each byte in each colour, in the order of the model: a table is faster than arithmetic per pixel. */
function tables({ scale, mean, std }: ModelInput): Float32Array[] {
  return [0, 1, 2].map((plane) => Float32Array.from({ length: 256 }, (_, byte) => (byte * scale - (mean[plane] ?? 0)) / (std[plane] ?? 1)))
}

export type FillTensor = (rgb: Uint8Array, tensor: Float32Array) => void

/**
 * Compiles the filling of a tensor, planes one after another, from a picture with red, green, blue side by side.
 * `mean` and `std` stand in the order of the model's own colours and apply after `scale`.
 */
export function tensorFiller(input: ModelInput): FillTensor {
  const values = tables(input)
  const pixels = input.width * input.height
  return (rgb, tensor) => {
    if (rgb.length !== pixels * 3) throw new RangeError(`a picture of ${rgb.length} bytes where the model takes ${pixels * 3}`)
    for (let plane = 0; plane < 3; plane++) {
      const table = values[plane] as Float32Array
      const start = plane * pixels
      let from = input.colour === 'rgb' ? plane : 2 - plane
      for (let to = start; to < start + pixels; to++, from += 3) tensor[to] = table[rgb[from] as number] as number
    }
  }
}
