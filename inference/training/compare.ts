import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decode, HEADS, type Output } from '../heads/head.ts'
import { readManifest, readModel } from '../models/manifest.ts'
import { openNetwork } from '../onnx.ts'

/** How far the platform's boxes are from those of torch, over one picture that train.py has left beside its export. */
export interface Difference {
  boxes: number
  /** Greatest difference of a corner, pixels of the input, and of a score, among boxes that score at least 0.05. */
  pixels: number
  score: number
}

/** Compares a model of this manifest with `sample.rgb` and `sample.output` in a folder. Throws `model.invalid`. */
export async function compareWithTorch(manifest: string, folder: string): Promise<Difference> {
  const file = await readManifest(manifest)
  const { head, input, labels } = file.manifest
  const network = await openNetwork(await readModel(file), { threads: 1 })
  const boxes = (outputs: readonly Output[]) => decode(HEADS[head], outputs, input, -1).candidates
  try {
    const rgb = new Uint8Array(await readFile(join(folder, 'sample.rgb')))
    const data = new Float32Array(new Uint8Array(await readFile(join(folder, 'sample.output'))).buffer)
    const channels = 4 + labels.length
    const torch = boxes([{ dims: [1, channels, data.length / channels], data }])
    const [outputs = []] = await network.feed(input)([rgb])
    const ours = boxes(outputs)
    const difference: Difference = { boxes: 0, pixels: 0, score: 0 }
    for (const [i, a] of torch.entries()) {
      const b = ours[i]
      if (!b || a.score < 0.05) continue
      difference.boxes++
      difference.score = Math.max(difference.score, Math.abs(a.score - b.score))
      difference.pixels = Math.max(difference.pixels, ...(['x1', 'y1', 'x2', 'y2'] as const).map((corner) => Math.abs(a[corner] - b[corner])))
    }
    return difference
  } finally {
    await network.close()
  }
}

if (import.meta.main) {
  const [manifest, folder] = process.argv.slice(2)
  if (manifest === undefined || folder === undefined) throw new Error('usage: node inference/training/compare.ts MANIFEST FOLDER')
  console.log(JSON.stringify(await compareWithTorch(manifest, folder)))
}
