import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overlap } from '../domain/box.ts'
import type { Box } from '../domain/observation.ts'
import { checkModel } from './check.ts'
import { type Detection, type Model, openModel } from './detector.ts'
import { HEADS, type Output } from './heads/head.ts'
import { SLOW, type SlowBox, slowPlace, slowSuppress } from './heads/slow.fixture.ts'
import type { Size } from './letterbox.ts'
import { ManifestSchema, type ModelFile, readManifest } from './models/manifest.ts'
import { openNetwork } from './onnx.ts'
import { type Picture, readPicture } from './picture.ts'
import { Session } from './session.ts'
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

const MANIFESTS = join(import.meta.dirname, 'models')
const FOLDERS = [join(MATERIAL, 'models')]
const NAMES = { yolox_nano: 'yolox-nano', yolov8n_int8: 'yolov8n-int8', nanodet_m_320: 'nanodet-m-320', FastestDet: 'fastestdet' } as const
const open = async (id: string) => {
  const file = await readManifest(join(MANIFESTS, `${id}.yaml`), FOLDERS)
  return { file, model: await openModel(file, { threads: 2 }) }
}

describe.skipIf(!here)('boxes equal the reference (needs ../shared/material)', () => {
  const models = new Map<string, { file: ModelFile; model: Model }>()
  beforeAll(async () => {
    for (const [name, id] of Object.entries(NAMES)) models.set(name, await open(id))
  })
  afterAll(async () => {
    for (const { model } of models.values()) await model.close()
  })

  const cases = [
    ...references.map((reference) => ({ ...reference, through: 'sharp', read: throughSharp })),
    ...of('yolox_nano').map((reference) => ({ ...reference, through: 'ffmpeg', read: throughFfmpeg })),
  ]
  it.each(cases)('$model on $image through $through', async ({ read, ...reference }) => {
    const { file, model } = models.get(reference.model) as { file: ModelFile; model: Model }
    const { rgb, size } = await read(file, join(MATERIAL, 'images', reference.image))
    const [found = []] = await model.detect([{ rgb, picture: size, floor: reference.threshold - 0.1 }])
    expectEqual(found, reference, size)
  })
})

/** The plain decoder of each public model, on the outputs that the model gives. */
const PLAIN: Record<string, (outputs: Output[], input: Size) => SlowBox[]> = {
  'yolox-nano': SLOW.yolox,
  'yolov8n-int8': SLOW.yolov8,
  'nanodet-m-320': (outputs, input) => SLOW.nanodet(outputs, input, 80),
  fastestdet: SLOW.fastestdet,
  'deimv2-atto-int8': ([labels, boxes, scores]) => SLOW.detr(labels as Output, boxes as Output, scores as Output),
}

describe.skipIf(!here)('letterbox, decoder and suppression equal plain ones on the same pixels (needs ../shared/material)', () => {
  it.each(Object.keys(PLAIN))('%s', async (id) => {
    const { file, model } = await open(id)
    const { input, head, iou } = file.manifest
    const network = await openNetwork(readFileSync(file.path), { threads: 2 })
    const run = network.feed(input)
    let boxes = 0
    for (const name of ['bus.jpg', 'dog.jpg', 'udacity_test1.jpg', 'road_SB__114.jpg']) {
      const { rgb, size } = await throughSharp(file, join(MATERIAL, 'images', name))
      const [outputs = []] = await run([rgb])
      const plain = (PLAIN[id] as (typeof PLAIN)[string])(outputs, input).filter(({ score }) => score >= 0.1)
      const expected = HEADS[head].overlapping ? slowSuppress(plain, iou) : plain.toSorted((a, b) => b.score - a.score)
      const [found = []] = await model.detect([{ rgb, picture: size, floor: 0.1 }])
      const placed = expected
        .map((box) => ({ ...box, corners: slowPlace(box, input.fit, size, input) }))
        .filter(({ corners: [x1, y1, x2, y2] }) => x2 - x1 > size.width / 1e4 && y2 - y1 > size.height / 1e4)
      expect(found).toHaveLength(placed.length)
      for (const [index, { corners, score, cls }] of placed.entries()) {
        const { box, ...other } = found[index] as Detection
        expect(other.label).toBe(model.labels[cls])
        expect(Math.abs(other.score - score)).toBeLessThanOrEqual(0.01)
        const pixels = [box[0] * size.width, box[1] * size.height, (box[0] + box[2]) * size.width, (box[1] + box[3]) * size.height]
        for (const [side, value] of pixels.entries()) expect(Math.abs(value - (corners[side] as number))).toBeLessThanOrEqual(1)
        boxes++
      }
    }
    expect(boxes).toBeGreaterThan(10)
    await network.close()
    await model.close()
  })
})

