import { setTimeout as wait } from 'node:timers/promises'
import { readPicture, toStill } from '../picture.ts'
import { checkSize, type Frame, type SourceNeeds, STILL_WIDTH, stallMs } from './frame.ts'
import { HttpCamera } from './http-camera.ts'

/** A camera that gives one picture per request, asked `fps` times a second. */
export async function* httpFrames(url: string, needs: SourceNeeds, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  const camera = new HttpCamera(url)
  const interval = 1000 / needs.fps
  for (let due = needs.now(); !signal.aborted; due = Math.max(due + interval, needs.now())) {
    if (!(await pause(due - needs.now(), signal))) return
    const frame = await look(camera, needs, signal)
    if (frame) yield frame
  }
}

/** Undefined when aborted meanwhile. */
async function look(camera: HttpCamera, needs: SourceNeeds, signal: AbortSignal): Promise<Frame | undefined> {
  try {
    const bytes = await camera.picture(AbortSignal.any([signal, AbortSignal.timeout(stallMs(needs.fps))]))
    const at = needs.now()
    const [picture, jpeg] = await Promise.all([readPicture(bytes, needs.input), toStill(bytes, needs.stillWidth ?? STILL_WIDTH)])
    return { at, rgb: picture.rgb, picture: checkSize(picture.size), jpeg }
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** False when aborted meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
