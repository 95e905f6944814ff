import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Algorithm, type CameraConfig, CameraConfigSchema } from '../domain/camera.ts'
import { messageOf } from '../domain/errors.ts'
import { CLIP_CAMERAS } from '../fixtures/city/clips.ts'
import type { ClipName } from '../inference/training/clip.ts'
import { clipFile, demoClip } from '../inference/training/clips.ts'
import type { Book } from '../store/book/book.ts'
import type { Log } from './log.ts'
import type { BookAppender } from './rule-book.ts'

const PROGRAM = join(import.meta.dirname, '../inference/training/clips.ts')
/** The project's own detector, which comes with its weights. */
export const DEMO_MODEL = 'wanglou-street'
/** What stands still is looked at so often, seconds: three looks in half a minute are what a spill must be seen in. */
const LOOK_S = 5
const COVER_SCORE = 0.4

interface Stage {
  folder: string
  cameras: Pick<Book['assets'], 'camera'>
  journal: BookAppender
  log: Log
}

/**
 * Draws the clips that are missing beside the platform, at the least priority, and lets each camera look at its own as
 * soon as it is there. What somebody else has set on such a camera stays. The answer stops it.
 */
export function showClips(stage: Stage): () => Promise<void> {
  const cameras = Object.entries(CLIP_CAMERAS)
  const missing = cameras.map(([, name]) => name).filter((name) => !existsSync(clipFile(stage.folder, name)))
  const child = missing.length > 0 ? drawing(stage.folder, missing) : undefined
  const done = work(stage, cameras, child).catch((error: unknown) => stage.log.warn({ why: messageOf(error) }, 'the demo cameras have nothing to look at'))
  return async () => {
    child?.kill('SIGKILL')
    await done
  }
}

async function work(stage: Stage, cameras: readonly [string, ClipName][], child: ChildProcess | undefined): Promise<void> {
  const gone = new Promise<number | null>((resolve) => child?.once('close', resolve))
  const show = async (there: readonly [string, ClipName][]): Promise<void> => {
    for (const [camera, name] of there) await look(stage, camera, name)
  }
  await show(cameras.filter(([, name]) => existsSync(clipFile(stage.folder, name))))
  if (!child?.stdout) return
  for await (const file of createInterface({ input: child.stdout })) await show(cameras.filter(([, name]) => clipFile(stage.folder, name) === file))
  const code = await gone
  if (code !== 0 && !child.killed) stage.log.warn({ code }, 'the clips of the demo could not be drawn')
}

function drawing(folder: string, names: readonly ClipName[]): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, '--out', folder, ...names.flatMap((name) => ['--clip', name])], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    // The platform and whoever looks at it come first.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  } catch {
    // A system that does not allow it, or a child that is gone already.
  }
  return child
}

/** Points a camera at its clip, unless somebody but the demo has set it or it looks there already. */
async function look({ folder, cameras, journal }: Stage, camera: string, name: ClipName): Promise<void> {
  await journal.shown()
  const stored = await cameras.camera(camera)
  const config = configOf(clipFile(folder, name), name)
  if (stored?.by !== 'demo' || JSON.stringify(stored.config) === JSON.stringify(config)) return
  await journal.append([{ type: 'camera', by: 'demo', id: camera, version: stored.version + 1, config }])
}

/** `cover-abnormal` listens to a weaker score than its own, as the model is not sure of lids; the car of the clip stands for two minutes. */
const ALGORITHMS: Partial<Record<ClipName, { rule: string; params: Algorithm['params'] }[]>> = {
  cover: [{ rule: 'cover-abnormal', params: { score: COVER_SCORE } }],
  parking: [{ rule: 'vehicle-no-parking', params: { stand: '60s' } }],
}

/** How such a camera is set. */
export function configOf(path: string, name: ClipName): CameraConfig {
  return CameraConfigSchema.parse({
    source: { type: 'file', path, loop: true, realtime: true },
    model: DEMO_MODEL,
    fps: 1,
    zones: demoClip(name).zones,
    gate: { everyS: LOOK_S },
    algorithms: ALGORITHMS[name] ?? null,
  })
}
