/** A piece of an RTSP connection: what is interleaved with it as it stands, or one request or answer. */
export type RtspPiece = { binary: Buffer } | { head: string; body: Buffer }

const DOLLAR = 0x24
const [CR, LF] = [0x0d, 0x0a]
const HEAD_END = '\r\n\r\n'
/** More than any camera says. */
const MAX_TEXT_BYTES = 1024 * 1024

/** Cuts one direction of an RTSP connection over TCP (RFC 2326, 10.12) into messages and what is interleaved with them. */
export class RtspCutter {
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of an interleaved packet that are still to come. */
  #skip = 0

  /** What these bytes make whole, in order. Throws when the other side says something without end. */
  push(chunk: Buffer): RtspPiece[] {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    const pieces: RtspPiece[] = []
    let at = Math.min(this.#skip, data.length)
    this.#skip -= at
    let from = 0
    const flush = (end: number): void => {
      if (end > from) pieces.push({ binary: data.subarray(from, end) })
    }
    while (at < data.length) {
      if (data[at] === DOLLAR) {
        if (at + 4 > data.length) break
        const end = at + 4 + data.readUInt16BE(at + 2)
        this.#skip = Math.max(0, end - data.length)
        at = Math.min(end, data.length)
      } else if (data[at] === CR || data[at] === LF) {
        // Some cameras send an empty line between messages.
        flush(at)
        from = ++at
      } else {
        const message = messageAt(data, at)
        if (!message) break
        flush(at)
        pieces.push(message.piece)
        from = at = message.end
      }
    }
    flush(at)
    this.#rest = data.subarray(at)
    if (this.#rest.length > MAX_TEXT_BYTES) throw new Error(`a message of more than ${MAX_TEXT_BYTES} bytes`)
    return pieces
  }
}

function messageAt(data: Buffer, at: number): { piece: { head: string; body: Buffer }; end: number } | undefined {
  const headEnd = data.indexOf(HEAD_END, at)
  if (headEnd < 0) return undefined
  const head = data.toString('latin1', at, headEnd)
  const bodyAt = headEnd + HEAD_END.length
  const length = Number(headerOf(head, 'content-length') ?? 0)
  if (!(length >= 0 && length <= MAX_TEXT_BYTES)) throw new Error(`a message of more than ${MAX_TEXT_BYTES} bytes`)
  const end = bodyAt + length
  return end <= data.length ? { piece: { head, body: data.subarray(bodyAt, end) }, end } : undefined
}

/** The first value of a header, undefined when it is not there. */
export function headerOf(head: string, name: string): string | undefined {
  return headersOf(head, name)[0]
}

export function headersOf(head: string, name: string): string[] {
  const prefix = `${name.toLowerCase()}:`
  return head
    .split('\r\n')
    .slice(1)
    .filter((line) => line.toLowerCase().startsWith(prefix))
    .map((line) => line.slice(prefix.length).trim())
}

/** The head with this header set, or taken out. */
export function withHeader(head: string, name: string, value: string | undefined): string {
  const prefix = `${name.toLowerCase()}:`
  const lines = head.split('\r\n').filter((line, index) => index === 0 || !line.toLowerCase().startsWith(prefix))
  return [...lines, ...(value === undefined ? [] : [`${name}: ${value}`])].join('\r\n')
}
