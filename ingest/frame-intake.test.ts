import { expect, it } from 'vitest'
import { topics } from '../domain/topics.ts'
import type { Frame } from './accept.ts'
import { FRAME, FRAME_TOO_MANY, type What } from './batch.ts'
import { FrameIntake } from './frame-intake.ts'
import type { Settled } from './journal-line.ts'

const JPEG = Buffer.from([0xff, 0xd8, 0xff, ...Array(96).fill(0)])

/** A journal and a main thread that do nothing until the test says so. */
function intake() {
  const judged: { what: What; settled: Settled }[] = []
  const handed: Frame[] = []
  const frames = new FrameIntake({ judge: ({ what }, settled) => judged.push({ what, settled }), hand: (given) => handed.push(...given), maxBytes: 250 })
  frames.takeFrom(['cam'])
  const push = (at: number) => frames.receive({ topic: topics.frame('gw', 'cam', at), qos: 0, payload: JPEG }, () => undefined)
  return { frames, judged, handed, push, kinds: () => judged.map(({ what }) => what) }
}

it('frames are bounded by their bytes from the socket until the main thread has taken them, not only until they are judged', async () => {
  const { frames, judged, handed, push, kinds } = intake()
  for (let at = 1; at <= 4; at++) push(at)
  expect(kinds()).toEqual([FRAME, FRAME, FRAME, FRAME_TOO_MANY])
  for (const [index, { settled }] of judged.slice(0, 3).entries()) settled(undefined, 0, index)
  await Promise.resolve()
  expect(handed.map(({ at }) => at)).toEqual([0, 1, 2])
  push(5)
  expect(kinds().at(-1)).toBe(FRAME_TOO_MANY)
  frames.taken(2 * JPEG.length)
  push(6)
  expect(kinds().at(-1)).toBe(FRAME)
})

it('what is refused makes room at once', () => {
  const { judged, push, kinds } = intake()
  for (let at = 1; at <= 3; at++) push(at)
  for (const { settled } of judged) settled(undefined, 0)
  push(4)
  push(5)
  expect(kinds()).toEqual([FRAME, FRAME, FRAME, FRAME, FRAME])
})
