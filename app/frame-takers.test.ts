import { expect, it } from 'vitest'
import { CameraConfigSchema } from '../domain/camera.ts'
import { createFrameTakers } from './frame-takers.ts'

const pushedBy = (gateway: string) => CameraConfigSchema.parse({ source: { type: 'gateway', gateway } })

/** A ledger that answers when the test says so. */
function room() {
  const registering: { of: string; done(): void; fail(): void }[] = []
  const taken: (readonly string[])[] = []
  const takers = createFrameTakers(
    {
      register: ([first]) =>
        new Promise((resolve, reject) => registering.push({ of: `${first?.device} ${first?.gateway}`, done: () => resolve(), fail: () => reject(new Error('the disk is full')) })),
      takeFrames: (cameras) => taken.push(cameras),
    },
    (device) => (device === 'moved' ? 'gw9' : undefined),
  )
  const begun = (count: number) => expect.poll(() => registering.length, { interval: 1 }).toBe(count)
  return { takers, registering, taken, begun }
}

it('of two changes of a camera the later one holds, however long the earlier one takes', async () => {
  const { takers, registering, taken, begun } = room()
  const changes = [takers.put('cam', pushedBy('gw1')), takers.put('cam', null)]
  await begun(1)
  registering[0]?.done()
  await Promise.all(changes)
  expect(taken.at(-1)).toEqual([])
})

it('a camera is let in when the ledger knows whose it is, and one that cannot be written stands in nobody’s way', async () => {
  const { takers, registering, taken, begun } = room()
  const changes = [takers.put('cam', pushedBy('gw1')), takers.put('other', pushedBy('gw2'))]
  await begun(1)
  expect(taken).toEqual([])
  registering[0]?.fail()
  await expect(changes[0]).rejects.toThrow('the disk is full')
  await begun(2)
  registering[1]?.done()
  await changes[1]
  expect([registering.map(({ of }) => of), taken]).toEqual([['cam gw1', 'other gw2'], [['other']]])
})

it('where an admin has moved it, a camera is that gateway’s, whatever its configuration says', async () => {
  const { takers, registering, begun } = room()
  const change = takers.put('moved', pushedBy('gw1'))
  await begun(1)
  registering[0]?.done()
  await change
  expect(registering.map(({ of }) => of)).toEqual(['moved gw9'])
})
