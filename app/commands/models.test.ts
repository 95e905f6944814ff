import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ManifestSchema } from '../../inference/models/manifest.ts'
import { writeReaderModel } from '../../inference/reader-model.fixture.ts'
import { writeSpotModel } from '../../inference/spot-model.fixture.ts'

const CLI = join(import.meta.dirname, '../cli.ts')
let folder: string
let picture: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanglou-cli-models-'))
  await writeSpotModel(folder)
  await writeReaderModel(folder)
  await writeSpotModel(folder, { id: 'dead', gain: 0 })
  await writeFile(join(folder, 'broken.yaml'), 'id: broken\nkind: detector\n')
  await writeFile(join(folder, 'text.onnx'), 'hello')
  picture = join(folder, 'spot.png')
  const white = await sharp({ create: { width: 80, height: 80, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  await sharp({ create: { width: 640, height: 640, channels: 3, background: '#000' } })
    .composite([{ input: white, left: 160, top: 480 }])
    .png()
    .toFile(picture)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function models(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'models', ...args], (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }))
  })
}

describe('wanglou models', () => {
  it('lists manifests, and all that is wrong with one', async () => {
    const { code, out } = await models('list', folder)
    expect(code).toBe(0)
    expect(out).toMatch(/^spot +detector yolov8 +64×64/m)
    expect(out).toMatch(/^bars +reader +ctc +80×8/m)
    expect(out).toMatch(/broken\.yaml\n.*file: .*; sha256: .*; input: .*; licence: .*; head: .*; labels: /)
    const json = (await models('list', folder, '--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(json.find(({ manifest }) => manifest?.id === 'spot')).toMatchObject({ error: null })
  })

  it('checks a model with its manifest, goes on after a picture that cannot be read, and then ends with 1', async () => {
    const { code, out } = await models('check', join(folder, 'spot.yaml'), join(folder, 'text.onnx'), picture)
    expect(code).toBe(1)
    expect(out).toMatch(/^head +yolov8$/m)
    expect(out).toMatch(/text\.onnx: not a readable picture/)
    expect(out).toMatch(/spot\.png \(640 × 640\)\n {2}0\.\d{3} spot +160 480 240 560$/m)
    const json = JSON.parse((await models('check', join(folder, 'spot.yaml'), picture, '--json')).out)
    expect(json).toMatchObject({ heads: ['yolov8'], device: 'cpu', pictures: [{ detections: [{ label: 'spot', box: [0.25, 0.75, 0.125, 0.125] }] }] })
  })

  it('writes a manifest for a bare file with which the file is a model', async () => {
    const { code, out } = await models('check', join(folder, 'spot.onnx'), picture)
    expect(code).toBe(0)
    expect(out).toContain('# To be filled in: licence.')
    const manifest = out.slice(out.indexOf('# It has no manifest'))
    expect(ManifestSchema.parse(parse(manifest))).toMatchObject({ id: 'spot', head: 'yolov8', labels: 'metadata', input: { name: 'images', width: 64 } })
    await writeFile(join(folder, 'spot.yaml'), manifest)
    expect((await models('check', join(folder, 'spot.yaml'), picture)).out).toMatch(/0\.\d{3} spot/)
    expect(await readFile(join(folder, 'spot.yaml'), 'utf8')).toBe(manifest)
  })

  it.each([
    ['dead.yaml', 'model.dead: dead cannot fire'],
    ['text.onnx', 'model.invalid: text.onnx: it is no model that can be loaded'],
    ['none.yaml', 'model.invalid'],
    ['bars.onnx', 'a reader of texts needs a manifest'],
  ])('refuses %s', async (file, why) => {
    const { code, out, err } = await models('check', join(folder, file))
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(why)
    expect(err).not.toMatch(/\n {4}at /)
  })
})
