import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attribute, floats, longs, message, model, node, tensor, value } from './onnx.fixture.ts'

/**
 * A real ONNX model of a few hundred weights for tests: it sees bright spots. The picture (64 × 64) is a grid of 8 × 8 cells;
 * each is a box whose score is its brightness. The outputs have YOLOv8's layout, [1, 5, 84]; the 20 boxes of the coarser grids
 * stay at score 0. With `gain` 0 it is dead; below the brightness `dark` (0–1) it sees nothing; with `open` it takes any
 * number of pictures at once; it may take whole bytes or half precision, and colours side by side (`nhwc`).
 */
const CELLS = 8
const INPUT = CELLS * 8
const BOXES = CELLS * CELLS + 16 + 4

/** Codes of onnx.proto. */
const TYPES = { float32: 1, uint8: 2, float16: 10 } as const

export interface Spot {
  id?: string
  gain?: number
  dark?: number
  open?: boolean
  takes?: keyof typeof TYPES
  layout?: 'nchw' | 'nhwc'
  sha256?: string
}

/** Writes manifest and model into `folder` and returns the manifest's path. */
export async function writeSpotModel(
  folder: string,
  { id = 'spot', gain = 1, dark = 0, open = false, takes = 'float32', layout = 'nchw', sha256 = '' }: Spot = {},
): Promise<string> {
  const bytes = spotModel({ gain: takes === 'uint8' ? gain / 255 : gain, dark, open, takes, layout })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${id}.onnx`), bytes)
  const hash = sha256 || createHash('sha256').update(bytes).digest('hex')
  const input = { name: 'images', width: INPUT, height: INPUT, layout, colour: 'rgb', scale: takes === 'uint8' ? 1 : 1 / 255, fit: 'stretch' }
  const manifest = { id, file: `${id}.onnx`, sha256: hash, input, head: 'yolov8', labels: 'metadata', score: 0.5, iou: 0.45, licence: 'Apache-2.0' }
  await writeFile(join(folder, `${id}.yaml`), JSON.stringify(manifest, null, 2))
  return join(folder, `${id}.yaml`)
}

function spotModel({ gain, dark, open, takes, layout }: Required<Omit<Spot, 'id' | 'sha256'>>): Buffer {
  // Channels: centre x, centre y, width, height, score. The convolution gives only the score, the rest is added.
  const weights = Array.from({ length: 5 * 3 * 64 }, (_, i) => (i >= 4 * 3 * 64 ? gain / (3 * 64) : 0))
  const boxes = Array.from({ length: 5 * BOXES }, (_, i) => {
    const [channel, box] = [Math.floor(i / BOXES), i % BOXES]
    if (channel === 4) return -dark
    if (box >= CELLS * CELLS) return 0
    if (channel === 0) return (box % CELLS) * 8 + 4
    return channel === 1 ? Math.floor(box / CELLS) * 8 + 4 : 8
  })
  const batch = open ? 'batch' : 1
  const graph = message(
    [1, node('Cast', ['images'], 'plain', attribute('to', TYPES.float32))],
    [1, node('Transpose', ['plain'], 'planes', attribute('perm', layout === 'nhwc' ? [0, 3, 1, 2] : [0, 1, 2, 3]))],
    [1, node('Conv', ['planes', 'weights'], 'cells', attribute('strides', [8, 8]))],
    [1, node('Reshape', ['cells', 'flat'], 'fine')],
    [1, node('Pad', ['fine', 'coarse'], 'all')],
    [1, node('Add', ['all', 'boxes'], 'sum')],
    [1, node('Relu', ['sum'], 'output0')],
    [2, 'spot'],
    [5, tensor('weights', [5, 3, 8, 8], floats(weights))],
    [5, tensor('flat', [3], longs([-1, 5, CELLS * CELLS]), 7)],
    [5, tensor('coarse', [6], longs([0, 0, 0, 0, 0, 20]), 7)],
    [5, tensor('boxes', [1, 5, BOXES], floats(boxes))],
    [11, value('images', layout === 'nhwc' ? [batch, INPUT, INPUT, 3] : [batch, 3, INPUT, INPUT], TYPES[takes])],
    [12, value('output0', [batch, 5, BOXES])],
  )
  return model(graph, { names: "{0: 'spot'}" })
}
