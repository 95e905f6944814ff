import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Model, openModel } from '../detector.ts'
import { readManifest } from '../models/manifest.ts'
import { readPicture } from '../picture.ts'
import { averagePrecision, type Judged, meanPrecision, type Precision } from './average-precision.ts'
import { carsInVideo, coverStates, manholes, rendered, type Sample, sameAsPublic, trashbags } from './collections.ts'
import { LABELS } from './labels.ts'

/** What the model is worth on one collection of pictures. */
export interface Worth {
  collection: string
  pictures: number
  map50: number | null
  labels: Precision[]
}

/** Boxes weaker than this change no average any more. */
const FLOOR = 0.02

/** Looks at every sample with the model and compares with its truth. Throws `model.invalid`, `source.failed`. */
export async function worthOf(collection: string, samples: readonly Sample[], path: string): Promise<Worth> {
  const { judged, score } = await judge(samples, path)
  const present = LABELS.filter((label) => samples.some(({ truths }) => truths.some((truth) => truth.label === label)))
  const labels = present.map((label) => averagePrecision(judged, label, score))
  return { collection, pictures: samples.length, map50: meanPrecision(labels), labels }
}

/** What the model of a manifest finds in each sample, and the score from which it means it. Throws `model.invalid`, `source.failed`. */
export async function judge(samples: readonly Sample[], path: string): Promise<{ judged: Judged[]; score: number }> {
  const file = await readManifest(path)
  const model = await openModel(file, { threads: 1 })
  try {
    const judged: Judged[] = []
    for (const { picture, truths } of samples) judged.push({ truths, found: await look(model, picture, file.manifest.input) })
    return { judged, score: file.manifest.score }
  } finally {
    await model.close()
  }
}

async function look(model: Model, picture: string, input: Parameters<typeof readPicture>[1]): Promise<Judged['found']> {
  const { rgb, size } = await readPicture(await readFile(picture), input)
  const [found = []] = await model.detect([{ rgb, picture: size, floor: FLOOR }])
  return found
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { model: { type: 'string' }, rendered: { type: 'string' }, material: { type: 'string' } } })
  const { model, rendered: folder, material } = values
  if (model === undefined) throw new Error('usage: node inference/training/evaluate.ts --model MANIFEST [--rendered DIR] [--material DIR]')
  if (folder !== undefined) print(await worthOf('rendered, held out', await rendered(folder), model))
  if (material === undefined) return
  print(await worthOf('manhole_open_closed', await manholes(material), model))
  print(await worthOf('trashbags_woosong', await trashbags(material), model))
  print(await worthOf('street pictures, against the boxes of a public model', await sameAsPublic(material), model))
  console.log(JSON.stringify(await coverStates(material, model), null, 1))
  console.log(JSON.stringify(await carsInVideo(material, model), null, 1))
}

function print({ collection, pictures, map50, labels }: Worth): void {
  const share = (value: number | null) => (value === null ? '–' : value.toFixed(3))
  console.log(`\n### ${collection}: ${pictures} pictures, mAP50 ${share(map50)}\n\n| label | things | AP50 | precision | recall |\n|---|---|---|---|---|`)
  for (const { label, truths, ap50, precision, recall } of labels) console.log(`| ${label} | ${truths} | ${share(ap50)} | ${share(precision)} | ${share(recall)} |`)
}

if (import.meta.main) await main()
