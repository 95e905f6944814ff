/** Writes ONNX files for tests: onnx.proto, as far as needed. */
export const node = (type: string, inputs: string[], output: string, ...attributes: Buffer[]): Buffer =>
  message(...inputs.map((name): Field => [1, name]), [2, output], [4, type], ...attributes.map((content): Field => [5, content]))
export const attribute = (name: string, value: number | number[]): Buffer =>
  typeof value === 'number' ? message([1, name], [3, value], [20, 2]) : message([1, name], ...value.map((item): Field => [8, item]), [20, 7])
export const tensor = (name: string, dims: number[], raw: Buffer, type = 1): Buffer => message(...dims.map((dim): Field => [1, dim]), [2, type], [8, name], [9, raw])
/** An input or output; a dimension that is left open is a text. */
export const value = (name: string, dims: (number | string)[], type = 1): Buffer =>
  message([1, name], [2, message([1, message([1, type], [2, message(...dims.map((dim): Field => [1, message([typeof dim === 'number' ? 1 : 2, dim])]))])])])
/** A whole model of opset 13. */
export const model = (graph: Buffer, metadata: Record<string, string> = {}): Buffer =>
  message([1, 8], [7, graph], [8, message([1, ''], [2, 13])], ...Object.entries(metadata).map(([key, text]): Field => [14, message([1, key], [2, text])]))
export const floats = (values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer)
export const longs = (values: readonly number[]): Buffer => Buffer.from(BigInt64Array.from(values, BigInt).buffer)

export type Field = readonly [number: number, content: number | string | Buffer]

/** A protobuf message: numbers as varints, the rest with its length before it. */
export function message(...fields: Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, content]) => {
      if (typeof content === 'number') return [varint(number * 8), varint(content)]
      const bytes = Buffer.from(content as string)
      return [varint(number * 8 + 2), varint(bytes.length), bytes]
    }),
  )
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(Math.floor(value / 128 ** bytes.length))
  return Buffer.from(bytes)
}
