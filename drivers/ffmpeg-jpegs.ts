import { on } from 'node:events'
import type { Readable } from 'node:stream'
import { CodedError } from '../domain/errors.ts'
import { type Candidate, endFfmpeg, ffmpegArguments, findFfmpeg, spawnFfmpeg } from './ffmpeg.ts'
import { type FrameInput, inputOf } from './ffmpeg-input.ts'
import { JpegSplitter } from './ffmpeg-pairs.ts'
import { exitOf, within } from './ffmpeg-process.ts'
import { relayRtsp } from './rtsp-relay.ts'

export interface JpegRequest {
  input: FrameInput
  /** Pictures per second, at most this wide. */
  fps: number
  maxWidth: number
  /** Waiting longer than this for a picture is a failure. */
  stallMs: number
  /** For tests: where to look for ffmpeg. */
  candidates?: readonly Candidate[]
}

/**
 * The pictures of a source as JPEGs, to be looked at or sent on. Ends when the source ends or `signal` aborts. Throws as `readFrames`
 * does, and leaves no process either.
 */
export async function* readJpegs(request: JpegRequest, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  const ffmpeg = await findFfmpeg(request.candidates)
  const relay = request.input.type === 'rtsp' ? await relayRtsp(request.input.url) : undefined
  const { fps, maxWidth, stallMs } = request
  const child = spawnFfmpeg(
    ffmpeg.path,
    ffmpegArguments({
      ...inputOf(ffmpeg, request.input, { fps, stallMs, relay: relay?.url }),
      filter: `[0:v:0]fps=${fps},scale=w='min(iw\\,${maxWidth})':h=-2[still]`,
      outputs: [
        {
          to: 'pipe:1',
          options: ['-map [still]', '-f image2pipe', '-c:v mjpeg', '-pix_fmt yuvj420p', '-q:v 5', `${ffmpeg.syncFlag} passthrough`, '-threads 1', '-flush_packets 1'],
        },
      ],
    }),
  )
  const exit = exitOf(child)
  const abort = () => child.kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const splitter = new JpegSplitter()
  let count = 0
  try {
    const chunks = on(child.stdout as Readable, 'data', { close: ['end', 'close'], highWaterMark: 4 }) as AsyncIterableIterator<[Buffer]>
    for (;;) {
      const next = await within(chunks.next(), stallMs)
      if (signal.aborted) return
      if (next.done) break
      for (const jpeg of splitter.push(next.value[0])) {
        count++
        yield jpeg
      }
    }
    const { code, message } = await exit
    const why = relay?.failure() ?? message
    if (!signal.aborted && (code !== 0 || count === 0 || relay?.failure())) throw new CodedError('source.failed', why || 'the source has no pictures')
  } finally {
    signal.removeEventListener('abort', abort)
    await endFfmpeg(child)
    relay?.close()
  }
}
