import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { CodedError, messageOf } from '../domain/errors.ts'
import { HEADS } from './heads/head.ts'
import { HEAD_NAMES, type HeadName, type ModelFile, modelName, readManifest } from './models/manifest.ts'
import { type Detection, inspectModel, type Model, openModel, type TensorShape } from './onnx.ts'
import { readPicture } from './picture.ts'

export interface CheckOptions {
  /** Picture files to look at. */
  pictures?: readonly string[]
  /** Further folders in which the model's file may lie. */
  folders?: readonly string[]
  threads?: number
  /** Milliseconds of any clock that does not jump. */
  clock(): number
}

/** What `models check` tells of a model that works. */
export interface ModelCheck {
  /** `<id>@<hash>`; for an ONNX file without a manifest its name. */
  model: string
  sha256: string
  inputs: TensorShape[]
  outputs: TensorShape[]
  /** The head that the manifest names, or those that the outputs would fit. */
  heads: HeadName[]
  labels: string[]
  /** Loading with warm-up, and the median of one inference without reading the picture; null without a manifest. */
  loadMs: number | null
  inferMs: number | null
  pictures: { path: string; detections: Detection[] }[]
}

/** Scores of a live model differ by more than this somewhere between a picture of noise, a black one and real ones. */
const DEAD = 1e-3
const RUNS = 10

/**
 * Loads a model as the platform would and looks at the pictures with it. Takes a manifest, or a bare ONNX file, of which it tells
 * what a manifest must say. Throws `model.invalid`, and `model.dead` for a model whose scores are the same whatever it sees.
 */
export async function checkModel(path: string, options: CheckOptions): Promise<ModelCheck> {
  return path.endsWith('.onnx') ? await checkBare(path) : await checkManifest(await readManifest(path, options.folders), options)
}

async function checkBare(path: string): Promise<ModelCheck> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CodedError('model.invalid', messageOf(error))
  })
  const { inputs, outputs, labels } = await inspectModel(bytes)
  const [, , height, width] = inputs[0]?.shape ?? []
  const input = { width: Number(width), height: Number(height) }
  const shapes = outputs.map(({ shape }) => shape)
  const heads = HEAD_NAMES.filter((head) => HEADS[head].classes(shapes, input) !== undefined)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { model: basename(path), sha256, inputs, outputs, heads, labels: labels ?? [], loadMs: null, inferMs: null, pictures: [] }
}

async function checkManifest(file: ModelFile, { pictures = [], threads = 1, clock }: CheckOptions): Promise<ModelCheck> {
  const { manifest } = file
  const before = clock()
  const model = await openModel(file, threads)
  const loadMs = clock() - before
  try {
    const read = await Promise.all(pictures.map(async (path) => ({ path, ...(await readPicture(await readFile(path), manifest.input)) })))
    const seen: ModelCheck['pictures'] = []
    for (const { path, rgb, size } of read) seen.push({ path, detections: await model.detect(rgb, size, manifest.score) })
    const bytes = manifest.input.width * manifest.input.height * 3
    const patterns = [new Uint8Array(bytes), noise(bytes)]
    await refuseDead(model, [...read.map(({ rgb }) => rgb), ...patterns], manifest.id)
    const inferMs = await medianMs(model, patterns, manifest.input, clock)
    return {
      model: modelName(manifest),
      sha256: manifest.sha256,
      inputs: model.inputs,
      outputs: model.outputs,
      heads: [manifest.head],
      labels: model.labels,
      loadMs,
      inferMs,
      pictures: seen,
    }
  } finally {
    await model.close()
  }
}

async function refuseDead(model: Model, pictures: readonly Uint8Array[], id: string): Promise<void> {
  let [least, most] = [Infinity, -Infinity]
  for (const rgb of pictures) {
    for (const { score } of await model.candidates(rgb)) {
      least = Math.min(least, score)
      most = Math.max(most, score)
    }
  }
  // Not `most - least < DEAD`: of scores that are no numbers, too, nothing can be hoped.
  if (!(most - least >= DEAD)) throw new CodedError('model.dead', `${id} cannot fire: on ${pictures.length} differing pictures every score lies between ${least} and ${most}`)
}

async function medianMs(model: Model, pictures: readonly Uint8Array[], size: { width: number; height: number }, clock: () => number): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const before = clock()
    await model.detect(pictures[run % pictures.length] as Uint8Array, size, 0.1)
    times.push(clock() - before)
  }
  return times.sort((a, b) => a - b)[RUNS / 2] as number
}

/** Grey noise, the same each time (a linear congruential generator). */
function noise(bytes: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}
