import { expect, it } from 'vitest'
import { ManifestSchema } from './models/manifest.ts'
import { tensorFiller } from './tensor.ts'

const input = (more: object) => ManifestSchema.shape.input.parse({ name: 'x', width: 8, height: 8, colour: 'rgb', fit: 'stretch', ...more })
/** 8 × 8 pixels whose red is 10, green 20, blue 30; the last is black. */
const picture = Uint8Array.from({ length: 192 }, (_, i) => (i >= 189 ? 0 : ((i % 3) + 1) * 10))

it.each([
  ['planes in the order red, green, blue', {}, [10, 20, 30], [0, 0, 0]],
  ['blue first', { colour: 'bgr' }, [30, 20, 10], [0, 0, 0]],
  ['scale', { scale: 1 / 10 }, [1, 2, 3], [0, 0, 0]],
  ['mean and deviation in the order of the planes', { colour: 'bgr', mean: [10, 5, 0], std: [2, 1, 4] }, [10, 15, 2.5], [-5, -5, 0]],
])('fills %s', (_, more, first, last) => {
  const tensor = new Float32Array(192)
  tensorFiller(input(more))(picture, tensor)
  expect([tensor[0], tensor[64], tensor[128]]).toEqual(first.map(Math.fround))
  expect([tensor[63], tensor[127], tensor[191]]).toEqual(last.map(Math.fround))
})

it('refuses a picture of another size', () => {
  expect(() => tensorFiller(input({}))(new Uint8Array(3), new Float32Array(192))).toThrow(RangeError)
})
