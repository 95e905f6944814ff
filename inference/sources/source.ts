import type { CameraConfig, CameraSource } from '../../domain/camera.ts'
import type { ChangedOnly } from '../../drivers/ffmpeg-frames.ts'
import { fileFrames, rtspFrames } from './ffmpeg.ts'
import type { Frame, SourceNeeds } from './frame.ts'
import { httpFrames } from './http.ts'
import { pushedFrames } from './pushed.ts'

/** What a camera starts anew for. */
export function sourceOf({ source, model, reader, fps, gate }: CameraConfig): string {
  return JSON.stringify([source, model, reader, fps, gate])
}

/** True for a source that does not wait: what is not looked at in time is dropped. */
export function isLive(source: CameraSource): boolean {
  return source.type !== 'file' || source.realtime
}

/** Health is judged every two seconds, and a dwell must not end later than a second after it is over: a picture that stands still crosses at least so often. */
const STILL_EVERY = 1

/**
 * What the gate would keep back need not cross the pipe: pictures of a stream in which nothing has changed since the last one by
 * as much as the gate asks for. Undefined where frames come so seldom that nothing is gained, or are not decoded here.
 */
export function changedOnlyOf(source: CameraSource, fps: number, floor: number): ChangedOnly | undefined {
  const streamed = source.type === 'rtsp' || (source.type === 'file' && source.realtime)
  return streamed && fps > STILL_EVERY ? { everyS: STILL_EVERY, level: floor } : undefined
}

/**
 * The frames of a source in order of time, until it ends or `signal` aborts. Throws `source.failed`.
 * A file gives every frame; its `at` is the declared start + index ÷ fps. Live frames bear the time of their arrival, those of a
 * gateway the time that it gave them. `needs.heldBack` hears of every picture that the source had and gave no frame of.
 */
export function openSource(source: CameraSource, needs: SourceNeeds, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  switch (source.type) {
    case 'file':
      return fileFrames(source, needs, signal)
    case 'rtsp':
      return rtspFrames(source.url, needs, signal)
    case 'http':
      return httpFrames(source.url, needs, signal)
    case 'gateway':
      return pushedFrames(needs, signal)
  }
}
