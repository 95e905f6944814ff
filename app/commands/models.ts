import { join } from 'node:path'
import { stringify } from 'yaml'
import { checkModel, type ModelCheck, type PictureCheck } from '../../inference/check.ts'
import { listModels, type Manifest, type ModelListing } from '../../inference/models/manifest.ts'
import type { Device } from '../../inference/onnx.ts'

/** The manifests that come with the product. */
export const MODELS_DIR = join(import.meta.dirname, '../../inference/models')

export async function commandModelsList(dir: string | undefined, { json }: { json?: boolean } = {}): Promise<number> {
  const listings = await listModels(dir === undefined ? [MODELS_DIR] : [dir, MODELS_DIR])
  const lines = json ? listings.map((listing) => JSON.stringify(listing)) : listings.map(listingLine)
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  return 0
}

function listingLine({ path, manifest, error }: ModelListing): string {
  if (!manifest) return `${path}\n  ${error}`
  const { id, kind, head, input, title, licence } = manifest
  return `${id.padEnd(24)} ${kind.padEnd(8)} ${head.padEnd(10)} ${`${input.width}×${input.height}`.padEnd(9)} ${title} (${licence})${error === null ? '' : `\n  ${error}`}`
}

export interface CheckArguments {
  json?: boolean
  /** A further folder in which the model's file may lie. */
  folder?: string
  threads?: number
  device?: Device
}

/** Ends with 1 when a picture could not be read. */
export async function commandModelsCheck(file: string, pictures: readonly string[], { json, folder, threads, device }: CheckArguments): Promise<number> {
  const folders = [...(folder === undefined ? [] : [folder]), MODELS_DIR]
  const check = await checkModel(file, { pictures, folders, clock: () => performance.now(), ...(threads && { threads }), ...(device && { device }) })
  process.stdout.write(json ? `${JSON.stringify(check)}\n` : `${report(check).join('\n')}\n`)
  return check.pictures.some((picture) => 'error' in picture) ? 1 : 0
}

function report({ model, sha256, inputs, outputs, heads, labels, device, fallback, batches, loadMs, inferMs, pictures, proposal }: ModelCheck): string[] {
  const tensors = (what: string, list: ModelCheck['inputs']) => list.map(({ name, type, shape }) => `${what.padEnd(9)} ${name} ${type} [${shape.join(', ')}]`)
  return [
    model,
    `SHA-256   ${sha256}`,
    ...tensors('input', inputs),
    ...tensors('output', outputs),
    `head      ${heads[0]}${heads.length > 1 ? ` (its outputs would fit ${heads.slice(1).join(', ')} too)` : ''}`,
    `labels    ${labels.length}: ${labels.slice(0, 12).join(', ')}${labels.length > 12 ? ' …' : ''}`,
    `runs on   ${device}${batches ? ', several pictures at once' : ''}; loaded in ${loadMs.toFixed(0)} ms, one picture in ${inferMs.toFixed(1)} ms`,
    ...(fallback === null ? [] : [`attention ${fallback}`]),
    ...pictures.flatMap(pictureLines),
    ...(proposal ? ['', ...proposalLines(proposal)] : []),
  ]
}

function pictureLines(picture: PictureCheck): string[] {
  if ('error' in picture) return [`${picture.path}: ${picture.error}`]
  const { path, size } = picture
  const head = `${path} (${size.width} × ${size.height})`
  if ('reading' in picture) {
    const { text, certainties, colour } = picture.reading
    const least = certainties.length === 0 ? 0 : Math.min(...certainties)
    return [head, `  ${text || 'nothing'}, certain to ${least.toFixed(2)}${colour ? `; ${colour.name} ${colour.certainty.toFixed(2)}` : ''}`]
  }
  const boxes = picture.detections.map(({ label, score, box: [x, y, w, h] }) => {
    const corners = [x * size.width, y * size.height, (x + w) * size.width, (y + h) * size.height].map(Math.round)
    return `  ${score.toFixed(3)} ${label.padEnd(20)} ${corners.join(' ')}`
  })
  return [head, ...(boxes.length === 0 ? ['  nothing'] : boxes)]
}

/** A manifest as a file that a person can go on with. */
function proposalLines({ manifest, open }: { manifest: Manifest; open: string[] }): string[] {
  const { title, source, training, ...rest } = manifest
  const document = { ...rest, ...(title && { title }), ...(source && { source }), ...(training && { training }) }
  return [
    '# It has no manifest. This one was used; put it beside the file, look it over, and it is a model of the platform.',
    ...(open.length === 0 ? [] : [`# To be filled in: ${open.join(', ')}.`]),
    '# How the picture is fed (colour, scale, mean, std, fit) is what is usual for this head: the file does not tell.',
    stringify(document, { lineWidth: 0 }).trimEnd(),
  ]
}
