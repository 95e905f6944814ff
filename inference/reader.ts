import { CodedError, type Detail, messageOf } from '../domain/errors.ts'
import { greatest, type Spelling, shareOf, spell } from './ctc.ts'
import { inputProblems } from './feeds.ts'
import type { Output } from './heads/head.ts'
import { lastDims } from './heads/shape.ts'
import { Liveness, probes } from './liveness.ts'
import { invalidModel, type ReaderFile, type ReaderManifest, readModel } from './models/manifest.ts'
import { type Network, type NetworkOptions, openNetwork, type TensorShape } from './onnx.ts'

/** What a reader made of a part of a picture. */
export interface Reading extends Spelling {
  /** The colour that it takes the thing for; null when its model knows none. */
  colour: { name: string; certainty: number } | null
}

/** A loaded reader. Reading blocks its thread; see session.worker.ts. */
export interface Reader {
  inputs: TensorShape[]
  outputs: TensorShape[]
  device: Network['device']
  fallback: string | null
  /** What stands in a crop that fits the model's input. */
  read(rgb: Uint8Array): Promise<Reading>
  still(): number
  close(): Promise<void>
}

/** Loads a reader and runs it on pictures of nothing. Throws `model.invalid` with all that is wrong, `model.dead` when it always says the same. */
export async function openReader(file: ReaderFile, options: NetworkOptions): Promise<Reader> {
  const { manifest } = file
  const network = await openNetwork(await readModel(file), options).catch((error: unknown) => {
    if (error instanceof CodedError) throw error
    throw invalidModel(manifest.id, [{ where: 'file', why: `${manifest.file} is no model that can be loaded: ${messageOf(error)}` }])
  })
  try {
    return await readyReader(network, manifest)
  } catch (error) {
    await network.close()
    throw error
  }
}

async function readyReader(network: Network, manifest: ReaderManifest): Promise<Reader> {
  const problems = inputProblems(network.inputs, manifest.input)
  if (problems.length > 0) throw invalidModel(manifest.id, problems)
  const run = network.feed(manifest.input)
  const characters = Array.from(manifest.characters)
  const liveness = new Liveness()
  const read = async (rgb: Uint8Array): Promise<Reading> => {
    const [outputs = []] = await run([rgb])
    const wrong = outputProblems(outputs, manifest, characters.length)
    if (wrong.length > 0) throw invalidModel(manifest.id, wrong)
    const { text, colour } = partsOf(outputs, manifest)
    const [places] = lastDims(text.dims, 2) as [number, number]
    liveness.look(rgb, text.data)
    return { ...spell(text.data, places, characters, manifest.blank), colour: colour && colourOf(colour.data, manifest.colours) }
  }
  const pictures = probes(manifest.input)
  for (const rgb of pictures) {
    await read(rgb).catch((error: unknown) => {
      throw error instanceof CodedError ? error : invalidModel(manifest.id, [{ why: messageOf(error) }])
    })
  }
  if (liveness.still >= pictures.length - 1)
    throw new CodedError('model.dead', `${manifest.id} cannot read: on ${pictures.length} pictures as different as black and noise it says the same`)
  return { ...network, read, still: () => liveness.still }
}

function partsOf(outputs: readonly Output[], { colours }: ReaderManifest): { text: Output; colour: Output | null } {
  const [text, colour] = colours.length === 0 ? [outputs[0]] : outputs.toSorted((a, b) => b.data.length - a.data.length)
  return { text: text as Output, colour: colour ?? null }
}

function outputProblems(outputs: readonly Output[], manifest: ReaderManifest, characters: number): Detail[] {
  const dims = JSON.stringify(outputs.map((output) => output.dims))
  if (outputs.length !== (manifest.colours.length === 0 ? 1 : 2)) return [{ where: 'colours', why: `there are ${manifest.colours.length} colours but the outputs are ${dims}` }]
  const { text, colour } = partsOf(outputs, manifest)
  const width = lastDims(text.dims, 2)?.[1]
  const problems: Detail[] = []
  if (width === undefined) problems.push({ where: 'head', why: `outputs ${dims} are none of head ctc` })
  else if (width !== characters + 1) problems.push({ where: 'characters', why: `the outputs ${dims} tell ${width - 1} characters and the blank apart but there are ${characters}` })
  if (colour && colour.data.length !== manifest.colours.length)
    problems.push({ where: 'colours', why: `the outputs ${dims} tell ${colour.data.length} colours apart but there are ${manifest.colours.length}` })
  return problems
}

function colourOf(values: Float32Array, names: readonly string[]): { name: string; certainty: number } {
  const best = greatest(values)
  return { name: names[best] as string, certainty: shareOf(values, best) }
}