describe.skipIf(!here)('checkModel (needs ../shared/material)', () => {
  const pictures = ['bus.jpg', 'dog.jpg'].map((name) => join(MATERIAL, 'images', name))
  const file = (name: string) => join(MATERIAL, 'models', name)

  it('tells what a working model sees and how fast', async () => {
    const check = await checkModel(join(MANIFESTS, 'yolox-nano.yaml'), { pictures, folders: FOLDERS, clock })
    expect(check.heads).toEqual(['yolox'])
    expect(check.pictures).toMatchObject([{ size: { width: 810, height: 1080 }, detections: [{ label: 'bus' }, {}, {}, {}] }, { detections: [{ label: 'dog' }, {}, {}, {}] }])
    expect(check.inferMs).toBeGreaterThan(0)
  })

  it.each([
    ['yolox_nano.onnx', 'yolox', { name: 'images', width: 416, height: 416, colour: 'bgr', fit: 'pad' }, ['labels', 'licence']],
    ['yolov8n_int8.onnx', 'yolov8', { name: 'images', width: 640, height: 640, colour: 'rgb', fit: 'letterbox' }, []],
    ['nanodet_m_320.onnx', 'nanodet', { name: 'image', width: 320, height: 320, colour: 'bgr', mean: [103.53, 116.28, 123.675] }, ['labels', 'licence']],
    ['FastestDet.onnx', 'fastestdet', { name: 'input.1', width: 352, height: 352, colour: 'bgr', fit: 'stretch' }, ['labels', 'licence']],
    ['deimv2_atto_coco_int8.onnx', 'detr', { name: 'images', width: 320, height: 320, sizes: [{ name: 'orig_target_sizes', as: 'width-height' }] }, ['labels', 'licence']],
  ])('proposes a manifest for %s, with which it finds the bus', async (name, head, input, open) => {
    const { proposal, heads, pictures: seen } = await checkModel(file(name), { pictures: pictures.slice(0, 1), clock })
    expect(heads[0]).toBe(head)
    expect(proposal).toMatchObject({ manifest: { file: name, head, input }, open })
    expect(ManifestSchema.parse(proposal?.manifest)).toEqual(proposal?.manifest)
    const [bus] = seen as { size: Size; detections: Detection[] }[]
    // The weakest of them sees only persons there.
    const wanted = name.startsWith('deimv2') ? /class_0/ : /^bus$|^class_5$/
    expect(bus?.detections.some(({ label, score }) => wanted.test(label) && score > 0.35)).toBe(true)
  })

  it('refuses a really dead model, with and without a manifest', async () => {
    await expect(checkModel(file('road_anomaly_int8.onnx'), { clock })).rejects.toMatchObject({ code: 'model.dead' })
    const folder = await mkdtemp(join(tmpdir(), 'wanglou-dead-'))
    const input = { width: 640, height: 640, name: 'images', colour: 'rgb', scale: 1 / 255, fit: 'letterbox' }
    const sha256 = createHash('sha256')
      .update(readFileSync(file('road_anomaly_int8.onnx')))
      .digest('hex')
    await writeFile(
      join(folder, 'road.yaml'),
      JSON.stringify({ id: 'road', file: 'road_anomaly_int8.onnx', sha256, input, head: 'yolov8', labels: 'metadata', licence: 'AGPL-3.0' }),
    )
    const road = await readManifest(join(folder, 'road.yaml'), FOLDERS)
    const session = new Session({ file: road, threads: 1 })
    await expect(session.infer(new Uint8Array(640 * 640 * 3), input, 0.1)).rejects.toMatchObject({ code: 'model.dead' })
    await session.close()
    await rm(folder, { recursive: true })
  })
})
