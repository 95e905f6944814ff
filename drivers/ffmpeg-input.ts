import type { Ffmpeg } from './ffmpeg.ts'

/** What a picture file holds, whatever its name says: ffmpeg would believe the name. */
export type PictureCodec = 'mjpeg' | 'png' | 'webp' | 'bmp'

export type FrameInput =
  | { type: 'video'; path: string; loop: boolean; realtime: boolean }
  | { type: 'picture'; path: string; codec: PictureCodec; loop: boolean; realtime: boolean }
  /** The address may hold name and password: ffmpeg is never told it (rtsp-relay.ts). */
  | { type: 'rtsp'; url: string }

/** ffmpeg takes its socket limit in µs. */
const MICROS_PER_MS = 1000
/** A small file can unpack to gigabytes. */
const MAX_PIXELS = 100_000_000
// One decoding thread per camera: with hundreds of cameras the cores are shared by processes, not by threads.
const COMMON = ['-nostats', '-threads 1', '-an', '-sn', `-max_pixels ${MAX_PIXELS}`]

/** How ffmpeg opens a source. `relay`: where the relay of an RTSP source listens. */
export function inputOf(
  ffmpeg: Ffmpeg,
  input: FrameInput,
  { fps, stallMs, relay }: { fps: number; stallMs: number; relay: string | undefined },
): { input: string; inputOptions: string[] } {
  const pace = input.type !== 'rtsp' && input.realtime ? ['-re'] : []
  switch (input.type) {
    case 'video':
      // `file:` makes a path a path, whatever it begins with.
      return { input: `file:${input.path}`, inputOptions: [...COMMON, '-protocol_whitelist file', ...pace, ...(input.loop ? ['-stream_loop -1'] : [])] }
    case 'picture': {
      const loop = input.loop ? ['-loop 1'] : []
      const inputOptions = [...COMMON, '-protocol_whitelist file', ...pace, '-f image2', '-pattern_type none', `-c:v ${input.codec}`, `-framerate ${fps}`, ...loop]
      return { input: `file:${input.path}`, inputOptions }
    }
    case 'rtsp':
      return {
        input: relay ?? '',
        inputOptions: [...COMMON, '-protocol_whitelist rtsp,rtp,tcp', '-rtsp_transport tcp', '-fpsprobesize 0', `${ffmpeg.rtspTimeoutFlag} ${stallMs * MICROS_PER_MS}`],
      }
  }
}
