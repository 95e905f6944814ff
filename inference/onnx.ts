import { type InferenceSession, InferenceSession as Sessions, Tensor } from 'onnxruntime-node'
import { CodedError, messageOf } from '../domain/errors.ts'
import { type Box, MAX_OBJECTS } from '../domain/observation.ts'
import { HEADS, type Output, type Shape } from './heads/head.ts'
import { placePicture, type Size, toPicture } from './letterbox.ts'
import { type Manifest, type ModelFile, readModel } from './models/manifest.ts'
import { metadataLabels, modelMetadata } from './models/metadata.ts'
import { type Candidate, suppress } from './nms.ts'
import { tensorFiller } from './tensor.ts'

/** One thing in a picture; the box in fractions of the picture. */
export interface Detection {
  label: string
  score: number
  box: Box
}

export interface TensorShape {
  name: string
  type: string
  shape: Shape
}

/** A loaded model: the owner of onnxruntime-node. Inference blocks its thread; see session.worker.ts. */
export interface Model {
  inputs: TensorShape[]
  outputs: TensorShape[]
  labels: string[]
  /** Things with a score of at least `floor`, strongest first. `rgb` fits the model's input; `picture` is what it was made from. */
  detect(rgb: Uint8Array, picture: Size, floor: number): Promise<Detection[]>
  /** Every box that the head knows, whatever its score. */
  candidates(rgb: Uint8Array): Promise<Candidate[]>
  close(): Promise<void>
}

function invalid(manifest: Manifest, why: string): CodedError {
  return new CodedError('model.invalid', `${manifest.id}: ${why}`)
}

/** The runtime's session over a model's bytes, with its threads not spinning: other cameras and the platform need the cores. */
async function openSession(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  return await Sessions.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
}

function shapesOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorShape[] {
  return metadata.map((value) => ({ name: value.name, type: value.isTensor ? value.type : 'none', shape: value.isTensor ? value.shape : [] }))
}

/** Inputs and outputs of an ONNX file without a manifest. Throws `model.invalid`. */
export async function inspectModel(bytes: Uint8Array): Promise<{ inputs: TensorShape[]; outputs: TensorShape[]; labels: string[] | undefined }> {
  const session = await openSession(bytes, 1).catch((error: unknown) => {
    throw new CodedError('model.invalid', messageOf(error))
  })
  const inspected = { inputs: shapesOf(session.inputMetadata), outputs: shapesOf(session.outputMetadata), labels: metadataLabels(modelMetadata(bytes)) }
  await session.release()
  return inspected
}

/** Loads a model, checks its file, shapes and labels against the manifest, and runs it once to warm it up. Throws `model.invalid`. */
export async function openModel(file: ModelFile, threads: number): Promise<Model> {
  const { manifest } = file
  const bytes = await readModel(file)
  const session = await openSession(bytes, threads).catch((error: unknown) => {
    throw invalid(manifest, messageOf(error))
  })
  const [inputs, outputs] = [shapesOf(session.inputMetadata), shapesOf(session.outputMetadata)]
  const labels = manifest.labels === 'metadata' ? metadataLabels(modelMetadata(bytes)) : manifest.labels
  if (!labels) throw invalid(manifest, 'its file holds no labels; list them in the manifest')
  if (!inputs.some(({ name }) => name === manifest.input.name)) throw invalid(manifest, `it has no input ${manifest.input.name} but ${inputs.map(({ name }) => name).join(', ')}`)
  const run = runner(session, manifest)
  const warm = await run(new Uint8Array(manifest.input.width * manifest.input.height * 3)).catch((error: unknown) => {
    throw invalid(manifest, messageOf(error))
  })
  const shapes = warm.map(({ dims }) => dims)
  const classes = HEADS[manifest.head].classes(shapes, manifest.input)
  if (classes !== labels.length)
    throw invalid(manifest, classes === undefined ? `outputs ${JSON.stringify(shapes)} are none of head ${manifest.head}` : `${classes} classes but ${labels.length} labels`)
  const candidates = async (rgb: Uint8Array, floor: number) => HEADS[manifest.head].decode(await run(rgb), manifest.input, floor)
  return {
    inputs,
    outputs,
    labels,
    detect: async (rgb, picture, floor) => detections(suppress(await candidates(rgb, floor), manifest.iou, MAX_OBJECTS), picture, manifest, labels),
    candidates: (rgb) => candidates(rgb, -1),
    close: () => session.release(),
  }
}

/** Feeds pictures through one tensor that is filled anew each time. */
function runner(session: InferenceSession, { input }: Manifest): (rgb: Uint8Array) => Promise<Output[]> {
  const values = new Float32Array(3 * input.width * input.height)
  const feeds = { [input.name]: new Tensor('float32', values, [1, 3, input.height, input.width]) }
  const fill = tensorFiller(input)
  return async (rgb) => {
    fill(rgb, values)
    const results = await session.run(feeds)
    return session.outputNames.map((name) => {
      const { data, dims } = results[name] as Tensor
      if (!(data instanceof Float32Array)) throw new TypeError(`output ${name} does not hold 32-bit floats`)
      return { data, dims }
    })
  }
}

function detections(candidates: readonly Candidate[], picture: Size, { input }: Manifest, labels: readonly string[]): Detection[] {
  const placement = placePicture(input.fit, picture, input)
  return candidates.flatMap(({ x1, y1, x2, y2, score, cls }) => {
    const box = toPicture(x1, y1, x2, y2, placement)
    return box ? [{ label: labels[cls] ?? `class_${cls}`, score: Math.min(1, Math.round(score * 1000) / 1000), box }] : []
  })
}
