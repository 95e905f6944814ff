import { type ChildProcessByStdio, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { findFfmpeg } from './ffmpeg.ts'

const PYTHON = '/usr/bin/python3'
const NEEDS = 'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import Gst, GstRtspServer; Gst.init(None); assert Gst.ElementFactory.find("x264enc")'

/** Why GStreamer's RTSP server cannot run here, in the words of a skipped test; undefined when it can. */
export function whyNoRtspServer(): string | undefined {
  const { status } = spawnSync(PYTHON, ['-c', NEEDS], { stdio: 'ignore' })
  return status === 0 ? undefined : 'needs gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-{base,good,ugly}'
}

const SIZE = { width: 320, height: 180 }
export const CAMERA_FPS = 5

/** For tests: a camera that nobody here wrote, GStreamer's RTSP server with a digest login. */
export class RtspCamera {
  readonly #server: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  readonly url: string

  private constructor(server: ChildProcessByStdio<Writable, Readable, null>, lines: Interface, port: string) {
    this.#server = server
    this.#lines = lines
    this.url = `rtsp://admin:p%40ss%20word@127.0.0.1:${port}/ch1`
  }

  /** `folder`: where its pictures may lie. */
  static async start(folder: string): Promise<RtspCamera> {
    const raw = join(folder, 'camera.raw')
    const { path } = await findFfmpeg()
    const street = `testsrc2=s=${SIZE.width}x${SIZE.height}:r=${CAMERA_FPS}:d=4`
    // A camera that lives has noise.
    await promisify(execFile)(path, ['-f', 'lavfi', '-i', street, '-vf', 'noise=alls=8:allf=t', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-y', raw])
    const script = join(import.meta.dirname, 'rtsp-server.fixture.py')
    const server = spawn(PYTHON, [script, raw, `${SIZE.width}`, `${SIZE.height}`, `${CAMERA_FPS}`], { stdio: ['pipe', 'pipe', 'ignore'] })
    const lines = createInterface({ input: server.stdout })
    const [port] = (await once(lines, 'line')) as [string]
    return new RtspCamera(server, lines, port)
  }

  /** Resolves when it has done so. */
  async tell(word: 'live' | 'freeze' | 'stall' | 'drop' | 'return'): Promise<void> {
    const done = once(this.#lines, 'line')
    this.#server.stdin.write(`${word}\n`)
    await done
  }

  async close(): Promise<void> {
    const gone = once(this.#server, 'exit')
    this.#server.kill('SIGKILL')
    await gone
  }
}
