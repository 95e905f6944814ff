import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { CodedError } from '../domain/errors.ts'
import type { Recording } from '../domain/ports/clips.ts'
import { type Candidate, endFfmpeg, type Ffmpeg, ffmpegArguments, findFfmpeg, spawnFfmpeg } from './ffmpeg.ts'
import { recordingOutput } from './ffmpeg-clip.ts'
import { type FrameInput, inputOf } from './ffmpeg-input.ts'
import { FramePairs, JpegSplitter, type RawFrame } from './ffmpeg-pairs.ts'
import { type Exit, exitOf, within } from './ffmpeg-process.ts'
import { type Relay, relayRtsp } from './rtsp-relay.ts'

export type { FrameInput, PictureCodec } from './ffmpeg-input.ts'
export type { RawFrame } from './ffmpeg-pairs.ts'

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
  /** Only pictures that differ from the last given cross the pipe, and one every so many seconds in any case. */
  changedOnly?: ChangedOnly | undefined
  /** The stream as it is goes along, in segments on disk, for clips. */
  record?: Recording | undefined
  /** Waiting longer than this for a picture is a failure. */
  stallMs: number
  /** For tests: where to look for ffmpeg. */
  candidates?: readonly Candidate[]
}

/**
 * The pictures of a source, all of them, at the pace of the reader: decode, rate, scale and colour in one ffmpeg pass.
 * Ends when the source ends or `signal` aborts. Throws `source.failed` (no credentials in its text) when the source cannot be
 * read, breaks or stalls, and `ffmpeg.missing`. The process is gone when the iteration is over, however that comes.
 */
export async function* readFrames(request: FrameRequest, signal: AbortSignal): AsyncGenerator<RawFrame, void, void> {
  const ffmpeg = await findFfmpeg(request.candidates)
  const relay = request.input.type === 'rtsp' ? await relayRtsp(request.input.url) : undefined
  try {
    if (!signal.aborted) yield* framesOf(ffmpeg, request, relay, signal)
  } finally {
    relay?.close()
  }
}

async function* framesOf(ffmpeg: Ffmpeg, request: FrameRequest, relay: Relay | undefined, signal: AbortSignal): AsyncGenerator<RawFrame, void, void> {
  const child = spawnFfmpeg(ffmpeg.path, frameArguments(ffmpeg, request, relay?.url))
  const pairs = new FramePairs(request.width * request.height * 3, request.still.every)
  const end = connect(child, pairs)
  const abort = () => child.kill('SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  const patience = request.stallMs + (request.changedOnly?.everyS ?? 0) * 1000
  let count = 0
  try {
    for (;;) {
      const frame = await within(pairs.next(), patience)
      if (signal.aborted) return
      if (!frame) break
      count++
      yield frame
    }
    const { code, message } = await end
    if (signal.aborted) return
    const why = relay?.failure() ?? message
    if (code !== 0 || count === 0 || relay?.failure()) throw new CodedError('source.failed', why || 'the source has no pictures')
  } finally {
    signal.removeEventListener('abort', abort)
    await endFfmpeg(child)
  }
}

/** What the filter that tells says of a picture. */
const TOLD = /\bn: *(\d+) pts: *(-?\d+) .*\bs:(\d+)x(\d+) /

/** Leads the three pipes into `pairs`; resolves with the exit when the process is gone. */
async function connect(child: ChildProcess, pairs: FramePairs): Promise<Exit> {
  const [, raw, , stills] = child.stdio as unknown as [null, Readable, Readable, Readable]
  const splitter = new JpegSplitter()
  pairs.flow = (open) => (open ? raw.resume() : raw.pause())
  raw.on('data', (chunk: Buffer) => pairs.raw(chunk))
  stills.on('data', (chunk: Buffer) => {
    for (const jpeg of splitter.push(chunk)) pairs.still(jpeg)
  })
  stills.on('end', () => pairs.stillsEnd())
  const exit = await exitOf(child, (line) => {
    const [told, n, pts, width, height] = TOLD.exec(line) ?? []
    if (told) pairs.info({ first: n === '0', pts: Number(pts), width: Number(width), height: Number(height) })
    return told !== undefined
  })
  pairs.end()
  return exit
}

function frameArguments(ffmpeg: Ffmpeg, { input, fps, filter, still, changedOnly, record, stallMs }: FrameRequest, relay: string | undefined): string[] {
  const passThrough = [`${ffmpeg.syncFlag} passthrough`, '-threads 1', '-flush_packets 1']
  return ffmpegArguments({
    ...inputOf(ffmpeg, input, { fps, stallMs, relay }),
    filter: [
      `[0:v:0]fps=${fps},${decimate(fps, changedOnly)}${ffmpeg.tell},split=2[a][b]`,
      `[a]${filter}[raw]`,
      // When the camera changes its size the filters start anew, and with them this count.
      `[b]select='isnan(prev_selected_pts)+gte(pts-prev_selected_pts\\,${still.every})',scale=w='min(iw\\,${still.maxWidth})':h=-2[still]`,
    ].join(';'),
    outputs: [
      { to: 'pipe:1', options: ['-map [raw]', '-f rawvideo', '-pix_fmt rgb24', ...passThrough] },
      { to: 'pipe:3', options: ['-map [still]', '-f image2pipe', '-c:v mjpeg', '-pix_fmt yuvj420p', '-q:v 4', ...passThrough] },
      ...(record ? [recordingOutput(record)] : []),
    ],
  })
}

/** What counts as a change: that some block of 8 × 8 pixels differs by more than `level` of 255 on average, or a third of them by half of that. */
export interface ChangedOnly {
  everyS: number
  level: number
}

/** Leaves out pictures that show what the last given one showed; but not more than so many in a row. */
function decimate(fps: number, changedOnly: FrameRequest['changedOnly']): string {
  const most = changedOnly ? Math.round(fps * changedOnly.everyS) - 1 : 0
  const level = Math.max(1, Math.round(64 * (changedOnly?.level ?? 0)))
  return most > 0 ? `mpdecimate=max=${most}:hi=${level}:lo=${Math.ceil(level / 2)}:frac=0.33,` : ''
}
