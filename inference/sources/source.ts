import type { CameraSource } from '../../domain/camera.ts'
import { fileFrames, rtspFrames } from './ffmpeg.ts'
import type { Frame, SourceNeeds } from './frame.ts'
import { httpFrames } from './http.ts'
import { pushedFrames } from './pushed.ts'

/** True for a source that does not wait: what is not looked at in time is dropped. */
export function isLive(source: CameraSource): boolean {
  return source.type !== 'file' || source.realtime
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
