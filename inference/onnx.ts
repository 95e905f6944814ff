import { env, type InferenceSession, InferenceSession as Sessions, Tensor } from 'onnxruntime-node'
import { messageOf } from '../domain/errors.ts'
import type { Output } from './heads/head.ts'
import type { Shape } from './heads/shape.ts'
import type { ModelInput, SizeInput } from './models/manifest.ts'
import { type TensorData, tensorFiller } from './tensor.ts'

// What the runtime has to say it says by throwing; on standard error nobody would know whose it is.
env.logLevel = 'fatal'

export const DEVICES = ['cpu', 'cuda'] as const
export type Device = (typeof DEVICES)[number]

export interface TensorShape {
  name: string
  type: string
  shape: Shape
}

export interface NetworkOptions {
  /** Threads inside one run. */
  threads: number
  device?: Device
}

/** A loaded ONNX file: the one owner of onnxruntime-node. A run blocks its thread; see session.worker.ts. */
export interface Network {
  inputs: TensorShape[]
  outputs: TensorShape[]
  /** Where it runs. */
  device: Device
  /** Why it does not run where it was asked to; null if it does. */
  fallback: string | null
  /** Compiles the way from pictures (red, green, blue side by side, at the input's size) to outputs, picture by picture. */
  feed(input: ModelInput): (pictures: readonly Uint8Array[]) => Promise<Output[][]>
  close(): Promise<void>
}

/** Loads an ONNX file; where CUDA is asked for and absent it runs on the CPU and says why. Throws when the bytes are no model. */
export async function openNetwork(bytes: Uint8Array, { threads, device = 'cpu' }: NetworkOptions): Promise<Network> {
  const { session, ...where } = await create(bytes, threads, device)
  return {
    inputs: shapesOf(session.inputMetadata),
    outputs: shapesOf(session.outputMetadata),
    ...where,
    feed: (input) => feeder(session, input),
    close: () => session.release(),
  }
}

async function create(bytes: Uint8Array, threads: number, device: Device): Promise<{ session: InferenceSession; device: Device; fallback: string | null }> {
  let fallback: string | null = null
  if (device === 'cuda') {
    try {
      return { session: await createOn(bytes, threads, 'cuda'), device, fallback }
    } catch (error) {
      fallback = `CUDA cannot be used (${messageOf(error)}); it runs on the CPU`
    }
  }
  return { session: await createOn(bytes, threads, 'cpu'), device: 'cpu', fallback }
}

/** Threads that wait do not spin: other cameras and the platform need the cores. */
async function createOn(bytes: Uint8Array, threads: number, device: Device): Promise<InferenceSession> {
  return await Sessions.create(bytes, {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
}

function shapesOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorShape[] {
  return metadata.map((value) => ({ name: value.name, type: value.isTensor ? value.type : 'none', shape: value.isTensor ? value.shape : [] }))
}

/** Pictures go through one array that is filled anew each time. */
function feeder(session: InferenceSession, input: ModelInput): (pictures: readonly Uint8Array[]) => Promise<Output[][]> {
  const size = 3 * input.width * input.height
  const fill = tensorFiller(input)
  const types = new Map(shapesOf(session.inputMetadata).map(({ name, type }) => [name, type]))
  let values = arrayOf(types.get(input.name), size)
  return async (pictures) => {
    const batch = pictures.length
    if (values.length < batch * size) values = arrayOf(types.get(input.name), batch * size)
    pictures.forEach((rgb, index) => {
      fill(rgb, values, index * size)
    })
    const dims = input.layout === 'nchw' ? [batch, 3, input.height, input.width] : [batch, input.height, input.width, 3]
    const feeds: Record<string, Tensor> = { [input.name]: tensorOf(values.subarray(0, batch * size), dims) }
    for (const { name, as } of input.sizes) feeds[name] = sizeTensor(types.get(name), as, input, batch)
    const results = await session.run(feeds)
    const outputs = session.outputNames.map((name) => outputOf(name, results[name] as Tensor))
    return pictures.map((_, index) => outputs.map(({ name, ...output }) => part(name, output, index, batch)))
  }
}

function arrayOf(type: string | undefined, length: number): TensorData {
  if (type === 'float16') return new Float16Array(length)
  return type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
}

function tensorOf(values: TensorData, dims: number[]): Tensor {
  if (values instanceof Float32Array) return new Tensor('float32', values, dims)
  if (values instanceof Uint8Array) return new Tensor('uint8', values, dims)
  // The runtime takes half precision as its bits, and does not know the array that Node has for it.
  const bits = new Uint16Array(values.buffer, values.byteOffset, values.length)
  return Object.assign(new Tensor('uint16', bits, dims), { type: 'float16' as const })
}

function sizeTensor(type: string | undefined, as: SizeInput, { width, height }: ModelInput, batch: number): Tensor {
  const told = { 'width-height': [width, height], 'height-width': [height, width], one: [1, 1] }[as]
  const values = Array.from({ length: batch }, () => told).flat()
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(values, BigInt), [batch, 2])
  return type === 'int32' ? new Tensor('int32', Int32Array.from(values), [batch, 2]) : new Tensor('float32', Float32Array.from(values), [batch, 2])
}

function outputOf(name: string, { data, dims }: Tensor): Output & { name: string } {
  if (data instanceof Float32Array) return { name, dims, data }
  if (data instanceof BigInt64Array) return { name, dims, data: Float32Array.from(data, Number), integer: true }
  if (data instanceof Int32Array) return { name, dims, data: Float32Array.from(data), integer: true }
  if (data instanceof Float16Array) return { name, dims, data: Float32Array.from(data) }
  throw new TypeError(`output ${name} holds no numbers that a head can read`)
}

/** What of an output belongs to one picture. A batch of one may have collapsed, and is left as it is. */
function part(name: string, output: Output, index: number, batch: number): Output {
  if (batch === 1) return output
  if (output.dims[0] !== batch) throw new RangeError(`output ${name} of ${batch} pictures has the shape ${JSON.stringify(output.dims)}`)
  const each = output.data.length / batch
  return { ...output, dims: [1, ...output.dims.slice(1)], data: output.data.subarray(index * each, (index + 1) * each) }
}
