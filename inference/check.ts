import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { CodedError, messageOf } from '../domain/errors.ts'
import { type Detection, openModel } from './detector.ts'
import type { Output } from './heads/head.ts'
import type { Size } from './letterbox.ts'
import { probes } from './liveness.ts'
import { type HeadName, invalidModel, type Manifest, ManifestSchema, type ModelFile, modelName, type ReaderFile, readAnyManifest } from './models/manifest.ts'
import { modelMetadata } from './models/metadata.ts'
import { type Bare, fittingHeads, proposeInput, proposeManifest } from './models/propose.ts'
import { type Device, type Network, type NetworkOptions, openNetwork, type TensorShape } from './onnx.ts'
import { readPicture } from './picture.ts'
import { openReader, type Reading } from './reader.ts'

export interface CheckOptions extends Partial<NetworkOptions> {
  /** Picture files to look at; for a reader crops that show nothing but the text. */
  pictures?: readonly string[]
  /** Further folders in which the model's file may lie. */
  folders?: readonly string[]
  /** Milliseconds of any clock that does not jump. */
  clock(): number
}

/** What `models check` saw in one picture, or why it could not. */
export type PictureCheck = { path: string; size: Size; detections: Detection[] } | { path: string; size: Size; reading: Reading } | { path: string; error: string }

/** What `models check` tells of a model that works. */
export interface ModelCheck {
  /** `<id>@<hash>`; for an ONNX file without a manifest its name. */
  model: string
  sha256: string
  inputs: TensorShape[]
  outputs: TensorShape[]
  /** The head that the manifest names, or those that the outputs would fit. */
  heads: (HeadName | 'ctc')[]
  labels: string[]
  device: Device
  fallback: string | null
  /** It takes several pictures at once. */
  batches: boolean
  /** Loading with warm-up, and the median of one inference without reading the picture. */
  loadMs: number
  inferMs: number
  pictures: PictureCheck[]
  /** For a file without a manifest: one to begin with, and the fields of it that only a person can fill in. */
  proposal?: { manifest: Manifest; open: string[] }
}

const RUNS = 10

/**
 * Loads a model as the platform would and looks at the pictures with it. Takes a manifest, or a bare ONNX file, which it runs
 * with a manifest of its own proposal. Throws `model.invalid`, and `model.dead` for a model whose scores are the same whatever it sees.
 */
export async function checkModel(path: string, options: CheckOptions): Promise<ModelCheck> {
  if (/\.onnx$/i.test(path)) return await checkBare(path, options)
  const { manifest, path: file } = await readAnyManifest(path, options.folders)
  return manifest.kind === 'reader' ? await checkReader({ manifest, path: file }, options) : await checkDetector({ manifest, path: file }, options)
}

async function checkBare(path: string, options: CheckOptions): Promise<ModelCheck> {
  const file = basename(path)
  const bytes = await readFile(path).catch((error: unknown) => {
    throw invalidModel(file, [{ why: messageOf(error) }])
  })
  const network = await openNetwork(bytes, { threads: 1 }).catch((error: unknown) => {
    throw invalidModel(file, [{ why: `it is no model that can be loaded: ${messageOf(error)}` }])
  })
  try {
    const bare = { file, sha256: createHash('sha256').update(bytes).digest('hex'), inputs: network.inputs, metadata: modelMetadata(bytes) }
    const { heads, outputs } = await tried(network, bare)
    const proposal = heads[0] && proposeManifest(bare, heads[0], outputs)
    if (!proposal)
      throw invalidModel(file, [
        {
          why: `inputs ${dimsOf(network.inputs)}, outputs ${dimsOf(network.outputs)}: none of the heads that this program knows; a reader of texts needs a manifest with kind: reader`,
        },
      ])
    return { ...(await checkDetector({ manifest: proposal.manifest, path }, options)), model: file, heads, proposal }
  } finally {
    await network.close()
  }
}

function dimsOf(tensors: readonly TensorShape[]): string {
  return tensors.map(({ name, type, shape }) => `${name} ${type} ${JSON.stringify(shape)}`).join(', ')
}

