import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { CodedError } from '../domain/errors.ts'
import type { Recording } from '../domain/ports/clips.ts'
import { type Candidate, endFfmpeg, type Ffmpeg, ffmpegArguments, findFfmpeg, redact, spawnFfmpeg } from './ffmpeg.ts'
import { recordingOutput } from './ffmpeg-clip.ts'
import { FramePairs, JpegSplitter, type RawFrame } from './ffmpeg-pairs.ts'

export type { RawFrame } from './ffmpeg-pairs.ts'

/** What a picture file holds, whatever its name says: ffmpeg would believe the name. */
export type PictureCodec = 'mjpeg' | 'png' | 'webp' | 'bmp'

export type FrameInput =
  | { type: 'video'; path: string; loop: boolean; realtime: boolean }
  | { type: 'picture'; path: string; codec: PictureCodec; loop: boolean; realtime: boolean }
  | { type: 'rtsp'; url: string }

export interface FrameRequest {
  input: FrameInput
  /** Pictures per second after decoding. */
  fps: number
  /** Size of the raw picture in pixels, and the filters that bring any picture to it (inference/letterbox.ts). */
  width: number
  height: number
  filter: string
  /** Every so many frames a JPEG of the whole picture goes along, at most this wide. */
  still: { every: number; maxWidth: number }
  /** The stream as it is goes along, in segments on disk, for clips. */
  record?: Recording | undefined
  /** Waiting longer than this for a picture is a failure. */
  stallMs: number
  /** For tests: where to look for ffmpeg. */
  candidates?: readonly Candidate[]
}

/** ffmpeg takes its socket limit in µs. */
const MICROS_PER_MS = 1000

/**
 * The pictures of a source, all of them, at the pace of the reader: decode, rate, scale and colour in one ffmpeg pass.
 * Ends when the source ends or `signal` aborts. Throws `source.failed` (no credentials in its text) when the source cannot be
 * read, breaks or stalls, and `ffmpeg.missing`. The process is gone when the iteration is over, however that comes.
 */
export async function* readFrames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<RawFrame, void, void> {
  const ffmpeg = await findFfmpeg(request.candidates)
  if (signal.aborted) return
  const child = spawnFfmpeg(ffmpeg.path, frameArguments(ffmpeg, request))
  const pairs = new FramePairs(request.width * request.height * 3, request.still.every)
  const end = connect(child, pairs)
  const abort = () => child.kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  let count = 0
  try {
    for (;;) {
      const frame = await within(pairs.next(), request.stallMs)
      if (signal.aborted) return
      if (!frame) break
      count++
      yield frame
    }
    const { code, message } = await end
    if (signal.aborted) return
    if (code !== 0 || count === 0) throw new CodedError('source.failed', message || 'the source has no pictures')
  } finally {
    signal.removeEventListener('abort', abort)
    await endFfmpeg(child)
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CodedError('source.failed', `no picture within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([promise, stalled])
  } finally {
    clearTimeout(timer)
  }
}

/** Lines that say what went wrong; those after them only say that something did. */
const TROUBLE = /^(?!.*(conversion failed|marking filters))(.*\b(error|invalid|no such|refused|unauthorized|denied|timed out|could not|unable|not found|failed))/i

/** Leads the three pipes into `pairs`; resolves with the exit and the last words when the process is gone. */
function connect(child: ChildProcess, pairs: FramePairs): Promise<{ code: number | null; message: string }> {
  const [, raw, messages, stills] = child.stdio as unknown as [null, Readable, Readable, Readable]
  const splitter = new JpegSplitter()
  pairs.flow = (open) => (open ? raw.resume() : raw.pause())
  raw.on('data', (chunk: Buffer) => pairs.raw(chunk))
  stills.on('data', (chunk: Buffer) => {
    for (const jpeg of splitter.push(chunk)) pairs.still(jpeg)
  })
  stills.on('end', () => pairs.stillsEnd())
  let last = ''
  createInterface({ input: messages }).on('line', (line) => {
    const size = / s:(\d+)x(\d+) /.exec(line)
    if (size) pairs.size(Number(size[1]), Number(size[2]))
    else if (TROUBLE.test(line)) last = redact(line.trim()).slice(0, 500)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => {
      pairs.end()
      resolve({ code: null, message: redact(error.message) })
    })
    child.once('close', (code) => {
      pairs.end()
      resolve({ code, message: last })
    })
  })
}

function frameArguments(ffmpeg: Ffmpeg, { input, fps, filter, still, record, stallMs }: FrameRequest): string[] {
  const passThrough = [`${ffmpeg.syncFlag} passthrough`, '-threads 1', '-flush_packets 1']
  return ffmpegArguments({
    ...inputOf(ffmpeg, input, fps, stallMs),
    // The third branch only tells the size of the first picture, and again when the camera changes it: the filters start anew then.
    filter: [
      `[0:v:0]fps=${fps},split=3[a][b][c]`,
      `[a]${filter}[raw]`,
      `[b]select='not(mod(n\\,${still.every}))',scale=w='min(iw\\,${still.maxWidth})':h=-2[still]`,
      `[c]select='eq(n\\,0)',showinfo,nullsink`,
    ].join(';'),
    outputs: [
      { to: 'pipe:1', options: ['-map [raw]', '-f rawvideo', '-pix_fmt rgb24', ...passThrough] },
      { to: 'pipe:3', options: ['-map [still]', '-f image2pipe', '-c:v mjpeg', '-pix_fmt yuvj420p', '-q:v 4', ...passThrough] },
      ...(record ? [recordingOutput(record)] : []),
    ],
  })
}

function inputOf(ffmpeg: Ffmpeg, input: FrameInput, fps: number, stallMs: number): { input: string; inputOptions: string[] } {
  // One decoding thread per camera: with hundreds of cameras the cores are shared by processes, not by threads.
  const common = ['-nostats', '-threads 1', '-an', '-sn']
  const pace = input.type !== 'rtsp' && input.realtime ? ['-re'] : []
  switch (input.type) {
    case 'video':
      // `file:` makes a path a path, whatever it begins with.
      return { input: `file:${input.path}`, inputOptions: [...common, '-protocol_whitelist file', ...pace, ...(input.loop ? ['-stream_loop -1'] : [])] }
    case 'picture':
      return {
        input: `file:${input.path}`,
        inputOptions: [
          ...common,
          '-protocol_whitelist file',
          ...pace,
          '-f image2',
          '-pattern_type none',
          `-c:v ${input.codec}`,
          `-framerate ${fps}`,
          ...(input.loop ? ['-loop 1'] : []),
        ],
      }
    case 'rtsp':
      return {
        input: input.url,
        inputOptions: [...common, '-protocol_whitelist rtsp,rtsps,rtp,tcp,tls', '-rtsp_transport tcp', `${ffmpeg.rtspTimeoutFlag} ${stallMs * MICROS_PER_MS}`],
      }
  }
}
