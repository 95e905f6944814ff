import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { formatInstant, HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { type ClipName, clipOf } from '../inference/training/clip.ts'
import { renderClip } from '../inference/training/clips.ts'
import { MODELS_DIR } from './commands/models.ts'
import { DEMO_MODEL, DEMO_SEED } from './demo-clips.ts'
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
    const clip = clipOf(name, DEMO_SEED)
    const start: Instant = Math.floor((Date.now() - HOUR) / MINUTE) * MINUTE
    const path = await renderClip(clip, join(platform.data, 'clips'))
    const source = { type: 'file', path, start: formatInstant(start) }
    await platform.ask(`cameras/${name}`, { version: 0, source, model: DEMO_MODEL, fps: 1, zones: clip.zones }, 'PUT')
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
