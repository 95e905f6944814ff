import type { Detail } from '../domain/errors.ts'
import type { ModelInput } from './models/manifest.ts'
import type { TensorShape } from './onnx.ts'

const PICTURE_TYPES = ['float32', 'float16', 'uint8']
const SIZE_TYPES = ['float32', 'int64', 'int32']

/** All in which the inputs of a file differ from what its manifest says of them. */
export function inputProblems(inputs: readonly TensorShape[], input: ModelInput): Detail[] {
  const problems: Detail[] = []
  const picture = inputs.find(({ name }) => name === input.name)
  const names = inputs.map(({ name }) => name).join(', ')
  if (picture) problems.push(...pictureProblems(picture, input))
  else problems.push({ where: 'input.name', why: `it has no input ${input.name} but ${names}` })
  for (const { name } of input.sizes) {
    const size = inputs.find((each) => each.name === name)
    if (!size) problems.push({ where: 'input.sizes', why: `it has no input ${name} but ${names}` })
    else if (!SIZE_TYPES.includes(size.type)) problems.push({ where: 'input.sizes', why: `input ${name} takes ${size.type}, no size` })
  }
  for (const { name } of inputs) {
    if (name !== input.name && !input.sizes.some((each) => each.name === name) && (picture || inputs.length > 1))
      problems.push({ where: 'input.sizes', why: `it has a further input ${name} of which the manifest says nothing` })
  }
  return problems
}

function pictureProblems({ name, type, shape }: TensorShape, { width, height, layout }: ModelInput): Detail[] {
  const problems: Detail[] = []
  if (!PICTURE_TYPES.includes(type)) problems.push({ where: 'input.name', why: `input ${name} takes ${type}, no picture` })
  const expected = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]
  // An open dimension takes what it is given.
  if (shape.length !== 4 || shape.some((dim, index) => typeof dim === 'number' && dim > 0 && dim !== expected[index]))
    problems.push({ where: 'input', why: `input ${name} has the dimensions ${JSON.stringify(shape)}, the manifest means ${JSON.stringify(expected)}` })
  return problems
}

/** Whether the file leaves open how many pictures come at once. */
export function takesMany(inputs: readonly TensorShape[], { name, sizes }: ModelInput): boolean {
  return [name, ...sizes.map((size) => size.name)].every((each) => {
    const dim = inputs.find((tensor) => tensor.name === each)?.shape[0]
    return typeof dim === 'string' || (typeof dim === 'number' && dim < 1)
  })
}
