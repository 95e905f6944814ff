import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { StillSequence, Stills, StillWriter } from '../domain/ports/stills.ts'
import { HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { firstAt, insertAt, nearestTo, thinned } from './still-times.ts'

export interface StillsOptions {
  /** One folder per camera below it, one file per still, named for its event time in ms. */
  folder: string
  /** Most bytes of all cameras together. */
  maxBytes?: number
  /** Most stills kept per camera. */
  count?: number
  /** Stills further than this (event time, ms) from the one just put are dropped; on both sides, since a file source may start again earlier. */
  withinMs?: number
}

/** What the ring holds. */
export interface StillsHeld {
  cameras: number
  stills: number
  bytes: number
}

const MAX_BYTES = 16 * 1024 ** 3
const COUNT = 600
const WITHIN_MS = 2 * HOUR
/** All of the newest two minutes, for clips; then one in ten seconds, and after a quarter of an hour one in a minute. */
export const TIERS = [
  { afterMs: 2 * MINUTE, everyMs: 10 * SECOND },
  { afterMs: 15 * MINUTE, everyMs: MINUTE },
]
/** Over the bound, so much is made free at once that the next stills need not look. */
const FREED = 0.02
const NAME = /^(\d{1,15})\.jpg$/

interface Camera {
  /** Rising. */
  times: Instant[]
  sizes: Map<Instant, number>
  bytes: number
}

/**
 * Opens the ring of stills and reads which are there; what an interrupted write left is removed. The folder never holds more than
 * `maxBytes`: over it, the cameras that hold most lose their oldest stills. Files are renamed into place, so that one that exists is
 * whole; they are not flushed: a still is lost with the power, evidence is kept elsewhere (domain/ports/files.ts).
 */
export async function openStills({
  folder,
  maxBytes = MAX_BYTES,
  count = COUNT,
  withinMs = WITHIN_MS,
}: StillsOptions): Promise<Stills & StillWriter & StillSequence & { held(): StillsHeld }> {
  await mkdir(folder, { recursive: true })
  const cameras = await readIndex(folder)
  let bytes = [...cameras.values()].reduce((sum, camera) => sum + camera.bytes, 0)
  let writes = 0

  const read = async (camera: string, at: Instant) => {
    const jpeg = await readFile(pathOf(folder, camera, at)).catch(() => undefined)
    return jpeg && { at, jpeg }
  }

  const drop = async (name: string, camera: Camera, dropped: ReadonlySet<Instant>): Promise<void> => {
    if (dropped.size === 0) return
    camera.times = camera.times.filter((time) => !dropped.has(time))
    for (const time of dropped) {
      const size = camera.sizes.get(time) ?? 0
      camera.sizes.delete(time)
      camera.bytes -= size
      bytes -= size
    }
    await Promise.all([...dropped].map((time) => rm(pathOf(folder, name, time), { force: true })))
  }

  /** Makes room when the stills that are there, and those about to be written, are too many. */
  const makeRoom = async (): Promise<void> => {
    if (bytes <= maxBytes) return
    let excess = bytes - maxBytes * (1 - FREED)
    for (const [name, camera] of [...cameras].sort(([, a], [, b]) => b.bytes - a.bytes)) {
      if (excess <= 0) return
      // The largest comes down to the mean at most: the next one is as large as it then.
      const dropped = oldest(camera, Math.min(excess, Math.max(camera.bytes - maxBytes / cameras.size, camera.bytes / 10)))
      excess -= [...dropped].reduce((sum, time) => sum + (camera.sizes.get(time) ?? 0), 0)
      await drop(name, camera, dropped)
    }
  }

  return {
    async put(name, at, jpeg) {
      if (!isId(name)) throw new CodedError('request.invalid', `not a camera id: ${JSON.stringify(name).slice(0, 80)}`)
      if (!Number.isSafeInteger(at) || at < 0) throw new CodedError('request.invalid', `not an event time: ${at}`)
      const camera = cameras.get(name) ?? { times: [], sizes: new Map(), bytes: 0 }
      cameras.set(name, camera)
      bytes += jpeg.length
      await makeRoom()
      const temporary = join(folder, name, `${at}.${writes++}.part`)
      try {
        await mkdir(join(folder, name), { recursive: true })
        await writeFile(temporary, jpeg)
        await rename(temporary, pathOf(folder, name, at))
      } catch (error) {
        bytes -= jpeg.length
        // Half a still on a full disk would keep it full.
        await rm(temporary, { force: true })
        throw error
      }
      const before = camera.sizes.get(at) ?? 0
      insertAt(camera.times, at)
      camera.sizes.set(at, jpeg.length)
      camera.bytes += jpeg.length - before
      bytes -= before
      await drop(name, camera, thinned(camera.times, at, { count, withinMs, tiers: TIERS }))
    },
    async near(camera, at, within) {
      const nearest = nearestTo(cameras.get(camera)?.times ?? [], at)
      return nearest !== undefined && Math.abs(nearest - at) <= within ? await read(camera, nearest) : undefined
    },
    async newest(camera) {
      const at = cameras.get(camera)?.times.at(-1)
      return at === undefined ? undefined : await read(camera, at)
    },
    times(camera, from, to) {
      const times = cameras.get(camera)?.times ?? []
      return times.slice(firstAt(times, from), firstAt(times, to + 1))
    },
    held: () => ({ cameras: cameras.size, stills: [...cameras.values()].reduce((sum, { times }) => sum + times.length, 0), bytes }),
  }
}

/** The oldest stills that together are at least so large; never the newest one. */
function oldest({ times, sizes }: Camera, bytes: number): Set<Instant> {
  const dropped = new Set<Instant>()
  let sum = 0
  for (const time of times.slice(0, -1)) {
    if (sum >= bytes) break
    dropped.add(time)
    sum += sizes.get(time) ?? 0
  }
  return dropped
}

function pathOf(folder: string, camera: string, at: Instant): string {
  return join(folder, camera, `${at}.jpg`)
}

async function readIndex(folder: string): Promise<Map<string, Camera>> {
  const cameras = new Map<string, Camera>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isId(entry.name)) continue
    const camera: Camera = { times: [], sizes: new Map(), bytes: 0 }
    for (const name of await readdir(join(folder, entry.name))) {
      const path = join(folder, entry.name, name)
      const at = NAME.exec(name)?.[1]
      if (at !== undefined) {
        const { size } = await stat(path)
        camera.sizes.set(Number(at), size)
        camera.bytes += size
      } else if (name.endsWith('.part')) await rm(path, { force: true })
    }
    camera.times = [...camera.sizes.keys()].sort((a, b) => a - b)
    cameras.set(entry.name, camera)
  }
  return cameras
}
