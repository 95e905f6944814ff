import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { ClipTap, FileRun } from '../domain/ports/clips.ts'
import { type Instant, SECOND } from '../domain/time.ts'

export interface ClipRingOptions {
  /** One folder per camera below it: segments named for the second in which they begin, and what files it played. */
  folder: string
  /** How long segments stay. */
  keepMs?: number
  now(): Instant
}

/** A stretch of a camera's stream on disk. */
export interface Segment {
  path: string
  from: Instant
  to: Instant
  bytes: number
}

export interface ClipRing {
  tap(camera: string): ClipTap
  /** The segments that hold something of the time between, oldest first. */
  segments(camera: string, from: Instant, to: Instant): Promise<Segment[]>
  /** Files that the camera played lately, the newest first. */
  runs(camera: string): Promise<FileRun[]>
  /** Removes segments whose time is over; ffmpeg writes and never tidies up. */
  prune(): Promise<{ segments: number; bytes: number }>
  keepMs: number
}

/** A clip reaches from 10 s before to 20 s after; the rest is time to notice and to try again. */
const KEEP_MS = 120 * SECOND
export const SEGMENT_S = 4
const RUNS = 'runs.json'
const RUNS_KEPT = 8
const NAME = /^(\d{9,11})\.ts$/

/**
 * The ring of video segments. ffmpeg writes them as they come out of the camera (drivers/ffmpeg-clip.ts), so that what is
 * here after a crash is what was seen before it.
 */
export function openClipRing({ folder, keepMs = KEEP_MS, now }: ClipRingOptions): ClipRing {
  const folderOf = async (camera: string): Promise<string> => {
    if (!isId(camera)) throw new CodedError('request.invalid', `not a camera id: ${JSON.stringify(camera).slice(0, 80)}`)
    const path = join(folder, camera)
    await mkdir(path, { recursive: true })
    return path
  }
  const runs = async (camera: string): Promise<FileRun[]> =>
    isId(camera)
      ? readFile(join(folder, camera, RUNS), 'utf8').then(
          (text) => JSON.parse(text) as FileRun[],
          () => [],
        )
      : []
  return {
    keepMs,
    runs,
    tap: (camera) => ({
      recording: async () => ({ pattern: join((await folderOf(camera)).replaceAll('%', '%%'), '%s.ts'), segmentS: SEGMENT_S }),
      began: async (run) => {
        const path = join(await folderOf(camera), RUNS)
        const before = (await runs(camera)).filter((each) => each.path !== run.path || each.start !== run.start)
        await writeFile(`${path}.part`, JSON.stringify([run, ...before].slice(0, RUNS_KEPT)))
        await rename(`${path}.part`, path)
      },
    }),
    segments: async (camera, from, to) => (isId(camera) ? (await segmentsIn(join(folder, camera))).filter((segment) => segment.to > from && segment.from < to) : []),
    async prune() {
      const held = { segments: 0, bytes: 0 }
      const cameras = await readdir(folder).catch(() => [])
      for (const camera of cameras.filter(isId)) {
        for (const { path, to, bytes } of await segmentsIn(join(folder, camera))) {
          if (to < now() - keepMs) await rm(path, { force: true })
          else {
            held.segments++
            held.bytes += bytes
          }
        }
      }
      return held
    },
  }
}

async function segmentsIn(folder: string): Promise<Segment[]> {
  const found: Segment[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const second = NAME.exec(name)?.[1]
    const path = join(folder, name)
    const file = second === undefined ? undefined : await stat(path).catch(() => undefined)
    // It was written to until its last picture had come.
    if (file && file.size > 0) found.push({ path, from: Number(second) * SECOND, to: file.mtimeMs, bytes: file.size })
  }
  return found.sort((a, b) => a.from - b.from)
}
