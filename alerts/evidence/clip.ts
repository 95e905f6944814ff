import { CodedError, messageOf } from '../../domain/errors.ts'
import type { Clips, Cut } from '../../domain/ports/clips.ts'
import type { StillSequence, Stills } from '../../domain/ports/stills.ts'
import { formatInstant, type Instant, SECOND } from '../../domain/time.ts'
import { type ClipWork, clipOfStills, cutVideo, joinSegments, lengthOfVideo } from '../../drivers/ffmpeg-clip.ts'
import { type ClipRing, SEGMENT_S, type Segment } from '../../store/clips.ts'

export interface ClipDeps {
  ring: Pick<ClipRing, 'segments' | 'runs' | 'keepMs'>
  stills: Pick<Stills, 'near'> & StillSequence
  /** Which sort of source a camera has; undefined when the platform has none for it. */
  sourceOf(camera: string): Promise<string | undefined>
  tools: ClipWork
  now(): Instant
}

/** So long after a moment its segment is surely closed and its still surely kept. */
const SETTLED_MS = (SEGMENT_S + 4) * SECOND
/** Names of segments tell whole seconds. */
const GAP_MS = 2 * SECOND
/** Less than this of a video is not worth a player. */
const SHORTEST_MS = SECOND
/** One still is a still, not a clip. */
const FEWEST_STILLS = 2

/** Clips of what cameras saw: from the file that one plays, else from the ring of its stream, else of its stills (domain/ports/clips.ts). */
export function createClips(deps: ClipDeps): Clips {
  return {
    async cut(camera, from, to) {
      const source = await deps.sourceOf(camera)
      const file = source === 'file' ? await fromFile(deps, camera, from, to) : undefined
      if (file) return file
      const ready = to + SETTLED_MS
      if (deps.now() < ready) return { none: `the clip of ${camera} is not over yet`, again: ready }
      const stream = source === 'rtsp' ? await fromRing(deps, camera, from, to) : undefined
      return stream ?? (await fromStills(deps, camera, from, to, source))
    },
  }
}

async function fromFile({ ring, tools }: ClipDeps, camera: string, from: Instant, to: Instant): Promise<Cut | undefined> {
  const run = (await ring.runs(camera)).find(({ start }) => start <= to)
  if (!run || run.picture) return undefined
  try {
    const lengthMs = await lengthOfVideo(run.path, tools)
    const begin = Math.max(from, run.start)
    const fromMs = run.loop ? (begin - run.start) % lengthMs : begin - run.start
    // A clip that goes over the end of a loop ends there.
    const ms = Math.min(to - begin, lengthMs - fromMs)
    return ms < SHORTEST_MS ? undefined : { bytes: await cutVideo(run.path, { fromMs, ms }, tools), at: begin, ms, of: 'video' }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'source.failed') return undefined
    throw error
  }
}

async function fromRing({ ring, tools }: ClipDeps, camera: string, from: Instant, to: Instant): Promise<Cut | undefined> {
  const segments = longestRun(await ring.segments(camera, from, to))
  const [first, last] = [segments[0], segments.at(-1)]
  if (!first || !last) return undefined
  const bytes = await joinSegments(
    segments.map(({ path }) => path),
    tools,
  ).catch(() => undefined)
  return bytes && { bytes, at: first.from, ms: Math.round(last.to - first.from), of: 'video' }
}

/** The stream may have broken off in between: the longest stretch without a gap, so that a clip's time is the camera's. */
function longestRun(segments: readonly Segment[]): Segment[] {
  const runs: Segment[][] = []
  for (const segment of segments) {
    const before = runs.at(-1)?.at(-1)
    if (before && segment.from - before.to <= GAP_MS) runs.at(-1)?.push(segment)
    else runs.push([segment])
  }
  return runs.sort((a, b) => lengthOf(b) - lengthOf(a))[0] ?? []
}

function lengthOf(run: readonly Segment[]): number {
  return (run.at(-1)?.to ?? 0) - (run[0]?.from ?? 0)
}

async function fromStills({ stills, tools, ring, now }: ClipDeps, camera: string, from: Instant, to: Instant, source: string | undefined): Promise<Cut> {
  const times = stills.times(camera, from, to)
  const begin = times[0]
  if (begin === undefined || times.length < FEWEST_STILLS) return whyNone(camera, { from, to, source, pictures: times.length, ringMs: ring.keepMs, now: now() })
  const pictures: { atMs: number; jpeg: Uint8Array }[] = []
  for (const at of times) {
    const still = await stills.near(camera, at, 0)
    if (still) pictures.push({ atMs: still.at - begin, jpeg: still.jpeg })
  }
  try {
    return { bytes: await clipOfStills(pictures, to - begin, tools), at: begin, ms: to - begin, of: 'stills' }
  } catch (error) {
    if (error instanceof CodedError) return { none: `no clip of ${camera}: ${messageOf(error)}` }
    throw error
  }
}

interface Lack {
  from: Instant
  to: Instant
  source: string | undefined
  pictures: number
  ringMs: number
  now: Instant
}

function whyNone(camera: string, { from, to, source, pictures, ringMs, now }: Lack): Cut {
  if (source === undefined && pictures === 0) return { none: `no clip: the platform has no source for ${camera}, its scenes come from a gateway`, final: true }
  if (source === 'rtsp' && to < now - ringMs) return { none: `no clip: the alert came after the ${ringMs / SECOND} s for which the stream of ${camera} is kept`, final: true }
  const stretch = `of ${camera} between ${formatInstant(from)} and ${formatInstant(to)}`
  return { none: pictures === 0 ? `no clip: there is no picture ${stretch}` : `no clip: there is only one picture ${stretch}` }
}
