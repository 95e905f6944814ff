import { HEADS, type Head, noShare, type Output } from '../heads/head.ts'
import { lastDims } from '../heads/shape.ts'
import type { TensorShape } from '../onnx.ts'
import { HEAD_NAMES, type HeadName, type Manifest, ManifestSchema, type ModelInput, type SizeInput } from './manifest.ts'
import { metadataLabels } from './metadata.ts'

/** What is known of an ONNX file that came without a manifest. */
export interface Bare {
  /** Name of the file. */
  file: string
  sha256: string
  inputs: readonly TensorShape[]
  metadata: ReadonlyMap<string, string>
}

/** Where the file leaves the size open. */
const USUAL_SIZE = 640

/** How the families' own programs feed their models; whoever trained otherwise says so in the manifest. */
const FEEDS: Record<HeadName, Pick<ModelInput, 'colour' | 'fit'> & Partial<ModelInput>> = {
  yolov8: { colour: 'rgb', scale: 1 / 255, fit: 'letterbox' },
  yolov5: { colour: 'rgb', scale: 1 / 255, fit: 'letterbox' },
  end2end: { colour: 'rgb', scale: 1 / 255, fit: 'letterbox' },
  detr: { colour: 'rgb', scale: 1 / 255, fit: 'stretch' },
  yolox: { colour: 'bgr', fit: 'pad' },
  fastestdet: { colour: 'bgr', scale: 1 / 255, fit: 'stretch' },
  nanodet: { colour: 'bgr', mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395], fit: 'stretch' },
}

/** The input of a file as far as the file tells; undefined when none of its inputs takes a picture. */
export function proposeInput({ inputs, metadata }: Bare): Pick<ModelInput, 'name' | 'width' | 'height' | 'layout' | 'sizes'> | undefined {
  const picture = inputs.find(({ shape }) => shape.length === 4)
  if (!picture) return undefined
  const layout = picture.shape[3] === 3 && picture.shape[1] !== 3 ? 'nhwc' : 'nchw'
  const [down, across] = layout === 'nchw' ? [2, 3] : [1, 2]
  const [height = USUAL_SIZE, width = height] = [...(metadata.get('imgsz') ?? '').matchAll(/\d+/g)].map(([size]) => Number(size))
  const given = (dim: number | string | undefined, usual: number) => (typeof dim === 'number' && dim > 0 ? dim : usual)
  const sizes = inputs.filter(({ name }) => name !== picture.name).map(({ name }) => ({ name, as: sizeOf(name) }))
  return { name: picture.name, width: given(picture.shape[across], width), height: given(picture.shape[down], height), layout, sizes }
}

function sizeOf(name: string): SizeInput {
  if (/scale/i.test(name)) return 'one'
  return /im_?shape/i.test(name) ? 'height-width' : 'width-height'
}

/** The heads that these outputs of the file would fit, the likeliest first. */
export function fittingHeads(outputs: readonly Output[], input: ModelInput): HeadName[] {
  const dims = outputs.map((output) => output.dims)
  const fitting = HEAD_NAMES.filter((name) => HEADS[name].classes(dims, input) !== undefined && noShare(HEADS[name].scores(outputs, input, 0)) === undefined)
  // Boxes that are finished have no width below zero, logarithms of boxes do.
  return fitting.includes('yolox') && !anyNegativeWidth(outputs[0] as Output) ? fitting.filter((name) => name !== 'yolox') : fitting
}

function anyNegativeWidth({ data, dims }: Output): boolean {
  const [rows = 0, width = 0] = lastDims(dims, 2) ?? []
  for (let row = 0; row < rows; row++) if ((data[row * width + 2] as number) < 0) return true
  return false
}

/** A manifest with which the file can be tried; `open` names the fields that only a person can fill in. */
export function proposeManifest(bare: Bare, head: HeadName, outputs: readonly Output[]): { manifest: Manifest; open: string[] } | undefined {
  const shape = proposeInput(bare)
  if (!shape) return undefined
  const named = metadataLabels(bare.metadata)
  const licence = bare.metadata.get('license')
  const manifest = ManifestSchema.parse({
    id:
      bare.file
        .replace(/\.onnx$/i, '')
        .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
        .replaceAll(/^[^A-Za-z0-9]+|\.+(?=\.)/g, '')
        .slice(0, 64) || 'model',
    title: bare.metadata.get('description')?.slice(0, 200) ?? '',
    file: bare.file,
    sha256: bare.sha256,
    input: { ...shape, ...FEEDS[head] },
    head,
    labels: named ? 'metadata' : numbered(HEADS[head], outputs, shape),
    licence: licence ?? 'unknown',
  })
  return { manifest, open: [...(named ? [] : ['labels']), ...(licence ? [] : ['licence'])] }
}

/** Classes that have no names yet; where the outputs do not tell how many there are, those that came up. */
function numbered(head: Head, outputs: readonly Output[], input: { width: number; height: number }): string[] {
  const told = head.classes(
    outputs.map(({ dims }) => dims),
    input,
  )
  const count = typeof told === 'number' ? told : Math.max(...head.scores(outputs, input, 0).classes) + 1
  return Array.from({ length: Math.max(1, count) }, (_, index) => `class_${index}`)
}
