import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Instant } from '../../domain/time.ts'

/** A file in a ZIP. */
export interface ZipEntry {
  name: string
  bytes: Uint8Array
  at: Instant
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** Names are UTF-8. */
const FLAGS = 0x0800
const VERSION = 20
/** Made on Unix, a plain file that its owner reads and writes. */
const UNIX = (3 << 8) | VERSION
const MODE = 0o100600 * 0x10000
const MOST = 0xffff_ffff

/** Texts are deflated; pictures and clips, which would gain nothing, are stored. Throws RangeError beyond 4 GiB or 65,535 files: there is no ZIP64. */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, bytes, at } of entries) {
    const deflated = /\.(?:json|txt|pem)$/.test(name) ? deflateRawSync(bytes) : undefined
    const body = deflated ?? bytes
    const title = Buffer.from(name, 'utf8')
    const common = Buffer.alloc(26)
    common.writeUInt16LE(VERSION, 0)
    common.writeUInt16LE(FLAGS, 2)
    common.writeUInt16LE(deflated ? 8 : 0, 4)
    common.writeUInt32LE(dosTime(at), 6)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(body.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(title.length, 22)
    const head = numbers(LOCAL)
    parts.push(head, common, title, body)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(MODE, 6)
    tail.writeUInt32LE(offset, 10)
    central.push(numbers(CENTRAL), Buffer.from([UNIX & 0xff, UNIX >> 8]), common, tail, title)
    offset += head.length + common.length + title.length + body.length
  }
  const size = central.reduce((sum, { length }) => sum + length, 0)
  if (offset + size > MOST || entries.length > 0xffff) throw new RangeError('too much for a ZIP without ZIP64')
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...central, end])
}

/** The files of a ZIP such as `zip` writes, by name. Throws RangeError for anything else. */
export function unzip(archive: Uint8Array): Map<string, Uint8Array> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = bytes.lastIndexOf(numbers(END))
  if (end < 0) throw new RangeError('not a ZIP file')
  const files = new Map<string, Uint8Array>()
  let at = bytes.readUInt32LE(end + 16)
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw new RangeError('the list of files is damaged')
    const [method, packed, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)]
    const [title, extra, comment, local] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)]
    const name = bytes.toString('utf8', at + 46, at + 46 + title)
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const body = bytes.subarray(begin, begin + packed)
    if (method !== 0 && method !== 8) throw new RangeError(`${name} is packed in a way that is not known here`)
    // A small archive may claim to unpack to anything.
    files.set(name, method === 0 ? body : inflateRawSync(body, { maxOutputLength: Math.max(size, 1) }))
    at += 46 + title + extra + comment
  }
  return files
}

function numbers(signature: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(signature)
  return bytes
}

/** Time and date in steps of 2 s from 1980 on, in UTC: the format knows no zones. */
function dosTime(at: Instant): number {
  const date = new Date(Math.max(at, Date.UTC(1980, 0, 1)))
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1)
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate()
  return ((day << 16) | time) >>> 0
}
