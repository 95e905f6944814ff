import { open, readFile } from 'node:fs/promises'
import type { CameraSource } from '../../domain/camera.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Recording } from '../../domain/ports/clips.ts'
import { type Instant, parseInstant } from '../../domain/time.ts'
import { type FrameInput, type FrameRequest, type PictureCodec, type RawFrame, readFrames } from '../../drivers/ffmpeg-frames.ts'
import { fitFilter } from '../letterbox.ts'
import { readPicture } from '../picture.ts'
import { checkSize, type Frame, type SourceNeeds, STILL_EVERY_S, STILL_WIDTH, stallMs } from './frame.ts'

type FileSource = Extract<CameraSource, { type: 'file' }>

/** A video, or a picture as a video that stands still. */
export async function* fileFrames(source: FileSource, needs: SourceNeeds, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const start = startOf(source, needs.now())
  const input = await fileInput(source)
  // Without it there is no clip; the pictures come all the same.
  await needs.clips?.began({ path: source.path, start, loop: source.loop, picture: input.type === 'picture' }).catch(() => undefined)
  for await (const { index, ...frame } of framesOf(input, needs, signal)) yield { ...frame, at: start + Math.round((index * 1000) / needs.fps) }
}

/** A picture file is read once as a whole, at a size that costs nothing. */
const PROBE = { width: 16, height: 16, fit: 'stretch', padValue: 0 } as const

/** How ffmpeg opens a file, by what is in it. Throws `source.failed` for a broken picture, half of which ffmpeg would show as grey. */
export async function fileInput({ path, loop, realtime }: FileSource): Promise<FrameInput> {
  const codec = await pictureCodec(path)
  if (codec) checkSize((await readPicture(await readFile(path), PROBE)).size)
  return codec ? { type: 'picture', path, codec, loop, realtime } : { type: 'video', path, loop, realtime }
}

/** A camera over RTSP, interleaved in TCP. */
export async function* rtspFrames(url: string, needs: SourceNeeds, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const record = await needs.clips?.recording().catch(() => undefined)
  for await (const { rgb, picture, jpeg } of framesOf({ type: 'rtsp', url }, needs, signal, record)) yield { rgb, picture, jpeg, at: needs.now() }
}

/** Counts what was left out because it did not change: the places that are missing in the row. */
async function* framesOf(input: FrameInput, needs: SourceNeeds, signal: AbortSignal, record?: Recording): AsyncGenerator<RawFrame, void, void> {
  let next = 0
  for await (const frame of readFrames({ ...requestOf(input, needs), record }, signal)) {
    checkSize(frame.picture)
    if (needs.changedOnly && frame.index > next) needs.heldBack?.('unchanged', frame.index - next)
    next = frame.index + 1
    yield frame
  }
}

function requestOf(input: FrameInput, { fps, input: model, changedOnly, stillWidth = STILL_WIDTH }: SourceNeeds): FrameRequest {
  return {
    input,
    fps,
    width: model.width,
    height: model.height,
    filter: fitFilter(model.fit, model, model.padValue),
    still: { every: Math.max(1, Math.round(fps * STILL_EVERY_S)), maxWidth: stillWidth },
    changedOnly,
    stallMs: stallMs(fps),
  }
}

function startOf({ start }: FileSource, now: Instant): Instant {
  if (start === undefined) return now
  const parsed = parseInstant(start)
  if ('code' in parsed) throw new CodedError('source.failed', `the start of a file source must be RFC 3339 with zone (${parsed.code}): ${start}`)
  return parsed.at
}

const SIGNATURES: readonly [PictureCodec, RegExp][] = [
  ['mjpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG/],
  ['webp', /^RIFF....WEBP/s],
  ['bmp', /^BM/],
]

/** What sort of picture a file is by its first bytes; undefined for videos, and for files that cannot be read: ffmpeg will say why. */
async function pictureCodec(path: string): Promise<PictureCodec | undefined> {
  const file = await open(path).catch(() => undefined)
  if (!file) return undefined
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
    const head = buffer.toString('latin1', 0, bytesRead)
    return SIGNATURES.find(([, signature]) => signature.test(head))?.[0]
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}
