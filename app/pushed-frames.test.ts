import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SceneObject } from '../domain/observation.ts'
import { runCameras } from '../gateways/camera.ts'
import { startTestPlatform, type TestPlatform } from './testplatform.ts'

/** A camera at the edge, over real MQTT and a real model, to scenes and to a live view. */
const MATERIAL = join(import.meta.dirname, '../../shared/material')
const BUS = join(MATERIAL, 'images/bus.jpg')

let platform: TestPlatform
let folder: string

interface CameraView {
  version: number
  status: { state: string; frames: number; inferred: number; gated: Record<string, number>; dropped: Record<string, number> } | null
}

describe.skipIf(!existsSync(BUS))('frames that a gateway pushes (needs ../shared/material)', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pushed-'))
    platform = await startTestPlatform({ inference: { models: join(MATERIAL, 'models'), threads: 1 } })
  })
  afterAll(async () => {
    await platform.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  it('become scenes of their camera, which people look through by a signed link', { timeout: 120_000 }, async () => {
    const password = await platform.gateway('gw-edge')
    const stranger = await platform.gateway('gw-other')
    await platform.ask('cameras/street', { version: 0, source: { type: 'gateway', gateway: 'gw-edge' }, model: 'yolox-nano', fps: 2 }, 'PUT')
    const stop = new AbortController()
    const cameras = { street: { source: { type: 'file' as const, path: BUS, loop: true, realtime: true }, fps: 2, maxWidth: 640 } }
    const edge = (gateway: string, secret: string) => runCameras({ url: platform.mqtt(), dataDir: folder, gateway, password: () => secret, cameras }, stop.signal)
    const running = [edge('gw-edge', password), edge('gw-other', stranger)]

    const scene = await vi.waitUntil(
      async () => (await platform.ask<{ items: { gateway: string; objects: SceneObject[] }[] }>('observations?device=street&kind=scene&limit=1')).items[0],
      { timeout: 60_000, interval: 200 },
    )
    expect(scene.gateway).toBe('platform')
    expect(scene.objects.some(({ label, score }) => label === 'bus' && score > 0.5)).toBe(true)
    // Another gateway may not speak for this camera.
    expect((await platform.ask<{ items: { code: string }[] }>('rejects?gateway=gw-other&limit=1')).items).toMatchObject([{ code: 'device.not_yours' }])

    const { kind, url } = await platform.ask<{ kind: string; url: string }>('cameras/street/live')
    expect(kind).toBe('mjpeg')
    const look = new AbortController()
    const answer = await fetch(`${platform.url()}${url}`, { signal: look.signal })
    const parts: Uint8Array[] = []
    for await (const part of answer.body ?? []) {
      parts.push(part)
      if (Buffer.concat(parts).includes(Buffer.from([0xff, 0xd9]))) break
    }
    expect(Buffer.concat(parts).includes(Buffer.from([0xff, 0xd8, 0xff]))).toBe(true)
    look.abort()

    stop.abort()
    const [sent] = await Promise.all(running)
    expect(sent?.frames.sent).toBeGreaterThan(0)
    const status = await vi.waitUntil(
      async () => {
        const now = (await platform.ask<CameraView>('cameras/street')).status
        return now && now.frames > 0 && now.frames === now.inferred + sum(now.gated) + sum(now.dropped) ? now : undefined
      },
      { timeout: 20_000, interval: 100 },
    )
    expect(status.inferred).toBeGreaterThan(0)
  })
})

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0)
