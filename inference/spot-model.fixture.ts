import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A real ONNX model of a few hundred weights for tests: it sees bright spots. The picture (64 × 64) is a grid of 8 × 8 cells;
 * each is a box whose score is its brightness. The outputs have YOLOv8's layout, [1, 5, 84]; the 20 boxes of the coarser grids
 * stay at score 0. With `gain` 0 it is dead.
 */
const CELLS = 8
const INPUT = CELLS * 8
const BOXES = CELLS * CELLS + 16 + 4

/** Writes manifest and model into `folder` and returns the manifest's path. */
export async function writeSpotModel(folder: string, { id = 'spot', gain = 1, sha256 = '' } = {}): Promise<string> {
  const bytes = spotModel(gain)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${id}.onnx`), bytes)
  const hash = sha256 || createHash('sha256').update(bytes).digest('hex')
  const input = { name: 'images', width: INPUT, height: INPUT, colour: 'rgb', scale: 1 / 255, fit: 'stretch' }
  const manifest = { id, file: `${id}.onnx`, sha256: hash, input, head: 'yolov8', labels: 'metadata', score: 0.5, iou: 0.45, licence: 'Apache-2.0' }
  await writeFile(join(folder, `${id}.yaml`), JSON.stringify(manifest, null, 2))
  return join(folder, `${id}.yaml`)
}

function spotModel(gain: number): Buffer {
  // Channels: centre x, centre y, width, height, score. The convolution gives only the score, the rest is added.
  const weights = Array.from({ length: 5 * 3 * 64 }, (_, i) => (i >= 4 * 3 * 64 ? gain / (3 * 64) : 0))
  const boxes = Array.from({ length: 5 * BOXES }, (_, i) => {
    const [channel, box] = [Math.floor(i / BOXES), i % BOXES]
    if (box >= CELLS * CELLS || channel === 4) return 0
    if (channel === 0) return (box % CELLS) * 8 + 4
    return channel === 1 ? Math.floor(box / CELLS) * 8 + 4 : 8
  })
  const graph = message(
    [1, node('Conv', ['images', 'weights'], 'cells', attribute('strides', [8, 8]))],
    [1, node('Reshape', ['cells', 'flat'], 'fine')],
    [1, node('Concat', ['fine', 'coarse'], 'all', attribute('axis', 2))],
    [1, node('Add', ['all', 'boxes'], 'output0')],
    [2, 'spot'],
    [5, tensor('weights', [5, 3, 8, 8], Buffer.from(Float32Array.from(weights).buffer))],
    [5, tensor('flat', [3], Buffer.from(BigInt64Array.from([1n, 5n, BigInt(CELLS * CELLS)]).buffer), 7)],
    [5, tensor('coarse', [1, 5, 20], Buffer.alloc(4 * 5 * 20))],
    [5, tensor('boxes', [1, 5, BOXES], Buffer.from(Float32Array.from(boxes).buffer))],
    [11, value('images', [1, 3, INPUT, INPUT])],
    [12, value('output0', [1, 5, BOXES])],
  )
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 13])], [14, message([1, 'names'], [2, "{0: 'spot'}"])])
}

// onnx.proto, as far as needed
const node = (type: string, inputs: string[], output: string, ...attributes: Buffer[]): Buffer =>
  message(...inputs.map((name): Field => [1, name]), [2, output], [4, type], ...attributes.map((content): Field => [5, content]))
const attribute = (name: string, value: number | number[]): Buffer =>
  typeof value === 'number' ? message([1, name], [3, value], [20, 2]) : message([1, name], ...value.map((item): Field => [8, item]), [20, 7])
const tensor = (name: string, dims: number[], raw: Buffer, type = 1): Buffer => message(...dims.map((dim): Field => [1, dim]), [2, type], [8, name], [9, raw])
const value = (name: string, dims: number[]): Buffer => message([1, name], [2, message([1, message([1, 1], [2, message(...dims.map((dim): Field => [1, message([1, dim])]))])])])

type Field = readonly [number: number, content: number | string | Buffer]

/** A protobuf message: numbers as varints, the rest with its length before it. */
function message(...fields: Field[]): Buffer {
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
