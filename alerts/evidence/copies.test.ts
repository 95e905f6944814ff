import { describe, expect, it } from 'vitest'
import type { Mask } from '../../drivers/ffmpeg-clip.ts'
import { Copies } from './copies.ts'

const bytes = (...values: number[]) => new Uint8Array(values)
const mask = (...cells: number[]): Mask => ({ width: cells.length, height: 1, cells: bytes(...cells) })
const OPEN = mask(0, 0)
const HALF = mask(0, 255)

/** Copies whose making the test ends, each as long as its picture; `made`: what was begun. */
function room(maxBytes = 1000) {
  const made: { jpeg: Uint8Array; done(): void; fail(): void }[] = []
  const hide = (jpeg: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => made.push({ jpeg, done: () => resolve(jpeg.map((byte) => byte + 1)), fail: () => reject(new Error('no picture')) }))
  return { copies: new Copies({ hide, maxBytes }), made, begun: (count: number) => expect.poll(() => made.length, { interval: 1 }).toBe(count) }
}

describe('blurred pictures', () => {
  it('are made once, for those who ask at the same time and for those who ask later', async () => {
    const { copies, made, begun } = room()
    const both = [copies.picture(bytes(1), HALF), copies.picture(bytes(1), HALF)]
    await begun(1)
    made[0]?.done()
    expect(await Promise.all(both)).toEqual([bytes(2), bytes(2)])
    expect(await copies.picture(bytes(1), HALF)).toEqual(bytes(2))
    expect(made).toHaveLength(1)
  })

  it('are others where other things are hidden, and are made one after another', async () => {
    const { copies, made, begun } = room()
    const first = copies.picture(bytes(1), HALF)
    const second = copies.picture(bytes(1), OPEN)
    await begun(1)
    made[0]?.done()
    await first
    await begun(2)
    made[1]?.done()
    expect(await second).toEqual(bytes(2))
  })

  it('are forgotten when they are too many, those that nobody asked for the longest first', async () => {
    const { copies, made, begun } = room(2)
    const see = async (picture: number, count: number) => {
      const seen = copies.picture(bytes(picture), HALF)
      await begun(count)
      made[count - 1]?.done()
      await seen
    }
    await see(1, 1)
    await see(2, 2)
    await see(1, 2)
    await see(3, 3)
    await see(1, 3)
    await see(2, 4)
  })

  it('that cannot be made are tried again', async () => {
    const { copies, made, begun } = room()
    const failing = copies.picture(bytes(1), HALF)
    await begun(1)
    made[0]?.fail()
    await expect(failing).rejects.toThrow('no picture')
    const again = copies.picture(bytes(1), HALF)
    await begun(2)
    made[1]?.done()
    expect(await again).toEqual(bytes(2))
  })
})

describe('when too many wait', () => {
  it('one more picture is refused, and there is room again when one is done; exports are not in their way', async () => {
    const { copies, made, begun } = room()
    const asked = Array.from({ length: 17 }, (_, picture) => copies.picture(bytes(picture), HALF))
    await expect(copies.picture(bytes(99), HALF)).rejects.toMatchObject({ code: 'evidence.busy' })
    expect(await copies.export(async () => 'a ZIP')).toBe('a ZIP')
    await begun(1)
    made[0]?.done()
    await asked[0]
    const late = copies.picture(bytes(99), HALF)
    for (let picture = 1; picture < 18; picture++) {
      await begun(picture + 1)
      made[picture]?.done()
    }
    expect(await late).toEqual(bytes(100))
    await Promise.all(asked)
  })

  it('so is one more export', async () => {
    const { copies } = room()
    const { promise, resolve } = Promise.withResolvers<string>()
    const asked = Array.from({ length: 5 }, () => copies.export(() => promise))
    await expect(copies.export(() => promise)).rejects.toMatchObject({ code: 'evidence.busy' })
    resolve('a ZIP')
    expect(await Promise.all(asked)).toEqual(Array(5).fill('a ZIP'))
  })
})
