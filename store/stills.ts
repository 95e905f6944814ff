import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { Stills, StillWriter } from '../domain/ports/stills.ts'
import { type Instant, MINUTE } from '../domain/time.ts'

export interface StillsOptions {
  /** One folder per camera below it, one file per still, named for its event time in ms. */
  folder: string
  /** Most stills kept per camera. */
  count?: number
  /** Stills further than this (event time, ms) from the one just put are dropped; on both sides, since a file source may start again earlier. */
  withinMs?: number
}

const COUNT = 600
const WITHIN_MS = 15 * MINUTE
const NAME = /^(\d{1,15})\.jpg$/

/**
 * Opens the ring of stills and reads which are there; what an interrupted write left is removed.
 * Files are renamed into place, so that one that exists is whole; they are not flushed: a still is lost with the power, evidence
 * is kept elsewhere (domain/ports/files.ts).
 */
export async function openStills({ folder, count = COUNT, withinMs = WITHIN_MS }: StillsOptions): Promise<Stills & StillWriter> {
  await mkdir(folder, { recursive: true })
  const cameras = await readIndex(folder)
  let writes = 0

  const read = async (camera: string, at: Instant) => {
    const jpeg = await readFile(pathOf(folder, camera, at)).catch(() => undefined)
    return jpeg && { at, jpeg }
  }

  return {
    async put(camera, at, jpeg) {
      if (!isId(camera)) throw new CodedError('request.invalid', `not a camera id: ${JSON.stringify(camera).slice(0, 80)}`)
      if (!Number.isSafeInteger(at) || at < 0) throw new CodedError('request.invalid', `not an event time: ${at}`)
      const times = cameras.get(camera) ?? []
      cameras.set(camera, times)
      await mkdir(join(folder, camera), { recursive: true })
      const temporary = join(folder, camera, `${at}.${writes++}.part`)
      await writeFile(temporary, jpeg)
      await rename(temporary, pathOf(folder, camera, at))
      insert(times, at)
      const dropped = prune(times, at, count, withinMs)
      await Promise.all(dropped.map((old) => rm(pathOf(folder, camera, old), { force: true })))
    },
    async near(camera, at, within) {
      const nearest = nearestTo(cameras.get(camera) ?? [], at)
      return nearest !== undefined && Math.abs(nearest - at) <= within ? await read(camera, nearest) : undefined
    },
    async newest(camera) {
      const at = cameras.get(camera)?.at(-1)
      return at === undefined ? undefined : await read(camera, at)
    },
  }
}

function pathOf(folder: string, camera: string, at: Instant): string {
  return join(folder, camera, `${at}.jpg`)
}

async function readIndex(folder: string): Promise<Map<string, Instant[]>> {
  const cameras = new Map<string, Instant[]>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isId(entry.name)) continue
    const times: Instant[] = []
    for (const name of await readdir(join(folder, entry.name))) {
      const at = NAME.exec(name)?.[1]
      if (at !== undefined) times.push(Number(at))
      else if (name.endsWith('.part')) await rm(join(folder, entry.name, name), { force: true })
    }
    cameras.set(
      entry.name,
      times.sort((a, b) => a - b),
    )
  }
  return cameras
}

/** Index of the first time that is not before `at`. */
function lowerBound(times: readonly Instant[], at: Instant): number {
  let [from, to] = [0, times.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((times[middle] as Instant) < at) from = middle + 1
    else to = middle
  }
  return from
}

function insert(times: Instant[], at: Instant): void {
  const index = lowerBound(times, at)
  if (times[index] !== at) times.splice(index, 0, at)
}

/** Takes out of `times` what the ring no longer holds, and returns it: what is far from `at`, then the furthest from it until `count` are left. */
function prune(times: Instant[], at: Instant, count: number, withinMs: number): Instant[] {
  const near = times.filter((time) => Math.abs(time - at) <= withinMs)
  let [from, to] = [0, near.length]
  while (to - from > count) {
    if (at - (near[from] as Instant) >= (near[to - 1] as Instant) - at) from++
    else to--
  }
  const kept = new Set(near.slice(from, to))
  const dropped = times.filter((time) => !kept.has(time))
  if (dropped.length > 0) times.splice(0, times.length, ...kept)
  return dropped
}

function nearestTo(times: readonly Instant[], at: Instant): Instant | undefined {
  const index = lowerBound(times, at)
  const [before, after] = [times[index - 1], times[index]]
  if (before === undefined || after === undefined) return before ?? after
  return at - before <= after - at ? before : after
}
