import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { totalOf } from '../domain/coverage.ts'
import type { CoverageView } from '../domain/ports/coverage.ts'
import { findFfmpeg } from '../drivers/ffmpeg.ts'
import { writeSpotModel } from '../inference/spot-model.fixture.ts'
import { Inbox } from './inbox.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** What is not looked at, through the whole platform: camera over HTTP, book, API, rule, restart. */
const RULE = join(import.meta.dirname, '../rules/book/camera-blind.yaml')
let platform: TestPlatform
let folder: string
let server: Server
let answers = true

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coverage-'))
  await writeSpotModel(folder)
  const picture = join(folder, 'street.jpg')
  await promisify(execFile)((await findFfmpeg()).path, ['-f', 'lavfi', '-i', 'testsrc=s=320x240', '-frames:v', '1', '-y', picture])
  const jpeg = readFileSync(picture)
  server = createServer((_, response) => {
    if (answers) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpeg)
    else response.writeHead(503).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  platform = await startTestPlatform({ inference: { models: folder, threads: 1, everyS: 2 } })
  const inbox = new Inbox(platform.data)
  inbox.add([{ type: 'rule', by: 'test', id: 'camera-blind', source: readFileSync(RULE, 'utf8').replace('value: 60s', 'value: 1s'), note: '' }], Date.now())
  inbox.close()
  await vi.waitUntil(async () => (await platform.ask<{ version: number }>('rules/camera-blind')).version === 2, { timeout: 10_000 })
})
afterAll(async () => {
  await platform.remove()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const coverage = async (query = '') => (await platform.ask<{ items: CoverageView[] }>(`coverage${query}`)).items
const put = async (camera: string, config: object) => {
  const { port } = server.address() as AddressInfo
  const { version } = await platform.ask<{ version: number }>(`cameras/${camera}`).catch(() => ({ version: 0 }))
  await platform.ask(`cameras/${camera}`, { version, source: { type: 'http', url: `http://127.0.0.1:${port}/` }, model: 'spot', fps: 2, ...config }, 'PUT')
}
const balance = ({ frames, inferred, gated, dropped }: Pick<CoverageView, 'frames' | 'inferred' | 'gated' | 'dropped'>) => frames - inferred - totalOf(gated) - totalOf(dropped)

describe('Coverage', () => {
  it('names the pairs of a camera: the rules that it binds, else those that its zones are for', async () => {
    const corner = [
      [0, 0],
      [1, 0],
      [1, 1],
    ]
    await put('bound', { algorithms: [{ rule: 'piles', everyS: 3 }] })
    await put('free', { zones: [{ id: 'kerb', type: 'no-parking', polygon: corner }] })
    await vi.waitUntil(
      async () => (await coverage('?camera=free')).some(({ inferred }) => inferred > 0) && (await coverage('?camera=bound')).some(({ inferred }) => inferred > 0),
      {
        timeout: 20_000,
        interval: 200,
      },
    )
    expect((await coverage('?camera=bound')).map(({ algorithm }) => algorithm)).toEqual(['piles'])
    const free = (await coverage('?camera=free')).map(({ algorithm }) => algorithm)
    expect(free).toContain('vehicle-no-parking')
    expect(free).not.toContain('road-occupy')
    for (const pair of await coverage()) expect([balance(pair), ...pair.hours.map(balance)].every((rest) => rest === 0)).toBe(true)
  })

  it('a camera without pictures is blind for that reason, an alert, and no alert any more when it is looked at', { timeout: 90_000 }, async () => {
    answers = false
    const blind = await vi.waitUntil(async () => (await platform.alerts('asset=bound')).find(({ rule }) => rule === 'camera-blind'), { timeout: 60_000, interval: 300 })
    expect(blind).toMatchObject({ condition: 'firing', severity: 'minor', values: { cause: 'source_lost' } })
    expect((await coverage('?camera=bound'))[0]).toMatchObject({ cause: 'source_lost', algorithm: 'piles' })
    expect((await coverage('?camera=bound'))[0]?.blindMinutes).toBeGreaterThan(0)
    answers = true
    await vi.waitUntil(async () => (await platform.alert(blind?.id ?? '')).condition === 'resolved', { timeout: 60_000, interval: 300 })
  })

  it('the time in which the platform was down is blind too', { timeout: 60_000 }, async () => {
    answers = true
    const before = (await coverage('?camera=bound'))[0]
    await platform.stop()
    const down = Date.now()
    // Causes are told in tenths of a minute.
    await vi.waitUntil(() => Date.now() - down > 4000, { timeout: 10_000, interval: 100 })
    await platform.start()
    const after = await vi.waitUntil(async () => (await coverage('?camera=bound')).find(({ inferred }) => inferred > (before?.inferred ?? 0)), { timeout: 30_000, interval: 200 })
    expect(after?.causes.stopped).toBeGreaterThan(0)
    expect(balance(after as CoverageView)).toBe(0)
  })
})