/** Runs a file of which nothing is known on noise, to see the shapes that it leaves open. */
async function tried(network: Network, bare: Bare): Promise<{ heads: HeadName[]; outputs: Output[] }> {
  const shape = proposeInput(bare)
  if (!shape) throw invalidModel(bare.file, [{ why: `it takes no picture but ${dimsOf(bare.inputs)}` }])
  const parsed = ManifestSchema.shape.input.safeParse({ ...shape, colour: 'rgb', scale: 1 / 255, fit: 'stretch' })
  if (!parsed.success) throw invalidModel(bare.file, [{ why: `it takes no picture of a size that can be used but ${dimsOf(bare.inputs)}` }])
  const [, , noise] = probes(parsed.data) as [Uint8Array, Uint8Array, Uint8Array]
  const [outputs = []] = await network
    .feed(parsed.data)([noise])
    .catch((error: unknown) => {
      throw invalidModel(bare.file, [{ why: messageOf(error) }])
    })
  return { heads: fittingHeads(outputs, parsed.data), outputs }
}

async function checkDetector(file: ModelFile, { pictures = [], threads = 1, device = 'cpu', clock }: CheckOptions): Promise<ModelCheck> {
  const { manifest } = file
  const { value: model, ms: loadMs } = await timed(clock, () => openModel(file, { threads, device }))
  try {
    const seen = await eachPicture(pictures, manifest, async (rgb, picture) => {
      const [detections = []] = await model.detect([{ rgb, picture, floor: manifest.score }])
      return { detections }
    })
    const inferMs = await medianMs(clock, probes(manifest.input), (rgb) => model.detect([{ rgb, picture: manifest.input, floor: 0.1 }]))
    const { inputs, outputs, labels, fallback, batches } = model
    return { ...named(manifest), inputs, outputs, heads: [manifest.head], labels, device: model.device, fallback, batches, loadMs, inferMs, pictures: seen }
  } finally {
    await model.close()
  }
}

async function checkReader(file: ReaderFile, { pictures = [], threads = 1, device = 'cpu', clock }: CheckOptions): Promise<ModelCheck> {
  const { manifest } = file
  const { value: reader, ms: loadMs } = await timed(clock, () => openReader(file, { threads, device }))
  try {
    const seen = await eachPicture(pictures, manifest, async (rgb) => ({ reading: await reader.read(rgb) }))
    const inferMs = await medianMs(clock, probes(manifest.input), (rgb) => reader.read(rgb))
    const { inputs, outputs, fallback } = reader
    const labels = Array.from(manifest.characters)
    return { ...named(manifest), inputs, outputs, heads: [manifest.head], labels, device: reader.device, fallback, batches: false, loadMs, inferMs, pictures: seen }
  } finally {
    await reader.close()
  }
}

function named(manifest: ModelFile['manifest'] | ReaderFile['manifest']): { model: string; sha256: string } {
  return { model: modelName(manifest), sha256: manifest.sha256 }
}

/** A picture that cannot be read says so and leaves the others alone. */
async function eachPicture<T extends object>(
  paths: readonly string[],
  { input }: Pick<Manifest, 'input'>,
  look: (rgb: Uint8Array<ArrayBuffer>, size: Size) => Promise<T>,
): Promise<(({ path: string; size: Size } & T) | { path: string; error: string })[]> {
  const checks: (({ path: string; size: Size } & T) | { path: string; error: string })[] = []
  for (const path of paths) {
    try {
      const { rgb, size } = await readPicture(await readFile(path), input)
      checks.push({ path, size, ...(await look(rgb, size)) })
    } catch (error) {
      if (error instanceof CodedError && error.code !== 'source.failed') throw error
      checks.push({ path, error: messageOf(error) })
    }
  }
  return checks
}

async function timed<T>(clock: () => number, work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const before = clock()
  const value = await work()
  return { value, ms: clock() - before }
}

async function medianMs(clock: () => number, pictures: readonly Uint8Array[], run: (rgb: Uint8Array) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < RUNS; round++) times.push((await timed(clock, () => run(pictures[round % pictures.length] as Uint8Array))).ms)
  return times.sort((a, b) => a - b)[RUNS / 2] as number
}
