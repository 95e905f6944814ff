import fc from 'fast-check'
import mqtt from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { PacketGuard } from './packet-guard.ts'

const publish = (bytes: number): Buffer => mqtt.generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, dup: false, retain: false })

describe('packet guard', () => {
  it('lets through what is within the limit, however it is cut, and stops what is not at its header', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 5 }), fc.integer({ min: 1, max: 5000 }), fc.boolean(), (sizes, cut, tooLarge) => {
        const limit = 50_000
        const guard = new PacketGuard(limit)
        const good = Buffer.concat(sizes.map(publish))
        // Only the header of the large one: nothing of its body is needed to refuse it.
        const stream = tooLarge ? Buffer.concat([good, publish(limit).subarray(0, 5)]) : good
        let passed = true
        for (let at = 0; at < stream.length && passed; at += cut) passed = guard.pass(stream.subarray(at, at + cut))
        expect(passed).toBe(!tooLarge)
      }),
    )
  })

  it('stops at 256 MB announced in five bytes', () => {
    expect(new PacketGuard(1 << 20).pass(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toBe(false)
  })
})
