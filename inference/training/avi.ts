/** How a video of JPEGs is played. */
export interface VideoShape {
  width: number
  height: number
  /** Whole pictures per second. */
  fps: number
}

const KEY_FRAME = 0x10
const HAS_INDEX = 0x10

/** JPEG pictures as one AVI file (RIFF, one MJPG stream, with an index), which every player and decoder reads. */
export function aviOf(pictures: readonly Uint8Array[], { width, height, fps }: VideoShape): Uint8Array {
  const largest = pictures.reduce((most, { length }) => Math.max(most, length), 0)
  const main = words(1_000_000 / fps, largest * fps, 0, HAS_INDEX, pictures.length, 0, 1, largest, width, height, 0, 0, 0, 0)
  const stream = Buffer.concat([Buffer.from('vidsMJPG'), words(0, 0, 0, 1, fps, 0, pictures.length, largest, 0xffffffff, 0), halves(0, 0, width, height)])
  const format = Buffer.concat([words(40, width, height), halves(1, 24), Buffer.from('MJPG'), words(width * height * 3, 0, 0, 0, 0)])
  const header = list('hdrl', [chunk('avih', main), list('strl', [chunk('strh', stream), chunk('strf', format)])])
  const frames = pictures.map((jpeg) => chunk('00dc', jpeg))
  let offset = 4
  const index = frames.map((frame, i) => {
    const entry = Buffer.concat([Buffer.from('00dc'), words(KEY_FRAME, offset, (pictures[i] as Uint8Array).length)])
    offset += frame.length
    return entry
  })
  return chunk('RIFF', Buffer.concat([Buffer.from('AVI '), header, list('movi', frames), chunk('idx1', Buffer.concat(index))]))
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(Math.round(value), i * 4)
  return bytes
}

function halves(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value, i * 2)
  return bytes
}

function list(name: string, parts: readonly Uint8Array[]): Buffer {
  return chunk('LIST', Buffer.concat([Buffer.from(name), ...parts]))
}

/** Name, length, content, and a byte more where the length is odd. */
function chunk(name: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(name), words(content.length), content, Buffer.alloc(content.length % 2)])
}
