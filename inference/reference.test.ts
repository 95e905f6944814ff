import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overlap } from '../domain/box.ts'
import type { Box } from '../domain/observation.ts'
import { checkModel } from './check.ts'
import { type ModelFile, readManifest } from './models/manifest.ts'
import { type Detection, type Model, openModel } from './onnx.ts'
import { type Picture, readPicture } from './picture.ts'
import { fileFrames } from './sources/ffmpeg.ts'

const MATERIAL = resolve(import.meta.dirname, '../../shared/material')
const here = existsSync(join(MATERIAL, 'models'))

interface Reference {
  model: string
  image: string
  threshold: number
  detections: { cls: string; score: number; box: [number, number, number, number] }[]
}
const references: Reference[] = here ? JSON.parse(readFileSync(join(MATERIAL, 'expected/detections.json'), 'utf8')).results : []
const of = (model: string) => references.filter((reference) => reference.model === model)

const YOLOV8 = { width: 640, height: 640, name: 'images', colour: 'rgb', scale: 1 / 255, fit: 'letterbox' }
const clock = () => performance.now()

async function throughSharp(file: ModelFile, path: string): Promise<Picture> {
  return await readPicture(readFileSync(path), file.manifest.input)
}

async function throughFfmpeg(file: ModelFile, path: string): Promise<Picture> {
  const needs = { fps: 1, now: () => 0, input: file.manifest.input }
  const frames = fileFrames({ type: 'file', path, loop: false, realtime: false }, needs, AbortSignal.timeout(20_000))
  const { value: frame } = await frames.next()
  await frames.return()
  if (!frame) throw new Error(`no frame of ${path}`)
  return { rgb: frame.rgb, size: frame.picture }
}

/** Every reference box has its own box here, and no strong box is without a reference. */
function expectEqual(found: readonly Detection[], { detections, threshold }: Reference, { width, height }: { width: number; height: number }): void {
  const rest = new Set(found)
  for (const { cls, score, box } of detections) {
    const [x1, x2] = [box[0], box[2]].map((x) => Math.min(width, Math.max(0, x)) / width) as [number, number]
    const [y1, y2] = [box[1], box[3]].map((y) => Math.min(height, Math.max(0, y)) / height) as [number, number]
    const expected: Box = [x1, y1, x2 - x1, y2 - y1]
    const match = [...rest].filter(({ label }) => label === cls).sort((a, b) => overlap(b.box, expected) - overlap(a.box, expected))[0]
    expect(match && overlap(match.box, expected), `overlap of ${cls} ${score}`).toBeGreaterThanOrEqual(0.8)
    expect(Math.abs((match?.score ?? 0) - score), `score of ${cls} ${score}`).toBeLessThanOrEqual(0.1)
    if (match) rest.delete(match)
  }
  expect([...rest].filter(({ score }) => score > threshold + 0.1)).toEqual([])
}

describe.skipIf(!here)('boxes equal the reference (needs ../shared/material)', () => {
  let folder: string
  const models = new Map<string, { file: ModelFile; model: Model }>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wanglou-reference-'))
    const { sha256 } = await checkModel(join(MATERIAL, 'models/yolov8n_int8.onnx'), { clock })
    await writeFile(
      join(folder, 'v8.yaml'),
      JSON.stringify({ id: 'v8', file: 'yolov8n_int8.onnx', sha256, input: YOLOV8, head: 'yolov8', labels: 'metadata', licence: 'AGPL-3.0' }),
    )
    for (const [name, path] of [
      ['yolox_nano', join(import.meta.dirname, 'models/yolox-nano.yaml')],
      ['yolov8n_int8', join(folder, 'v8.yaml')],
    ] as const) {
      const file = await readManifest(path, [join(MATERIAL, 'models')])
      models.set(name, { file, model: await openModel(file, 2) })
    }
  })
  afterAll(async () => {
    for (const { model } of models.values()) await model.close()
    await rm(folder, { recursive: true, force: true })
  })

  const cases = [
    ...of('yolox_nano').map((reference) => ({ ...reference, through: 'sharp', read: throughSharp })),
    ...of('yolox_nano').map((reference) => ({ ...reference, through: 'ffmpeg', read: throughFfmpeg })),
    ...of('yolov8n_int8').map((reference) => ({ ...reference, through: 'sharp', read: throughSharp })),
  ]
  it.each(cases)('$model on $image through $through', async ({ read, ...reference }) => {
    const { file, model } = models.get(reference.model) as { file: ModelFile; model: Model }
    const { rgb, size } = await read(file, join(MATERIAL, 'images', reference.image))
    expectEqual(await model.detect(rgb, size, reference.threshold - 0.1), reference, size)
  })
})

describe.skipIf(!here)('checkModel (needs ../shared/material)', () => {
  const pictures = ['bus.jpg', 'dog.jpg'].map((name) => join(MATERIAL, 'images', name))

  it('tells what a working model sees and how fast', async () => {
    const check = await checkModel(join(import.meta.dirname, 'models/yolox-nano.yaml'), { pictures, folders: [join(MATERIAL, 'models')], clock })
    expect(check.heads).toEqual(['yolox'])
    expect(check.pictures.map(({ detections }) => detections[0]?.label)).toEqual(['bus', 'dog'])
    expect(check.inferMs).toBeGreaterThan(0)
  })

  it('refuses a really dead model', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wanglou-dead-'))
    const bare = await checkModel(join(MATERIAL, 'models/road_anomaly_int8.onnx'), { clock })
    expect(bare).toMatchObject({ heads: ['yolov8'], inputs: [{ name: 'images', shape: [1, 3, 640, 640] }] })
    const manifest = { id: 'road', file: 'road_anomaly_int8.onnx', sha256: bare.sha256, input: YOLOV8, head: 'yolov8', labels: 'metadata', licence: 'AGPL-3.0' }
    await writeFile(join(folder, 'road.yaml'), JSON.stringify(manifest))
    const options = { pictures, folders: [join(MATERIAL, 'models')], clock }
    await expect(checkModel(join(folder, 'road.yaml'), options)).rejects.toMatchObject({ code: 'model.dead' })
    await rm(folder, { recursive: true })
  })
})
