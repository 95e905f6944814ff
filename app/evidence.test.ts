import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { unzip } from '../alerts/evidence/zip.ts'
import type { AlertDetail, Evidence } from '../domain/alert.ts'
import type { PictureZone } from '../domain/camera.ts'
import type { Box, SceneObject } from '../domain/observation.ts'
import { formatInstant, HOUR, MINUTE, SECOND } from '../domain/time.ts'
import { findFfmpeg } from '../drivers/ffmpeg.ts'
import { openAccess } from '../store/access/access.ts'
import { dataPaths } from './paths.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** A bus that stands in a street, looked at by a real model: everything that a court gets to see of it. */
const MATERIAL = join(import.meta.dirname, '../../shared/material')
const CLI = join(import.meta.dirname, 'cli.ts')
const KERB: PictureZone['polygon'] = [
  [0.05, 0.55],
  [0.95, 0.55],
  [0.95, 0.85],
  [0.05, 0.85],
]
const START = Math.floor((Date.now() - 6 * HOUR) / MINUTE) * MINUTE

let platform: TestPlatform
let alert: AlertDetail
let viewer: string

const of = (kind: Evidence['kind']): Evidence[] => alert.evidence.filter((each) => each.kind === kind)
const read = async (path: string, token = platform.token, headers = {}): Promise<Response> =>
  fetch(`${platform.url()}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })
const bytesOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer())
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const zip = async (original: boolean, token = platform.token): Promise<Uint8Array> => bytesOf(await read(`/api/v1/alerts/${alert.id}/evidence.zip?original=${original}`, token))
const verify = async (what: string, ...options: string[]): Promise<{ code: number; said: string }> =>
  promisify(execFile)(process.execPath, [CLI, 'evidence', 'verify', what, ...options]).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, said: error.stdout + error.stderr }),
  )

describe.skipIf(!existsSync(join(MATERIAL, 'models/yolox_nano.onnx')))('evidence of a real picture (needs ../shared/material)', () => {
  beforeAll(async () => {
    platform = await startTestPlatform({ inference: { models: join(MATERIAL, 'models'), threads: 1 } })
    const access = openAccess(dataPaths(platform.data).access, { now: Date.now })
    viewer = access.keys.addToken('onlooker', 'viewer', '')
    access.close()
    const source = { type: 'file', path: join(MATERIAL, 'images/bus.jpg'), start: formatInstant(START), loop: true }
    await platform.ask(
      'cameras/street',
      {
        version: 0,
        source,
        model: 'yolox-nano',
        fps: 1,
        zones: [{ id: 'kerb', type: 'no-parking', polygon: KERB }],
        algorithms: [{ rule: 'vehicle-no-parking', params: { stand: '60s' } }],
      },
      'PUT',
    )
    const raised = await vi.waitUntil(async () => (await platform.alerts('asset=street'))[0], { timeout: 100_000, interval: 200 })
    await platform.ask('cameras/street', { version: 1, source: null, model: null }, 'PUT')
    await vi.waitUntil(
      async () => {
        alert = await platform.alert(raised.id)
        return alert.condition === 'resolved' && of('clip').length === 1 && (await platform.metric('wanglou_evidence_alerts')) === 0
      },
      { timeout: 60_000, interval: 200 },
    )
  }, 180_000)
  afterAll(() => platform?.remove())

  // The picture stands still: at its end it may be, byte for byte, the one of before.
  it('is pictures of its beginning and of when it was sure, a clip, boxes, readings, and a manifest that vouches for each of them', async () => {
    expect(
      of('still')
        .map(({ shows, at }) => [shows, at])
        .slice(0, 2),
    ).toEqual([
      ['first', formatInstant(START)],
      ['confirmed', formatInstant(START + MINUTE)],
    ])
    const manifest = (await (await read(of('manifest')[0]?.url ?? '')).json()) as { files: { id: string; sha256: string; bytes: number; kind: string; of?: string; ms?: number }[] }
    expect(manifest).toMatchObject({
      alert: { id: alert.id, key: alert.key, resolvedAt: alert.resolvedAt },
      rule: { id: 'vehicle-no-parking', version: 1, params: { stand: '60s' }, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      model: { sha256: sha256(readFileSync(join(MATERIAL, 'models/yolox_nano.onnx'))) },
      camera: { id: 'street', version: 1, zones: [{ id: 'kerb', polygon: KERB }] },
      missing: [],
    })
    for (const file of manifest.files) {
      const bytes = await bytesOf(await read(`/api/v1/evidence/${file.id}`))
      expect([sha256(bytes), bytes.length]).toEqual([file.sha256, file.bytes])
    }
    expect(manifest.files.find(({ kind }) => kind === 'clip')).toMatchObject({ of: 'stills', ms: 30 * SECOND })
    expect(statSync(dataPaths(platform.data).evidenceKey).mode & 0o777).toBe(0o600)
  })

  it('the clip comes in ranges, as players ask for it', async () => {
    const url = of('clip')[0]?.url ?? ''
    const whole = await bytesOf(await read(url))
    const part = await read(url, platform.token, { range: 'bytes=100-199' })
    expect([part.status, part.headers.get('content-type'), part.headers.get('content-range')]).toEqual([206, 'video/mp4', `bytes 100-199/${whole.length}`])
    expect(await bytesOf(part)).toEqual(whole.slice(100, 200))
  })

  it('a viewer sees people blurred, no clip, and exports the copy only; each export is in the audit log', async () => {
    const still = of('still')[0]
    const seen = await read(still?.url ?? '', viewer)
    expect([seen.status, seen.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(sha256(await bytesOf(seen))).not.toBe(still?.sha256)
    expect((await read(of('clip')[0]?.url ?? '', viewer)).status).toBe(403)
    const picture = `/api/v1/cameras/street/still?at=${encodeURIComponent(formatInstant(START))}`
    const [shown, original] = await Promise.all([viewer, platform.token].map(async (token) => bytesOf(await read(picture, token))))
    expect([sha256(original ?? new Uint8Array()), sha256(shown ?? new Uint8Array())]).toEqual([still?.sha256, expect.not.stringMatching(still?.sha256 ?? '')])
    expect((await (await read('/api/v1/cameras/street/live', viewer)).json()) as object).toMatchObject({ kind: 'still' })
    expect((await read(`/api/v1/alerts/${alert.id}/evidence.zip?original=true`, viewer)).status).toBe(403)
    expect(unzip(await zip(false, viewer)).has('export.json')).toBe(true)
    const { items } = await platform.ask<{ items: { by: string; what: string; target: string; detail: string }[] }>('audit')
    expect(items.filter(({ what }) => what === 'evidence.export')).toMatchObject([{ by: 'onlooker', target: alert.id, detail: 'blurred' }])
  })

  it('the blurred copy says what is hidden, and the persons are, while the bus is as it was', { timeout: 60_000 }, async () => {
    const files = unzip(await zip(false))
    const statement = JSON.parse(Buffer.from(files.get('export.json') ?? []).toString()) as {
      files: { name: string; sha256: string; done: { hidden: string[] } }[]
      leftOut: unknown[]
    }
    expect(statement.leftOut).toEqual([])
    expect(statement.files.find(({ name }) => name === 'still-first.jpg')?.done.hidden).toContain('person')
    const scenes = JSON.parse(Buffer.from(unzip(await zip(true)).get('scenes.json') ?? []).toString()) as { looks: { objects: SceneObject[] }[] }
    const objects = scenes.looks[0]?.objects ?? []
    const [bus, ...people] = ['bus', 'person'].flatMap((label) => objects.filter((object) => object.label === label && object.score > 0.5))
    const [before, after] = await Promise.all([unzip(await zip(true)), files].map(async (each) => greyOf(each.get('still-first.jpg') ?? new Uint8Array())))
    expect(people.length).toBeGreaterThanOrEqual(3)
    for (const { box } of people) expect(detail(after, box) / detail(before, box)).toBeLessThan(0.35)
    // The roof of the bus, where nobody stands.
    const [x, y, w, h] = bus?.box ?? [0, 0, 0, 0]
    const roof: Box = [x + w * 0.3, y + h * 0.05, w * 0.4, h * 0.25]
    expect(detail(after, roof) / detail(before, roof)).toBeGreaterThan(0.8)
    for (const { name, sha256: told } of statement.files) expect(sha256(files.get(name) ?? new Uint8Array())).toBe(told)
    expect(Buffer.from(files.get('README.txt') ?? []).toString()).toContain('what the model did not see is not hidden')
  })

  it('wanglou evidence verify finds nothing wrong, and finds every change', { timeout: 120_000 }, async () => {
    const key = join(platform.data, 'public.json')
    writeFileSync(key, await (await fetch(`${platform.url()}/api/v1/evidence-key`)).text())
    expect(await verify(alert.id, '--data', platform.data)).toEqual({ code: 0, said: expect.stringContaining('everything is as it was signed') })
    for (const original of [true, false]) {
      const path = join(platform.data, `${original}.zip`)
      writeFileSync(path, await zip(original))
      expect(await verify(path, '--data', '/none', '--key', key)).toEqual({ code: 0, said: expect.stringContaining('signature good') })
      expect(await verify(path, '--data', '/none')).toEqual({ code: 1, said: expect.stringContaining('none of those trusted') })
    }
    const { id } = of('still')[0] as Evidence
    const path = join(dataPaths(platform.data).evidence, id.slice(0, 2), id)
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat([bytes, Buffer.from([0])]))
    expect(await verify(alert.id, '--data', platform.data)).toEqual({ code: 1, said: expect.stringMatching(/NOT as it was signed: still-first\.jpg: its SHA-256 is [0-9a-f]{64}/) })
    writeFileSync(path, bytes)
  })
})

const [WIDTH, HEIGHT] = [405, 540]

async function greyOf(jpeg: Uint8Array): Promise<Uint8Array> {
  const path = join(platform.data, `grey-${sha256(jpeg).slice(0, 8)}.jpg`)
  writeFileSync(path, jpeg)
  const { stdout } = await promisify(execFile)((await findFfmpeg()).path, ['-i', path, '-vf', `scale=${WIDTH}:${HEIGHT}`, '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'], {
    encoding: 'buffer',
  })
  return stdout
}

/** How much neighbouring pixels differ within a box: what makes a face a face. */
function detail(grey: Uint8Array | undefined, [x, y, w, h]: Box): number {
  let sum = 0
  for (let row = Math.max(0, Math.ceil(y * HEIGHT)); row < Math.min(HEIGHT, (y + h) * HEIGHT); row++)
    for (let column = Math.max(1, Math.ceil(x * WIDTH)); column < Math.min(WIDTH, (x + w) * WIDTH); column++)
      sum += Math.abs((grey?.[row * WIDTH + column] ?? 0) - (grey?.[row * WIDTH + column - 1] ?? 0))
  return sum
}
