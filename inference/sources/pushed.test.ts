import { setImmediate } from 'node:timers/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManifestSchema } from '../models/manifest.ts'
import type { Frame, HeldBack, SourceNeeds } from './frame.ts'
import { PushedFrames, pushedFrames } from './pushed.ts'
import { withSize } from './sized.fixture.ts'

const input = ManifestSchema.shape.input.parse({ name: 'x', width: 32, height: 32, colour: 'rgb', fit: 'pad' })
let jpeg: Uint8Array
let dot: Uint8Array

beforeAll(async () => {
  const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#00ff00' } }).jpeg()
  jpeg = await plain(64, 32).toBuffer()
  dot = await plain(1, 1).toBuffer()
})

function open(more: Partial<SourceNeeds> = {}, signal = AbortSignal.timeout(20_000)) {
  const pushed = new PushedFrames()
  const held: HeldBack[] = []
  const unheard: string[] = []
  pushed.unheard = (camera) => unheard.push(camera)
  const heldBack = (why: HeldBack, count: number) => held.push(...Array.from({ length: count }, () => why))
  const frames = pushedFrames({ fps: 1, input, now: () => 0, camera: 'cam', pushed, heldBack, ...more }, signal)
  return { pushed, held, unheard, frames, push: (at: number, bytes = jpeg) => pushed.push('cam', { at, jpeg: bytes }) }
}

describe('pushedFrames', () => {
  it('gives what is pushed to its camera, with the time of its gateway and a still every second', async () => {
    const { frames, push, pushed, unheard } = open({ fps: 4 })
    const seen: (Frame | undefined)[] = []
    for (const at of [10_000, 10_250, 11_000]) {
      const next = frames.next()
      push(at)
      pushed.push('other', { at, jpeg })
      seen.push((await next).value ?? undefined)
    }
    expect(seen.map((frame) => [frame?.at, frame?.picture, frame?.jpeg !== null])).toEqual([
      [10_000, { width: 64, height: 32 }, true],
      [10_250, { width: 64, height: 32 }, false],
      [11_000, { width: 64, height: 32 }, true],
    ])
    await frames.return()
    push(12_000)
    expect(unheard).toEqual(['other', 'other', 'other', 'cam'])
  })

  it('somebody who only looks on keeps no account', () => {
    const { pushed, unheard } = open()
    const seen: number[] = []
    const stop = pushed.listen('cam', 'looks', ({ at }) => seen.push(at))
    pushed.push('cam', { at: 1000, jpeg })
    stop()
    expect([seen, unheard]).toEqual([[1000], ['cam']])
  })

  it('gives the one that it was reading when it was stopped: it is counted as what became of it', async () => {
    const stop = new AbortController()
    const { frames, push } = open({}, stop.signal)
    const next = frames.next()
    push(10_000)
    // By now it is being read.
    await setImmediate()
    stop.abort()
    expect((await next).value?.at).toBe(10_000)
    expect((await frames.next()).done).toBe(true)
  })

  it('gives the newest only, in order, no sooner than asked, and counts the others', async () => {
    const { frames, push, held } = open()
    const first = frames.next()
    push(10_000)
    expect((await first).value?.at).toBe(10_000)
    // Too soon, an old one, twice the same, and two of which the second is newer.
    for (const at of [10_500, 9000, 12_000, 12_000, 13_000]) push(at)
    expect((await frames.next()).value?.at).toBe(13_000)
    expect(held).toEqual(Array.from({ length: 4 }, () => 'superseded'))
    push(20_000)
    await frames.return()
    expect(held).toHaveLength(5)
  })

  it.each<[string, () => Uint8Array]>([
    ['a picture that is cut off', () => jpeg.slice(0, -200)],
    ['a text that calls itself a picture', () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('no picture at all')])],
    ['a picture of one pixel', () => dot],
    ['a picture that says it has 20,000 × 20,000 pixels', () => withSize(jpeg, 20_000, 20_000)],
  ])('passes over %s, and goes on', async (_, bytes) => {
    const { frames, push, held } = open()
    const next = frames.next()
    push(1000, bytes())
    await setImmediate()
    push(5000)
    expect((await next).value?.at).toBe(5000)
    expect(held).toEqual(['unreadable'])
    await frames.return()
  })

  it('ends when it is stopped, and fails where nothing takes frames', async () => {
    const stop = new AbortController()
    const { frames } = open({}, stop.signal)
    const next = frames.next()
    stop.abort()
    expect((await next).done).toBe(true)
    await expect(open({ pushed: undefined }).frames.next()).rejects.toMatchObject({ code: 'source.failed' })
  })
})
