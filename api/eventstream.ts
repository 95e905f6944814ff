import { vi } from 'vitest'

export interface Frame {
  id?: string
  event?: string
  data?: unknown
}

/** A live view over real HTTP, as EventSource would read it. */
export class EventStream {
  readonly frames: Frame[] = []
  readonly #stop = new AbortController()
  ended = false

  async start(url: string, headers: Record<string, string>): Promise<Response> {
    const response = await fetch(url, { headers, signal: this.#stop.signal })
    if (response.ok) void this.#read(response)
    return response
  }

  async #read(response: Response): Promise<void> {
    let rest = ''
    try {
      for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + text).split('\n\n')
        rest = blocks.pop() ?? ''
        this.frames.push(...blocks.map(frameOf).filter((frame) => frame.event !== undefined))
      }
    } catch {
      // Cut off, by us or by the server: `ended` says so either way.
    }
    this.ended = true
  }

  close(): void {
    this.#stop.abort()
  }

  seqs(): number[] {
    return this.frames.filter((frame) => frame.event === 'alert').map((frame) => Number(frame.id))
  }

  /** Waits until the stream has said so much. */
  until(condition: (stream: this) => boolean): Promise<void> {
    return vi.waitUntil(() => condition(this), { timeout: 20_000, interval: 5 }).then(() => undefined)
  }
}

function frameOf(block: string): Frame {
  const frame: Record<string, string> = {}
  for (const line of block.split('\n')) {
    const [, field, value] = /^(\w+): (.*)$/.exec(line) ?? []
    if (field && field !== 'retry' && value !== undefined) frame[field] = value
  }
  return { ...frame, ...(frame.data === undefined ? {} : { data: JSON.parse(frame.data) as unknown }) }
}
