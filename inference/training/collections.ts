import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Box } from '../../domain/observation.ts'
import { openModel } from '../detector.ts'
import { readManifest } from '../models/manifest.ts'
import { readPicture } from '../picture.ts'
import { openSource } from '../sources/source.ts'
import type { Truth } from './average-precision.ts'
import { LABELS } from './labels.ts'

/** A picture file and what is in it. */
export interface Sample {
  picture: string
  truths: Truth[]
}

type Row = [cls: number, x: number, y: number, w: number, h: number, faint: number]

/** A folder that render.ts has written. */
export async function rendered(folder: string): Promise<Sample[]> {
  const lists = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort()
  const lines = (await Promise.all(lists.map((name) => readFile(join(folder, name), 'utf8')))).flatMap((text) => text.trim().split('\n'))
  return lines.map((line) => {
    const { file, boxes } = JSON.parse(line) as { file: string; boxes: Row[] }
    return { picture: join(folder, file), truths: boxes.map(([cls, x, y, w, h, faint]) => ({ label: LABELS[cls] as string, box: [x, y, w, h], faint: faint === 1 })) }
  })
}

const MANHOLE: Record<string, string> = { 'Manhole-Open': 'cover-open', 'Manhole-Closed': 'cover-closed', car: 'car', human: 'person' }

/** Photographs with boxes of open and closed covers, each once. */
export async function manholes(material: string): Promise<Sample[]> {
  const folder = join(material, 'datasets/manhole_open_closed')
  const { images } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as {
    images: { file: string; w: number; h: number; duplicate_of: string | null; objects: { cls: string; box: [number, number, number, number] }[] }[]
  }
  return images
    .filter(({ duplicate_of }) => duplicate_of === null)
    .map(({ file, w, h, objects }) => ({
      picture: join(folder, file),
      truths: objects.flatMap(({ cls, box: [x1, y1, x2, y2] }) => {
        const label = MANHOLE[cls]
        return label === undefined ? [] : [{ label, box: [x1 / w, y1 / h, (x2 - x1) / w, (y2 - y1) / h] as Box, faint: false }]
      }),
    }))
}

/** Photographs of rubbish bags, CC BY 4.0; outlines become boxes. */
export async function trashbags(material: string): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const part of ['valid', 'test']) {
    const folder = join(material, 'datasets/trashbags_woosong', part)
    for (const name of (await readdir(join(folder, 'images'))).sort()) {
      const text = await readFile(join(folder, 'labels', name.replace(/\.[^.]+$/, '.txt')), 'utf8')
      const truths = text
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line): Truth => ({ label: 'garbage', box: hull(line.trim().split(/\s+/).slice(1).map(Number)), faint: false }))
      samples.push({ picture: join(folder, 'images', name), truths })
    }
  }
  return samples
}

/** Box around an outline x y x y …; four numbers are a box by its centre already. */
function hull(numbers: readonly number[]): Box {
  if (numbers.length === 4) {
    const [x, y, w, h] = numbers as [number, number, number, number]
    return [x - w / 2, y - h / 2, w, h]
  }
  const xs = numbers.filter((_, i) => i % 2 === 0)
  const ys = numbers.filter((_, i) => i % 2 === 1)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top]
}

const PUBLIC: Record<string, string> = { person: 'person', car: 'car', bus: 'bus', truck: 'truck', bicycle: 'two-wheeler', motorcycle: 'two-wheeler' }

/** Street pictures, with what a public model of 80 classes finds in them as if it were the truth. */
export async function sameAsPublic(material: string): Promise<Sample[]> {
  const { results } = JSON.parse(await readFile(join(material, 'expected/detections.json'), 'utf8')) as {
    results: { model: string; image: string; detections: { cls: string; score: number; box: [number, number, number, number] }[] }[]
  }
  const samples: Sample[] = []
  for (const { image, detections } of results.filter(({ model }) => model === 'yolov8n_int8')) {
    const picture = join(material, 'images', image)
    const { width, height } = (await readPicture(await readFile(picture), { width: 32, height: 32, fit: 'stretch', padValue: 0 })).size
    const truths = detections.flatMap(({ cls, score, box: [x1, y1, x2, y2] }) => {
      const label = PUBLIC[cls]
      return label === undefined ? [] : [{ label, box: [x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height] as Box, faint: score < 0.5 }]
    })
    samples.push({ picture, truths })
  }
  return samples
}

/** Chinese covers with one word for each picture: what the strongest box about a cover says of them. */
export async function coverStates(material: string, path: string): Promise<Record<string, Record<string, number>>> {
  const folder = join(material, 'datasets/manhole_state_cn')
  const { images } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as { images: { file: string; label: string }[] }
  const file = await readManifest(path)
  const model = await openModel(file, { threads: 1 })
  const counts: Record<string, Record<string, number>> = {}
  for (const { file: name, label } of images) {
    const { rgb, size } = await readPicture(await readFile(join(folder, name)), file.manifest.input)
    const said = (await model.detect([{ rgb, picture: size, floor: file.manifest.score }]))[0]?.find((each) => each.label.startsWith('cover-'))?.label ?? 'nothing'
    const row = counts[label] ?? {}
    counts[label] = { ...row, [said]: (row[said] ?? 0) + 1 }
  }
  await model.close()
  return counts
}

/** A video of single cars on an empty lot, one look a second: how many looks showed what. */
export async function carsInVideo(material: string, path: string): Promise<Record<string, number>> {
  const file = await readManifest(path)
  const model = await openModel(file, { threads: 1 })
  const counts: Record<string, number> = { looks: 0 }
  const source = { type: 'file', path: join(material, 'video/car-detection.mp4'), loop: false, realtime: false } as const
  for await (const { rgb, picture } of openSource(source, { fps: 1, input: file.manifest.input, now: () => 0 }, new AbortController().signal)) {
    counts.looks = (counts.looks ?? 0) + 1
    const labels = new Set((await model.detect([{ rgb, picture, floor: file.manifest.score }]))[0]?.map(({ label }) => label))
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  }
  await model.close()
  return counts
}
