import { describe, expect, it } from 'vitest'
import { FrameLane } from './frame-lane.ts'

const jpeg = (n: number): Uint8Array => Uint8Array.of(0xff, 0xd8, 0xff, n)

function laneWithLink() {
  const lane = new FrameLane()
  const sent: { topic: string; settle: (error?: Error) => void }[] = []
  const up = () => lane.up((topic, _, settle) => sent.push({ topic, settle }))
  up()
  return { lane, sent, up, topics: () => sent.map(({ topic }) => topic) }
}

describe('FrameLane', () => {
  it('carries one of each camera at a time, then the newest', () => {
    const { lane, sent, topics } = laneWithLink()
    for (const n of [1, 2, 3]) lane.offer('a', `a/${n}`, jpeg(n))
    lane.offer('b', 'b/1', jpeg(1))
    expect(topics()).toEqual(['a/1', 'b/1'])
    sent[0]?.settle()
    expect(topics()).toEqual(['a/1', 'b/1', 'a/3'])
    sent[2]?.settle()
    sent[1]?.settle()
    expect([lane.sent, lane.dropped]).toEqual([3, 1])
  })

  it('drops and counts while there is no connection, and what the connection took with it', () => {
    const { lane, sent, up, topics } = laneWithLink()
    lane.offer('a', 'a/1', jpeg(1))
    lane.offer('a', 'a/2', jpeg(2))
    lane.down()
    lane.offer('a', 'a/3', jpeg(3))
    sent[0]?.settle(new Error('the connection ended'))
    up()
    lane.offer('a', 'a/4', jpeg(4))
    expect(topics()).toEqual(['a/1', 'a/4'])
    sent[1]?.settle()
    expect([lane.sent, lane.dropped]).toEqual([1, 3])
  })
})
