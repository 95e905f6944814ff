import { expect, it } from 'vitest'
import { SipHash } from './sip-hash.ts'

/** HalfSipHash-2-4-64 as its authors published it: key 00 … 07, inputs "", 00, 00 01, … */
const PUBLISHED = (
  '218d1f59b9b83cc8 be552412f8387315 064f39ef7c50eb57 ce0f1a45f7060679 d5e78a175be52ea1 cb9d7c3f2f3db580 ' +
  'ce3e91358aa2bc25 ff202728b07bc684 edfee820bce4858c 5b51cccc13888307 95b0469f06a6f2ee ae26333994ddcd48'
).split(' ')

it.each(PUBLISHED.map((hex, length) => [length, hex] as const))('%d bytes', (length, hex) => {
  const sip = new SipHash(Uint8Array.from({ length: 8 }, (_, i) => i))
  const input = Uint8Array.from({ length: length + 3 }, (_, i) => i - 3)
  sip.of(new DataView(input.buffer), 3, input.length)
  const result = Buffer.alloc(8)
  result.writeUInt32LE(sip.first, 0)
  result.writeUInt32LE(sip.second, 4)
  expect(result.toString('hex')).toBe(hex)
})
