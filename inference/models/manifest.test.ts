import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkModel } from '../check.ts'
import { openModel } from '../detector.ts'
import { writeSpotModel } from '../spot-model.fixture.ts'
import { findModel, listModels, readManifest } from './manifest.ts'

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
    ['an input of another size', (m) => Object.assign(m.input as object, { width: 32 }), /spot: .*dimension/i],
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
