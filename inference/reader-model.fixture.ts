import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attribute, floats, longs, message, model, node, tensor, value } from './onnx.fixture.ts'

/**
 * A real ONNX reader of a few hundred weights for tests: it reads coloured bars. A crop of 80 × 8 pixels has ten places of
 * 8 × 8; a red one is an A, a green one a B, a blue one a C, a dark one the blank. The colour is `warm` when there is more
 * red than blue, else `cold`. The certainty of a character grows with the brightness of its bar.
 */
const PLACES = 10

/** Writes manifest and model into `folder` and returns the manifest's path. */
export async function writeReaderModel(folder: string, more: object = {}): Promise<string> {
  const bytes = readerModel()
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'bars.onnx'), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const input = { name: 'crop', width: PLACES * 8, height: 8, colour: 'rgb', scale: 1 / 255, fit: 'stretch' }
  const manifest = { id: 'bars', kind: 'reader', file: 'bars.onnx', sha256, input, head: 'ctc', characters: 'ABC', colours: ['warm', 'cold'], licence: 'Apache-2.0', ...more }
  await writeFile(join(folder, 'bars.yaml'), JSON.stringify(manifest, null, 2))
  return join(folder, 'bars.yaml')
}

/** Logits of a place: 6 for the blank, 16 × the share of its colour for a character. */
function readerModel(): Buffer {
  const letters = Array.from({ length: 4 * 3 * 64 }, (_, i) => {
    const [character, colour] = [Math.floor(i / 192), Math.floor(i / 64) % 3]
    return character > 0 && colour === character - 1 ? 16 / 64 : 0
  })
  const colours = Array.from({ length: 2 * 3 * 64 }, (_, i) => (Math.floor(i / 192) * 2 === Math.floor(i / 64) % 3 ? 1 : 0))
  const graph = message(
    [1, node('Conv', ['crop', 'letters', 'blank'], 'places', attribute('strides', [8, 8]))],
    [1, node('Reshape', ['places', 'rows'], 'lines')],
    [1, node('Transpose', ['lines'], 'text', attribute('perm', [0, 2, 1]))],
    [1, node('Conv', ['crop', 'shades'], 'patches', attribute('strides', [8, 8]))],
    [1, node('ReduceSum', ['patches', 'axes'], 'colour', attribute('keepdims', 0))],
    [2, 'bars'],
    [5, tensor('letters', [4, 3, 8, 8], floats(letters))],
    [5, tensor('blank', [4], floats([6, 0, 0, 0]))],
    [5, tensor('rows', [3], longs([1, 4, PLACES]), 7)],
    [5, tensor('shades', [2, 3, 8, 8], floats(colours))],
    [5, tensor('axes', [2], longs([2, 3]), 7)],
    [11, value('crop', [1, 3, 8, PLACES * 8])],
    [12, value('text', [1, PLACES, 4])],
    [12, value('colour', [1, 2])],
  )
  return model(graph)
}
