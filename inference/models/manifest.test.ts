import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkModel } from '../check.ts'
import { openModel } from '../detector.ts'
import { openReader } from '../reader.ts'
import { writeReaderModel } from '../reader-model.fixture.ts'
import { type Spot, writeSpotModel } from '../spot-model.fixture.ts'
import { findModel, findReader, HEAD_NAMES, listModels, ManifestSchema, readManifest } from './manifest.ts'

let root: string
let folder: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wanglou-models-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'm-'))
})

/** Writes the spot model with its manifest changed. */
async function changed(change: (manifest: Record<string, unknown>) => void): Promise<string> {
  const path = await writeSpotModel(folder)
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  change(manifest)
  await writeFile(path, JSON.stringify(manifest))
  return path
}
const open = async (path: string) => await openModel(await readManifest(path), { threads: 1 })

describe('a model that cannot be used is model.invalid and says why', () => {
  it.each<[string, (manifest: Record<string, unknown>) => void, RegExp]>([
    ['an unknown head', (m) => Object.assign(m, { head: 'yolo99' }), /head/],
    ['an unknown field', (m) => Object.assign(m, { treshold: 0.4 }), /treshold/],
    ['no licence', (m) => delete m.licence, /licence/],
    ['a file that is not there', (m) => Object.assign(m, { file: 'none.onnx' }), /none\.onnx is neither beside/],
    ['a file that is another than the manifest means', (m) => Object.assign(m, { sha256: '0'.repeat(64) }), /SHA-256 is [0-9a-f]{64}, the manifest of spot says 0{64}/],
    ['an input of another name', (m) => Object.assign(m.input as object, { name: 'image' }), /no input image but images/],
    ['an input of another size', (m) => Object.assign(m.input as object, { width: 32 }), /input images has the dimensions \[1,3,64,64\], the manifest means \[1,3,64,32\]/],
    ['an input of another layout', (m) => Object.assign(m.input as object, { layout: 'nhwc' }), /the manifest means \[1,64,64,3\]/],
    ['a size input that it has not', (m) => Object.assign(m.input as object, { sizes: [{ name: 'size', as: 'one' }] }), /input.sizes: it has no input size but images/],
    ['a head that its scores are not of', (m) => Object.assign(m, { head: 'detr', labels: [...Array(80).keys()].map(String) }), /read as head detr it gives scores like \d+\.\d+/],
    ['a scale that makes shares of it no more', (m) => Object.assign(m.input as object, { scale: 1 }), /which are no shares of 1/],
    ['no labels, in the manifest or the file', (m) => Object.assign(m, { labels: [] }), /labels/],
    [
      'a reader where a detector is needed',
      (m) => Object.assign(m, { kind: 'reader', head: 'ctc', characters: 'ab', labels: undefined, iou: undefined }),
      /it is a reader, the second stage of a camera/,
    ],
    ['outputs that are of another family', (m) => Object.assign(m, { head: 'yolox' }), /none of head yolox/],
    ['labels that do not fit', (m) => Object.assign(m, { labels: ['a', 'b'] }), /hold 1 classes but there are 2 labels/],
  ])('%s', async (_, change, why) => {
    const path = await changed(change)
    const error: unknown = await open(path).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'model.invalid' })
    expect(String(error)).toMatch(why)
  })

  it('all errors of a manifest at once', async () => {
    const path = await changed((manifest) => Object.assign(manifest, { head: 'yolo99', licence: '', file: 'none.onnx' }))
    await expect(readManifest(path)).rejects.toMatchObject({ details: [{ where: 'licence' }, { where: 'head' }, { where: 'file', why: expect.stringContaining('none.onnx') }] })
  })

  it('a manifest that is not YAML, and a file that is not ONNX', async () => {
    const path = await changed(() => undefined)
    await writeFile(join(folder, 'bad.yaml'), 'id: [')
    await expect(readManifest(join(folder, 'bad.yaml'))).rejects.toMatchObject({ code: 'model.invalid' })
    await writeFile(join(folder, 'bad.onnx'), 'hello')
    await expect(checkModel(join(folder, 'bad.onnx'), { clock: () => 0 })).rejects.toMatchObject({ code: 'model.invalid' })
    expect((await readManifest(path)).manifest.id).toBe('spot')
  })
})

describe('a model takes its picture as it wants it', () => {
  it.each<Spot>([{ takes: 'uint8' }, { takes: 'float16' }, { layout: 'nhwc' }, { takes: 'uint8', layout: 'nhwc', open: true }])('%o', async (spot) => {
    const model = await open(await writeSpotModel(folder, spot))
    const rgb = new Uint8Array(64 * 64 * 3)
    for (let y = 8; y < 16; y++) rgb.fill(255, (y * 64 + 24) * 3, (y * 64 + 32) * 3)
    const [found] = await model.detect([{ rgb, picture: { width: 640, height: 320 }, floor: 0.5 }])
    expect(found).toEqual([{ label: 'spot', score: expect.closeTo(1, 2), box: [3 / 8, 1 / 8, 1 / 8, 1 / 8] }])
    expect(model.batches).toBe(spot.open ?? false)
    await model.close()
  })

  it('and one whose file holds no labels says so', async () => {
    const path = await writeReaderModel(folder)
    const bars = JSON.parse(await readFile(path, 'utf8'))
    const { id, file, sha256, input, licence } = bars
    await writeFile(path, JSON.stringify({ id, file, sha256, input: { ...input, width: 64 }, licence, head: 'yolov8', labels: 'metadata' }))
    await expect(open(path)).rejects.toMatchObject({ details: [{ where: 'input' }, { where: 'labels', why: expect.stringContaining('list them in the manifest') }] })
  })
})

