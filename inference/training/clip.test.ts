import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { overlap, zonesOf } from '../../domain/box.ts'
import type { Box } from '../../domain/observation.ts'
import { readFrames } from '../../drivers/ffmpeg-frames.ts'
import { encodeJpeg } from '../picture.ts'
import { aviOf } from './avi.ts'
import { CLIPS, type ClipName, clipOf } from './clip.ts'
import { expose } from './draw.ts'
import { film } from './film.ts'

const SIZE = [320, 180] as const
const seen = (name: ClipName, second: number, label: string) => expose(clipOf(name, 'demo').at(second), ...SIZE).labels.filter((each) => each.label === label && !each.faint)

describe('clips', () => {
  it.each(CLIPS)('%s: its zones lie in the picture and its street is the same each time', (name) => {
    const { zones, at, seconds } = clipOf(name, 'demo')
    expect(zones.map(({ type }) => type)).toEqual(['road', 'no-parking', 'cover'])
    for (const [x, y] of zones.flatMap(({ polygon }) => polygon)) expect([x >= 0, x <= 1, y >= 0, y <= 1]).toEqual([true, true, true, true])
    expect(clipOf(name, 'demo').at(seconds / 2)).toEqual(at(seconds / 2))
  })

  it('a loaded muck truck drives along the road, and behind it lies what was not there before', () => {
    const { zones } = clipOf('spill', 'demo')
    expect(seen('spill', 5, 'spillage')).toEqual([])
    const truck = seen('spill', 17, 'muck-truck-loaded-open')
    expect(truck.flatMap(({ box }) => zonesOf(box, zones))).toContain('road')
    expect(seen('spill', 50, 'muck-truck-loaded-open')).toEqual([])
    expect(seen('spill', 50, 'spillage').flatMap(({ box }) => zonesOf(box, zones))).toContain('road')
  })

  it('a cover is closed, open, and closed again, at the same place', () => {
    const [before, open, after] = [seen('cover', 5, 'cover-closed'), seen('cover', 60, 'cover-open'), seen('cover', 130, 'cover-closed')]
    expect([before.length, open.length, after.length]).toEqual([1, 1, 1])
    expect(overlap(before[0]?.box as Box, after[0]?.box as Box)).toBeCloseTo(1, 9)
    expect(overlap(before[0]?.box as Box, open[0]?.box as Box)).toBeGreaterThan(0.4)
  })

  it('a car stands still in the no-parking zone for longer than the rule allows, and leaves', () => {
    const { zones, seconds } = clipOf('parking', 'demo')
    const still = [25, 60, 100].map((second) => seen('parking', second, 'car').find(({ box }) => zonesOf(box, zones).includes('no-parking'))?.box)
    expect(still[0]).toBeDefined()
    expect(still[1]).toEqual(still[0])
    expect(still[2]).toEqual(still[0])
    expect(seen('parking', seconds - 5, 'car').flatMap(({ box }) => zonesOf(box, zones))).not.toContain('no-parking')
  })

  it('what stands still differs from second to second by noise only', () => {
    const clip = { ...clipOf('cover', 'demo'), seconds: 2 }
    const [a, b] = [...film(clip, ...SIZE)]
    const differences = a?.rgb.map((value, i) => Math.abs(value - (b?.rgb[i] as number))) ?? new Uint8Array()
    expect(differences.some((each) => each > 0)).toBe(true)
    expect(differences.reduce((sum, each) => sum + each, 0) / differences.length).toBeLessThan(8)
  })
})

describe('aviOf', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wanglou-avi-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is a video that ffmpeg reads, picture by picture', async () => {
    const size = { width: 64, height: 48 }
    const greys = [20, 120, 220]
    const pictures = await Promise.all(greys.map((grey) => encodeJpeg(new Uint8Array(64 * 48 * 3).fill(grey), size, size)))
    await writeFile(join(folder, 'grey.avi'), aviOf(pictures, { ...size, fps: 1 }))
    const input = { type: 'video', path: join(folder, 'grey.avi'), loop: false, realtime: false } as const
    const request = { input, fps: 1, ...size, filter: 'scale=64:48,format=rgb24', still: { every: 1, maxWidth: 64 }, stallMs: 10_000 }
    const means: number[] = []
    for await (const { rgb } of readFrames(request, new AbortController().signal)) means.push(rgb.reduce((sum, value) => sum + value, 0) / rgb.length)
    expect(means.map((mean, i) => Math.abs(mean - (greys[i] as number)) < 3)).toEqual([true, true, true])
  })
})
