import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Offset } from '../domain/ids.ts'
import type { Control } from '../domain/record.ts'
import { formatInstant, HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { CLIPS, type ClipName } from '../inference/training/clip.ts'
import { clipFile, demoClip, renderClip } from '../inference/training/clips.ts'
import { MODELS_DIR } from './commands/models.ts'
import { configOf, DEMO_MODEL, showClips } from './demo-clips.ts'
import { createLog } from './log.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** The clips of the demo through the whole platform, faster than they happen: drawn, decoded, looked at by the project's own model, judged by the rules of the book. */
describe.skipIf(!existsSync(join(MODELS_DIR, `${DEMO_MODEL}.onnx`)))('the demo cameras (needs the weights of the project)', () => {
  let platform: TestPlatform
  beforeAll(async () => {
    platform = await startTestPlatform({ inference: { threads: 1 } })
  })
  afterAll(() => platform.remove())

  it.each<[ClipName, string, from: number, until: number]>([
    ['cover', 'cover-abnormal', 25, 60],
    ['spill', 'muck-spill', 14, 75],
    ['parking', 'vehicle-no-parking', 14, 30],
  ])('%s: what happens in the clip is an alert of %s, when it happens', { timeout: 180_000 }, async (name, rule, from, until) => {
    const clip = demoClip(name)
    const start: Instant = Math.floor((Date.now() - HOUR) / MINUTE) * MINUTE
    const path = await renderClip(clip, join(platform.data, 'clips'))
    const source = { type: 'file', path, start: formatInstant(start) }
    await platform.ask(`cameras/${name}`, { ...configOf(path, name), version: 0, source }, 'PUT')
    const status = async () => (await platform.ask<{ status: { state: string; frames: number; inferred: number } | null }>(`cameras/${name}`)).status
    await vi.waitUntil(async () => (await status())?.state === 'ended', { timeout: 120_000, interval: 200 })
    await platform.settled()
    expect(await status()).toMatchObject({ frames: clip.seconds, inferred: clip.seconds })
    const alerts = (await platform.alerts(`asset=${name}`)).filter((alert) => alert.rule === rule)
    expect(alerts.length).toBeGreaterThan(0)
    const opened = alerts.map(({ openedAt }) => (Date.parse(openedAt) - start) / SECOND)
    expect(Math.min(...opened)).toBeGreaterThanOrEqual(from)
    expect(Math.min(...opened)).toBeLessThanOrEqual(until)
  })
})

describe('the clips of the demo', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wanglou-clips-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** What is written to the journal for cameras that are set as told, when every clip is there. */
  async function shown(stored: Record<string, { version: number; config: unknown; by: string; at: number }>): Promise<Control[]> {
    for (const name of CLIPS) writeFileSync(clipFile(folder, name), '')
    const written: Control[] = []
    const journal = {
      shown: () => Promise.resolve(),
      append: (controls: readonly Control[]) => {
        written.push(...controls)
        return Promise.resolve({ first: written.length as Offset, receivedAt: 0 })
      },
    }
    const stop = showClips({ folder, cameras: { camera: (id) => Promise.resolve(stored[id]) }, journal, log: createLog('silent') })
    await stop()
    return written
  }
  const by = (who: string, config: unknown = {}) => ({ version: 3, config, by: who, at: 0 })

  it('are shown to the cameras that nobody else has set, as their next version', async () => {
    const written = await shown({ 'cam-00001': by('demo'), 'cam-00002': by('li'), 'cam-00008': by('demo') })
    expect(written).toMatchObject([
      { type: 'camera', by: 'demo', id: 'cam-00001', version: 4, config: { source: { type: 'file', path: clipFile(folder, 'cover') }, model: DEMO_MODEL } },
      { type: 'camera', by: 'demo', id: 'cam-00008', version: 4, config: { source: { type: 'file', path: clipFile(folder, 'spill') }, model: DEMO_MODEL } },
    ])
  })

  it('are not written again where they are shown already', async () => {
    const [first] = await shown({ 'cam-00001': by('demo') })
    const config = first?.type === 'camera' ? first.config : undefined
    expect(await shown({ 'cam-00001': by('demo', config), 'cam-00008': by('demo') })).toMatchObject([{ id: 'cam-00008' }])
  })
})
