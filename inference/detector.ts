import { CodedError, type Detail, messageOf } from '../domain/errors.ts'
import { type Box, MAX_OBJECTS } from '../domain/observation.ts'
import { inputProblems, takesMany } from './feeds.ts'
import { decode, HEADS, noShare, type Output } from './heads/head.ts'
import { placePicture, type Size, toPicture } from './letterbox.ts'
import { Liveness, probes } from './liveness.ts'
import { invalidModel, type Manifest, type ModelFile, readModel } from './models/manifest.ts'
import { metadataLabels, modelMetadata } from './models/metadata.ts'
import { type Candidate, suppress } from './nms.ts'
import { type Network, type NetworkOptions, openNetwork, type TensorShape } from './onnx.ts'

/** One thing in a picture; the box in fractions of the picture. */
export interface Detection {
  label: string
  score: number
  box: Box
}

/** A picture that fits the model's input, and what it was made from. */
export interface Glance {
  /** width × height × 3 bytes, red first. */
  rgb: Uint8Array
  picture: Size
  /** Weaker things are left out. */
  floor: number
}

/** A loaded detector. Inference blocks its thread; see session.worker.ts. */
export interface Model {
  inputs: TensorShape[]
  outputs: TensorShape[]
  labels: string[]
  device: Network['device']
  fallback: string | null
  /** It takes several pictures at once. */
  batches: boolean
  /** Things in each picture, strongest first. */
  detect(glances: readonly Glance[]): Promise<Detection[][]>
  /** Differing pictures in a row for which every score stayed the same. */
  still(): number
  close(): Promise<void>
}

/**
 * Loads a model, checks its file, inputs, outputs and labels against the manifest, and runs it on pictures of nothing, which
 * warms it up. Throws `model.invalid` with all that is wrong, and `model.dead` for a model that cannot fire.
 */
export async function openModel(file: ModelFile, options: NetworkOptions): Promise<Model> {
  const { manifest } = file
  const bytes = await readModel(file)
  const network = await openNetwork(bytes, options).catch((error: unknown) => {
    throw invalidModel(manifest.id, [{ where: 'file', why: `${manifest.file} is no model that can be loaded: ${messageOf(error)}` }])
  })
  try {
    return await readyModel(network, manifest, manifest.labels === 'metadata' ? metadataLabels(modelMetadata(bytes)) : manifest.labels)
  } catch (error) {
    await network.close()
    throw error
  }
}

async function readyModel(network: Network, manifest: Manifest, labels: string[] | undefined): Promise<Model> {
  const { input } = manifest
  const head = HEADS[manifest.head]
  const problems = inputProblems(network.inputs, input)
  if (!labels) problems.push({ where: 'labels', why: 'its file holds no labels; list them in the manifest' })
  if (!labels || problems.length > 0) throw invalidModel(manifest.id, problems)
  const run = network.feed(input)
  const liveness = new Liveness()
  const scored = (rgb: Uint8Array, outputs: readonly Output[], floor: number): Candidate[] => {
    const { candidates, scores } = decode(head, outputs, input, floor)
    liveness.look(rgb, scores.best)
    return candidates
  }
  await probe(run, manifest, labels.length, (rgb, outputs) => scored(rgb, outputs, Infinity), liveness)
  return {
    ...network,
    labels,
    batches: takesMany(network.inputs, input) && (await batchesAlike(run, manifest)),
    detect: async (glances) => {
      const outputs = await run(glances.map(({ rgb }) => rgb))
      return glances.map(({ rgb, picture, floor }, index) => {
        const candidates = scored(rgb, outputs[index] as Output[], floor)
        const kept = head.overlapping ? suppress(candidates, manifest.iou, MAX_OBJECTS) : strongest(candidates)
        return placed(kept, picture, manifest, labels)
      })
    },
    still: () => liveness.still,
  }
}

type Run = (pictures: readonly Uint8Array[]) => Promise<Output[][]>

/** Runs the model on pictures of nothing: it must run at all, its outputs must be those of its head, and its scores shares that move. */
async function probe(run: Run, manifest: Manifest, labels: number, look: (rgb: Uint8Array, outputs: readonly Output[]) => void, liveness: Liveness): Promise<void> {
  const pictures = probes(manifest.input)
  for (const rgb of pictures) {
    const [outputs = []] = await run([rgb]).catch((error: unknown) => {
      throw invalidModel(manifest.id, [{ why: messageOf(error) }])
    })
    const problems = outputProblems(outputs, manifest, labels)
    if (problems.length > 0) throw invalidModel(manifest.id, problems)
    look(rgb, outputs)
  }
  if (liveness.still >= pictures.length - 1)
    throw new CodedError('model.dead', `${manifest.id} cannot fire: on ${pictures.length} pictures as different as black and noise no score differs`)
}

function outputProblems(outputs: readonly Output[], { head, input }: Manifest, labels: number): Detail[] {
  const dims = outputs.map((output) => output.dims)
  const classes = HEADS[head].classes(dims, input)
  if (classes === undefined) return [{ where: 'head', why: `outputs ${JSON.stringify(dims)} are none of head ${head}` }]
  if (classes !== 'any' && classes !== labels)
    return [{ where: 'labels', why: `outputs ${JSON.stringify(dims)} of head ${head} hold ${classes} classes but there are ${labels} labels` }]
  const wrong = noShare(HEADS[head].scores(outputs, input, 0))
  return wrong === undefined ? [] : [{ where: 'head', why: `read as head ${head} it gives scores like ${wrong.toFixed(2)}, which are no shares of 1` }]
}

/** Whether two pictures at once give what each gives alone: a dimension left open is no promise. */
async function batchesAlike(run: Run, manifest: Manifest): Promise<boolean> {
  const [, , one, other] = probes(manifest.input) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const scoresOf = (outputs: readonly Output[]) => HEADS[manifest.head].scores(outputs, manifest.input, 0).best
  try {
    const [both, alone] = [await run([one, other]), [...(await run([one])), ...(await run([other]))]]
    return both.every((outputs, index) => {
      const scores = scoresOf(alone[index] as Output[])
      return (
        HEADS[manifest.head].classes(
          outputs.map(({ dims }) => dims),
          manifest.input,
        ) !== undefined && scoresOf(outputs).every((score, box) => Math.abs(score - (scores[box] as number)) < 0.01)
      )
    })
  } catch {
    return false
  }
}

function strongest(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => b.score - a.score).slice(0, MAX_OBJECTS)
}

function placed(candidates: readonly Candidate[], picture: Size, { input }: Manifest, labels: readonly string[]): Detection[] {
  const placement = placePicture(input.fit, picture, input)
  return candidates.flatMap(({ x1, y1, x2, y2, score, cls }) => {
    const box = toPicture(x1, y1, x2, y2, placement)
    return box ? [{ label: labels[cls] ?? `class_${cls}`, score: Math.min(1, Math.round(score * 1000) / 1000), box }] : []
  })
}
