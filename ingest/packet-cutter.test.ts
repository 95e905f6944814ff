import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import mqtt from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { PacketCutter, packetSize } from './packet-cutter.ts'

const publish = (bytes: number): Buffer => mqtt.generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes, bytes), qos: 0, dup: false, retain: false })

/** Lengths of the packets in a buffer; fails when the last is not whole. */
function lengths(packets: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at < packets.length; at += found.at(-1) ?? 0) {
    const size = packetSize(packets, at)
    if (size === null || size === 'malformed' || at + size.whole > packets.length) throw new Error('a packet was cut in two')
    found.push(size.whole)
  }
  return found
}

describe('packet cutter', () => {
  it('gives every packet whole and in order, however the stream comes, and stops at a header beyond the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 5 }), fc.integer({ min: 1, max: 5000 }), fc.boolean(), (sizes, step, tooLarge) => {
        const limit = 50_000
        const cutter = new PacketCutter(limit)
        const good = Buffer.concat(sizes.map(publish))
        // Only the header of the large one: nothing of its body is needed to refuse it.
        const stream = tooLarge ? Buffer.concat([good, publish(limit).subarray(0, 5)]) : good
        const got: Buffer[] = []
        let stopped = false
        for (let at = 0; at < stream.length && !stopped; at += step) {
          const packets = cutter.cut(Buffer.from(stream.subarray(at, at + step)))
          stopped = packets === 'packet_too_large'
          if (typeof packets !== 'string') got.push(packets)
        }
        expect(stopped).toBe(tooLarge)
        if (!tooLarge) expect(Buffer.concat(got).equals(good)).toBe(true)
        expect(got.flatMap(lengths)).toEqual(sizes.map((size) => publish(size).length).slice(0, got.flatMap(lengths).length))
      }),
    )
  })

  it('keeps none of the pieces that a packet comes in', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const cutter = new PacketCutter(1 << 20)
    const give = (bytes: Buffer): WeakRef<ArrayBufferLike> => {
      const piece = Buffer.from(new ArrayBuffer(4096)).subarray(0, bytes.length)
      bytes.copy(piece)
      expect(cutter.cut(piece)).toHaveLength(0)
      return new WeakRef(piece.buffer)
    }
    const packet = publish(1000)
    const pieces = Array.from({ length: 20 }, (_, n) => give(packet.subarray(n, n + 1)))
    await new Promise(setImmediate)
    collect()
    expect(pieces.filter((piece) => piece.deref() !== undefined)).toHaveLength(0)
    expect(cutter.cut(packet.subarray(20))).toEqual(packet)
  })

  it('stops at 256 MB announced in five bytes', () => {
    expect(new PacketCutter(1 << 20).cut(Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f))).toBe('packet_too_large')
  })

  it.each([0x00, 0x20, 0x90, 0xb0, 0xd0, 0xf0])('stops at a packet of type %i, which no client sends, wherever it comes', (first) => {
    expect(new PacketCutter(1 << 20).cut(Buffer.of(first))).toBe('protocol')
    expect(new PacketCutter(1 << 20).cut(Buffer.concat([publish(3), Buffer.of(first, 0)]))).toBe('protocol')
  })

  it('leaves a length without end to the parser', () => {
    const endless = Buffer.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01)
    expect(new PacketCutter(1 << 20).cut(endless)).toEqual(endless)
  })
})
