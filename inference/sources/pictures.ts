import { setTimeout as wait } from 'node:timers/promises'
import type { CameraSource } from '../../domain/camera.ts'
import { CodedError } from '../../domain/errors.ts'
import type { Instant } from '../../domain/time.ts'
import { readJpegs } from '../../drivers/ffmpeg-jpegs.ts'
import { toStill } from '../picture.ts'
import { fileInput } from './ffmpeg.ts'
import { stallMs } from './frame.ts'
import { HttpCamera } from './http-camera.ts'
import type { PushedFrames } from './pushed.ts'

/** A camera's picture to be looked at by people, or sent on. */
export interface LivePicture {
  at: Instant
  jpeg: Uint8Array
}

export interface PictureNeeds {
  fps: number
  /** Pixels; no picture is wider. */
  maxWidth: number
  now(): Instant
  /** Where the frames of a gateway come in, and under which camera's name. */
  pushed?: PushedFrames | undefined
  camera?: string | undefined
}

/**
 * The pictures of a source as people see them, at its own pace, files too, until it ends or `signal` aborts. Throws `source.failed`,
 * with no secret in its text.
 */
export function openPictures(source: CameraSource, needs: PictureNeeds, signal: AbortSignal): AsyncGenerator<LivePicture, void, void> {
  switch (source.type) {
    case 'file':
      return playedPictures(source, needs, signal)
    case 'rtsp':
      return timed(readJpegs({ input: { type: 'rtsp', url: source.url }, ...requestOf(needs) }, signal), needs)
    case 'http':
      return askedPictures(source.url, needs, signal)
    case 'gateway':
      return pushedPictures(needs, signal)
  }
}

const requestOf = ({ fps, maxWidth }: PictureNeeds) => ({ fps, maxWidth, stallMs: stallMs(fps) })

async function* timed(jpegs: AsyncIterable<Uint8Array>, { now }: PictureNeeds): AsyncGenerator<LivePicture, void, void> {
  for await (const jpeg of jpegs) yield { at: now(), jpeg }
}

async function* playedPictures(source: Extract<CameraSource, { type: 'file' }>, needs: PictureNeeds, signal: AbortSignal): AsyncGenerator<LivePicture, void, void> {
  yield* timed(readJpegs({ input: await fileInput({ ...source, realtime: true }), ...requestOf(needs) }, signal), needs)
}

async function* askedPictures(url: string, { fps, maxWidth, now }: PictureNeeds, signal: AbortSignal): AsyncGenerator<LivePicture, void, void> {
  const camera = new HttpCamera(url)
  while (!signal.aborted) {
    const asked = now()
    try {
      const bytes = await camera.picture(AbortSignal.any([signal, AbortSignal.timeout(stallMs(fps))]))
      const at = now()
      yield { at, jpeg: await toStill(bytes, maxWidth) }
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    await wait(Math.max(0, 1000 / fps - (now() - asked)), undefined, { signal }).catch(() => undefined)
  }
}

async function* pushedPictures({ pushed, camera, fps }: PictureNeeds, signal: AbortSignal): AsyncGenerator<LivePicture, void, void> {
  if (!pushed || camera === undefined) throw new CodedError('source.failed', 'nothing takes frames from gateways here')
  let newest: LivePicture | undefined
  let came: () => void = () => undefined
  const stop = pushed.listen(camera, 'looks', (frame) => {
    newest = frame
    came()
  })
  signal.addEventListener('abort', () => came(), { once: true })
  try {
    for (let at = Number.NEGATIVE_INFINITY; !signal.aborted; ) {
      const arrival = new Promise<void>((resolve) => {
        came = resolve
      })
      if (!newest) await arrival
      const picture = newest
      newest = undefined
      if (!picture || picture.at < at + 900 / fps) continue
      at = picture.at
      yield picture
    }
  } finally {
    stop()
  }
}
