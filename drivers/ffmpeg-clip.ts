import { link, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { CodedError } from '../domain/errors.ts'
import type { Recording } from '../domain/ports/clips.ts'
import { HOUR, MINUTE, SECOND } from '../domain/time.ts'
import { type Candidate, endFfmpeg, type FfmpegJob, findFfmpeg, redact, spawnFfmpeg } from './ffmpeg.ts'

/** Clips by ffmpeg: written as they come, cut, made of stills, blurred. Temporary files lie in `work`, which must exist. */
export interface ClipWork {
  work: string
  candidates?: readonly Candidate[]
}

/** A clip of half a minute takes seconds; whatever takes longer than this hangs. */
const PATIENCE_MS = 120_000
const MOST_SAID = 16_384
/** What every browser plays. */
const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-pix_fmt', 'yuv420p']
const MP4 = ['-an', '-movflags', '+faststart', '-f', 'mp4']

/**
 * A further output of the process that reads a camera: its stream as it is, in segments that begin with a key picture. It is
 * written by a thread of its own, which drops what a slow or full disk does not take and tries again: the pictures for the model
 * don't wait for it.
 */
export function recordingOutput({ pattern, segmentS }: Recording): FfmpegJob['outputs'][number] {
  return {
    to: pattern,
    options: [
      ...['-map 0:v:0', '-c copy', '-f fifo', '-fifo_format segment', '-queue_size 1000', '-drop_pkts_on_overflow 1'],
      ...['-attempt_recovery 1', '-recover_any_error 1', '-recovery_wait_time 2', '-restart_with_keyframe 1'],
      `-format_opts segment_time=${segmentS}:segment_format=mpegts:strftime=1`,
    ],
  }
}

/** `ms` of a video file from `fromMs` on, as it is there: from the key picture before, which players skip up to `fromMs`. Throws `source.failed`. */
export async function cutVideo(path: string, { fromMs, ms }: { fromMs: number; ms: number }, tools: ClipWork): Promise<Uint8Array> {
  return inFolder(tools, async (folder) => {
    const out = join(folder, 'cut.mp4')
    await run(['-protocol_whitelist', 'file', '-ss', seconds(fromMs), '-i', `file:${path}`, '-t', seconds(ms), '-map', '0:v:0', '-c', 'copy', ...MP4, out], tools)
    return readFile(out)
  })
}

/** Length of a video file in ms. Throws `source.failed`. */
export async function lengthOfVideo(path: string, { candidates }: ClipWork): Promise<number> {
  const ffmpeg = await findFfmpeg(candidates)
  // Without an output ffmpeg says what the input is, and that there is no output.
  const { said } = await converse(ffmpeg.path, ['-hide_banner', '-nostdin', '-protocol_whitelist', 'file', '-i', `file:${path}`])
  const [, hours, minutes, rest] = /Duration: (\d+):(\d+):([\d.]+)/.exec(said) ?? []
  const ms = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(rest) * SECOND
  if (!(ms > 0)) throw new CodedError('source.failed', `no clip: ${redact(path)} has no length`)
  return ms
}

/** Segments in order as one clip, as they are; for codecs that no MP4 holds, H.264. Throws `source.failed`. */
export async function joinSegments(paths: readonly string[], tools: ClipWork): Promise<Uint8Array> {
  return inFolder(tools, async (folder) => {
    const [all, out] = [join(folder, 'all.ts'), join(folder, 'joined.mp4')]
    // Their times go on from one to the next: one after the other they are the stream again.
    for (const path of paths) await writeFile(all, await readFile(path), { flag: 'a' })
    const input = ['-protocol_whitelist', 'file', '-f', 'mpegts', '-i', `file:${all}`, '-map', '0:v:0']
    await run([...input, '-c', 'copy', ...MP4, out], tools).catch(() => run([...input, ...H264, ...MP4, out], tools))
    return readFile(out)
  })
}

/** Pictures a second of a clip that is made of stills. */
const STILL_FPS = 2

/** Pictures that each stand until the next, as a clip of `ms`; the first begins it. Throws `source.failed`. */
export async function clipOfStills(stills: readonly { atMs: number; jpeg: Uint8Array }[], ms: number, tools: ClipWork): Promise<Uint8Array> {
  return inFolder(tools, async (folder) => {
    const out = join(folder, 'stills.mp4')
    for (const [index, { jpeg }] of stills.entries()) await writeFile(join(folder, `still-${index}`), jpeg)
    const frames = Math.max(1, Math.round((ms / 1000) * STILL_FPS))
    for (let frame = 0; frame < frames; frame++) {
      const index = Math.max(
        0,
        stills.findLastIndex(({ atMs }) => atMs <= (frame * 1000) / STILL_FPS),
      )
      await link(join(folder, `still-${index}`), join(folder, `${String(frame).padStart(5, '0')}.jpg`))
    }
    const input = ['-protocol_whitelist', 'file', '-f', 'image2', '-framerate', String(STILL_FPS), '-c:v', 'mjpeg', '-i', `file:${folder.replaceAll('%', '%%')}/%05d.jpg`]
    await run([...input, '-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2', ...H264, ...MP4, out], tools)
    return readFile(out)
  })
}

/** Which parts of a picture are to be made unrecognisable: one byte per cell, row by row, 255 where it is. */
export interface Mask {
  width: number
  height: number
  cells: Uint8Array
}

/** So many blocks across the picture are left of what is hidden: no face and no plate can be made of that again. */
const BLOCKS = 40

/** A picture with all that the mask covers in coarse blocks. Throws `source.failed`. */
export async function hideInPicture(jpeg: Uint8Array, mask: Mask, tools: ClipWork): Promise<Uint8Array> {
  return inFolder(tools, async (folder) => {
    const [input, out] = [join(folder, 'in.jpg'), join(folder, 'out.jpg')]
    await writeFile(input, jpeg)
    await hide(
      ['-f', 'image2', '-pattern_type', 'none', '-c:v', 'mjpeg', '-i', `file:${input}`],
      [mask],
      1,
      ['-pix_fmt', 'yuvj420p', '-q:v', '3', '-f', 'image2', '-frames:v', '1', out],
      folder,
      tools,
    )
    return readFile(out)
  })
}

/** A clip of which at each time the mask of that time is hidden; there are `fps` masks a second. Throws `source.failed`. */
export async function hideInClip(mp4: Uint8Array, masks: readonly Mask[], fps: number, tools: ClipWork): Promise<Uint8Array> {
  return inFolder(tools, async (folder) => {
    const [input, out] = [join(folder, 'in.mp4'), join(folder, 'out.mp4')]
    await writeFile(input, mp4)
    await hide(['-i', `file:${input}`], masks, fps, [...H264, ...MP4, out], folder, tools)
    return readFile(out)
  })
}

/** Copies the coarse picture over the fine one where the mask is set. After the last mask the last one stays. */
async function hide(input: readonly string[], masks: readonly Mask[], fps: number, output: readonly string[], folder: string, tools: ClipWork): Promise<void> {
  const [first] = masks
  if (!first) throw new CodedError('source.failed', 'there is nothing to say what is to be hidden')
  const path = join(folder, 'mask.gray')
  await writeFile(path, Buffer.concat(masks.map(({ cells }) => cells)))
  const mask = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${first.width}x${first.height}`, '-framerate', String(fps), '-i', `file:${path}`]
  const filter = [
    '[0:v]scale=trunc(iw/2)*2:trunc(ih/2)*2,split=3[fine][b][c]',
    `[b]scale=${BLOCKS}:-2:flags=area[blocks]`,
    '[blocks][c]scale2ref=flags=neighbor[coarse][size]',
    '[1:v]format=gray[m]',
    '[m][size]scale2ref=flags=neighbor[mask][rest]',
    '[rest]nullsink',
    '[fine]format=gbrp[f];[coarse]format=gbrp[o];[mask]format=gbrp[k]',
    '[f][o][k]maskedmerge[shown]',
  ].join(';')
  await run(['-protocol_whitelist', 'file', ...input, '-protocol_whitelist', 'file', ...mask, '-filter_complex', filter, '-map', '[shown]', ...output], tools)
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

async function inFolder<T>({ work }: ClipWork, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(work, 'clip-'))
  try {
    return await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function run(args: readonly string[], { candidates }: ClipWork): Promise<void> {
  const ffmpeg = await findFfmpeg(candidates)
  const { code, said } = await converse(ffmpeg.path, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '1', ...args, '-y'])
  if (code !== 0) throw new CodedError('source.failed', `no clip: ${redact(said.trim().split('\n').at(-1) ?? '') || `ffmpeg ended with ${code}`}`.slice(0, 500))
}

/** Runs to the end; what it said, at most so much of it. */
async function converse(path: string, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawnFfmpeg(path, args)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-MOST_SAID)
  })
  child.stdout?.resume()
  ;(child.stdio[3] as Readable).resume()
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    return { code, said }
  } finally {
    clearTimeout(timer)
    await endFfmpeg(child)
  }
}