describe('a reader', () => {
  const openBars = async (more: object = {}) => {
    await writeReaderModel(folder, more)
    return await openReader(await findReader('bars', [folder]), { threads: 1 })
  }

  it('reads the text and the colour of a crop', async () => {
    const reader = await openBars()
    const rgb = new Uint8Array(80 * 8 * 3)
    const bar = (place: number, colour: number, value: number) => {
      for (let y = 0; y < 8; y++) for (let x = place * 8; x < place * 8 + 8; x++) rgb[(y * 80 + x) * 3 + colour] = value
    }
    for (const [place, colour, value] of [[1, 0, 255], [2, 0, 200], [4, 0, 255], [5, 1, 120], [9, 2, 255]] as const) bar(place, colour, value) // biome-ignore format: one row
    const { text, certainties, colour } = await reader.read(rgb)
    expect([text, colour?.name]).toEqual(['AABC', 'warm'])
    expect(certainties.map((certainty) => Math.round(certainty * 100) / 100)).toEqual([1, 1, 0.82, 1])
    await reader.close()
  })

  it.each([
    ['other characters', { characters: 'ABCD' }, /characters: the outputs \[\[1,10,4\],\[1,2\]\] tell 3 characters and the blank apart but there are 4/],
    ['other colours', { colours: ['warm', 'cold', 'grey'] }, /colours: .* tell 2 colours apart but there are 3/],
    ['no colours', { colours: [] }, /colours: there are 0 colours but the outputs are/],
    ['a pattern that is none', { pattern: '[' }, /pattern: must be a regular expression/],
  ])('is refused with %s', async (_, more, why) => {
    const error: unknown = await openBars(more).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'model.invalid' })
    expect(String(error)).toMatch(why)
  })

  it('is no detector, nor is a detector a reader', async () => {
    await writeReaderModel(folder)
    await writeSpotModel(folder)
    await expect(findModel('bars', [folder])).rejects.toThrow(/it is a reader/)
    await expect(findReader('spot', [folder])).rejects.toThrow(/it is a detector and reads nothing/)
  })
})

describe('findModel', () => {
  it('takes the first folder that has the id, and the file from any of them', async () => {
    const [mine, shipped] = [join(folder, 'mine'), join(folder, 'shipped')]
    await writeSpotModel(shipped)
    await mkdir(mine)
    await rename(join(shipped, 'spot.onnx'), join(mine, 'spot.onnx'))
    expect((await findModel('spot', [mine, shipped, join(folder, 'none')])).path).toBe(join(mine, 'spot.onnx'))
    await expect(findModel('other', [mine, shipped])).rejects.toMatchObject({ code: 'model.invalid' })
  })

  it('is not kept from a good model by a bad manifest beside it', async () => {
    await writeSpotModel(folder)
    await writeFile(join(folder, 'a-bad.yaml'), 'id: spot')
    expect((await findModel('spot', [folder])).manifest.id).toBe('spot')
    const listed = await listModels([folder])
    expect(listed.map(({ manifest, error }) => [manifest?.id, error === null])).toEqual([
      [undefined, false],
      ['spot', true],
    ])
  })
})

describe('checkModel', () => {
  let ticks = 0
  const clock = () => ticks++

  it('tells of a bare file what a manifest must say', async () => {
    await writeSpotModel(folder)
    expect(await checkModel(join(folder, 'spot.onnx'), { clock })).toMatchObject({
      model: 'spot.onnx',
      heads: ['yolov8'],
      labels: ['spot'],
      inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 64, 64] }],
      outputs: [{ name: 'output0', shape: [1, 5, 84] }],
    })
  })

  it('runs a model with its manifest', async () => {
    expect(await checkModel(await writeSpotModel(folder), { clock })).toMatchObject({ heads: ['yolov8'], loadMs: 1, inferMs: 1 })
  })

  it('refuses one that cannot fire', async () => {
    await expect(checkModel(await writeSpotModel(folder, { gain: 0 }), { clock })).rejects.toMatchObject({ code: 'model.dead' })
  })
})

describe('the page about models', () => {
  it('shows a manifest that is one, and every head', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/seeing.md'), 'utf8')
    const models = page.slice(page.indexOf('## Models'))
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(models) ?? []
    expect(ManifestSchema.parse(parse(example))).toMatchObject({ id: 'my-trucks', kind: 'detector' })
    const heads = [...models.matchAll(/^\| `(\w+)` \|/gm)].map(([, head]) => head)
    expect(heads.toSorted()).toEqual(HEAD_NAMES.toSorted())
  })
})
