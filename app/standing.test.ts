import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { type PlatformProcess, startProcess, wanglou } from '../bench/kill-platform.ts'
import type { Alert } from '../domain/alert.ts'
import type { SceneObject } from '../domain/observation.ts'
import { formatInstant, HOUR, MINUTE } from '../domain/time.ts'

/** A still picture as a stream of fifteen minutes through a platform of its own process, which is killed in the middle. */
const MATERIAL = join(import.meta.dirname, '../../shared/material')
const STREAM_MS = 15 * MINUTE
const STAND_MS = 10 * MINUTE
/** A look each second takes five times as long and shows the same. */
const EVERY_S = 5
/** The bus of bus.jpg stands with its foot here. */
const KERB = [
  [0.1, 0.6],
  [0.9, 0.6],
  [0.9, 0.8],
  [0.1, 0.8],
]

const folder = mkdtempSync(join(tmpdir(), 'wanglou-standing-'))
const data = join(folder, 'data')
const config = join(folder, 'wanglou.yaml')
let platform: PlatformProcess | undefined
let http = ''
let token = ''

async function start(): Promise<void> {
  platform = startProcess(['--config', config, '--data', data, '--http', '0', '--mqtt', '0'], {})
  const at = await platform.ready
  if (!at) throw new Error(platform.errors())
  http = at.http
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${http}/api/v1/${path}`, body ? { method: 'PUT', headers, body: JSON.stringify(body) } : { headers })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

interface Look {
  at: string
  boot: string
  objects: SceneObject[]
}
const lastAt = async (): Promise<number> => Date.parse((await ask<{ status: { lastAt: string | null } | null }>('cameras/street')).status?.lastAt ?? '')
const until = (at: number) => vi.waitUntil(async () => (await lastAt()) >= at, { timeout: 240_000, interval: 200 })

describe.skipIf(!existsSync(MATERIAL))('a picture that stands still (needs ../shared/material)', () => {
  afterEach(async () => {
    platform?.signal('SIGKILL')
    await platform?.gone
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is one alert at the second it must be, though the process is killed on the way', { timeout: 600_000 }, async () => {
    token = wanglou(['token', 'add', 'test', '--role', 'admin', '--data', data]).trim().split(' ').at(-1) as string
    writeFileSync(config, `inference: { models: ${JSON.stringify(join(MATERIAL, 'models'))}, threads: 1 }\n`)
    await start()
    // So long ago that no picture comes to lie in the future.
    const begin = Math.floor((Date.now() - HOUR) / MINUTE) * MINUTE
    await ask('cameras/street', {
      version: 0,
      source: { type: 'file', path: join(MATERIAL, 'images/bus.jpg'), start: formatInstant(begin), loop: true },
      ...{ model: 'yolox-nano', fps: 1 / EVERY_S, zones: [{ id: 'kerb', type: 'no-parking', polygon: KERB }] },
      algorithms: [{ rule: 'vehicle-no-parking', params: { stand: `${STAND_MS / MINUTE}m` } }],
    })
    await until(begin + 4 * MINUTE)
    platform?.signal('SIGKILL')
    expect(await platform?.gone).toBe(null)

    await start()
    await until(begin + STREAM_MS)
    await ask('assets/settled', { kind: 'other' })

    const { items: looks } = await ask<{ items: Look[] }>('observations?device=street&kind=scene&limit=10000')
    // No look is missing, none is there twice, and both lives told some.
    const within = looks.filter(({ at }) => Date.parse(at) < begin + STREAM_MS)
    expect(within.map(({ at }) => (Date.parse(at) - begin) / 1000)).toEqual(Array.from({ length: STREAM_MS / 1000 / EVERY_S }, (_, look) => look * EVERY_S))
    expect(new Set(within.map(({ boot }) => boot)).size).toBe(2)
    // The bus has one name in all of them.
    const names = within.flatMap(({ objects }) => objects.filter(({ label, score }) => label === 'bus' && score > 0.4).map(({ track }) => track))
    expect(names.length).toBeGreaterThanOrEqual(within.length)
    expect(new Set(names).size).toBe(1)

    const { items: alerts } = await ask<{ items: Alert[] }>('alerts?rule=vehicle-no-parking')
    expect(alerts).toMatchObject([{ key: `street/kerb/${names[0]}`, openedAt: formatInstant(begin), condition: 'firing' }])
    const { timeline } = await ask<{ timeline: { what: string; at: string }[] }>(`alerts/${alerts[0]?.id}`)
    expect(timeline.filter(({ what }) => what === 'raised').map(({ at }) => at)).toEqual([formatInstant(begin + STAND_MS)])
  })
})
