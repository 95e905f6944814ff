import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import ffmpegCommand from 'fluent-ffmpeg'
import { CodedError } from '../domain/errors.ts'

/**
 * The owner of ffmpeg: finds it, knows what the found one can do, and never leaves one running.
 * fluent-ffmpeg writes the command line; the process is started here, because a second picture stream needs a third pipe.
 */
export interface Ffmpeg {
  path: string
  /** `-fps_mode` since 5.1; the older `-vsync` is gone from the newest. */
  syncFlag: '-fps_mode' | '-vsync'
  /** The flag that limits RTSP socket waits, in µs; in builds before 5 `-timeout` means "listen as a server". */
  rtspTimeoutFlag: '-timeout' | '-stimeout'
  /** The filter that tells time and size of each picture; without checksums, which cost as much as scaling, where it can leave them out. */
  tell: 'showinfo' | 'showinfo=checksum=0'
}

const run = promisify(execFile)
const found = new Map<string, Ffmpeg>()

/** A path, or a way to one. */
export type Candidate = string | (() => Promise<string>)
// Loaded only when asked for: on a platform that it has no build for, the package throws.
const installed: Candidate = async () => (await import('@ffmpeg-installer/ffmpeg')).default.path

/** The system's ffmpeg if there is one, else the one that npm installed. Throws `ffmpeg.missing`. One that was found is not asked again. */
export async function findFfmpeg(candidates: readonly Candidate[] = ['ffmpeg', installed]): Promise<Ffmpeg> {
  for (const candidate of candidates) {
    try {
      const path = typeof candidate === 'string' ? candidate : await candidate()
      const ffmpeg = found.get(path) ?? (await probeFfmpeg(path))
      found.set(path, ffmpeg)
      return ffmpeg
    } catch {
      // The next one may run.
    }
  }
  throw new CodedError('ffmpeg.missing')
}

async function probeFfmpeg(path: string): Promise<Ffmpeg> {
  const asked = ['long', 'demuxer=rtsp', 'filter=showinfo'].map((what) => run(path, ['-hide_banner', '-h', what]))
  const [options, rtsp, showinfo] = (await Promise.all(asked)).map(({ stdout }) => stdout) as [string, string, string]
  return {
    path,
    syncFlag: /^-fps_mode\b/m.test(options) ? '-fps_mode' : '-vsync',
    rtspTimeoutFlag: /^\s*-stimeout\b/m.test(rtsp) ? '-stimeout' : '-timeout',
    tell: /^\s*checksum\b/m.test(showinfo) ? 'showinfo=checksum=0' : 'showinfo',
  }
}

/** What one ffmpeg process reads and writes. Options are `-flag` or `-flag value`. */
export interface FfmpegJob {
  input: string
  inputOptions: readonly string[]
  filter: string
  /** To `pipe:1` or `pipe:3`, or to a file. */
  outputs: readonly { to: string; options: readonly string[] }[]
}

/** The arguments for a job, as fluent-ffmpeg writes them. */
export function ffmpegArguments(job: FfmpegJob): string[] {
  const command = ffmpegCommand()
    .input(job.input)
    .inputOptions([...job.inputOptions])
    .complexFilter(job.filter)
  for (const { to, options } of job.outputs) command.output(to).outputOptions([...options])
  return ['-hide_banner', '-nostdin', ...command._getArguments()]
}

const running = new Set<ChildProcess>()

function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/**
 * Starts ffmpeg with stdout on fd 1, messages on fd 2 and a second stream on fd 3. It ends with this process:
 * on a normal exit it is killed, and if this process is killed its pipes break at the next picture.
 */
export function spawnFfmpeg(path: string, args: readonly string[]): ChildProcess {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], windowsHide: true })
  if (running.size === 0) process.on('exit', killAll)
  running.add(child)
  child.once('close', () => {
    running.delete(child)
    if (running.size === 0) process.off('exit', killAll)
  })
  return child
}

/** Kills the process and waits until it is gone and its pipes are closed. */
export async function endFfmpeg(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGKILL')
  // `close` waits for the pipes, and a pipe that nobody reads any more never ends by itself.
  for (const pipe of child.stdio) pipe?.destroy()
  await closed
}

/** Text that may hold camera URLs, without names, passwords and query tokens. */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi, '$1***@').replace(/([a-z][a-z0-9+.-]*:\/\/[^\s'"?]*)\?[^\s'"]*/gi, '$1?***')
}
