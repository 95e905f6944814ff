import type { ModelInput } from './models/manifest.ts'

/** Arrays that a model may take its picture in. */
export type TensorData = Float32Array | Float16Array | Uint8Array

/** Value of each byte in each colour, in the order of the model: a table is faster than arithmetic per pixel. */
function tables({ scale, mean, std }: ModelInput): Float32Array[] {
  return [0, 1, 2].map((plane) => Float32Array.from({ length: 256 }, (_, byte) => (byte * scale - (mean[plane] ?? 0)) / (std[plane] ?? 1)))
}

/** Writes the picture into the tensor, from `at` on. */
export type FillTensor = (rgb: Uint8Array, tensor: TensorData, at?: number) => void

/**
 * Compiles the filling of a tensor from a picture with red, green, blue side by side. `mean` and `std` stand in the order
 * of the model's own colours and apply after `scale`.
 */
export function tensorFiller(input: ModelInput): FillTensor {
  const values = tables(input)
  const pixels = input.width * input.height
  // Distances in the tensor from one pixel and from one colour to the next.
  const [pixel, plane] = input.layout === 'nchw' ? [1, pixels] : [3, 1]
  return (rgb, tensor, at = 0) => {
    if (rgb.length !== pixels * 3) throw new RangeError(`a picture of ${rgb.length} bytes where the model takes ${pixels * 3}`)
    for (let colour = 0; colour < 3; colour++) {
      const table = values[colour] as Float32Array
      const start = at + colour * plane
      let from = input.colour === 'rgb' ? colour : 2 - colour
      for (let to = start; to < start + pixels * pixel; to += pixel, from += 3) tensor[to] = table[rgb[from] as number] as number
    }
  }
}
