import type { CameraConfig } from '../domain/camera.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Instant } from '../domain/time.ts'
import { Backoff } from './backoff.ts'
import type { Scene } from './scene.ts'
import { Sessions } from './sessions.ts'
import { type Log, Watch, type WatchStatus } from './watch.ts'

export interface VisionOptions {
  cameras: readonly { id: string; config: CameraConfig }[]
  /** Folders with model manifests and their files; the first that has an id wins. */
  models: readonly string[]
  /** Records a scene; frames wait for it. */
  emit(scene: Scene): Promise<void>
  stills?: StillWriter
  /** Where a camera's source leaves what clips are made from. */
  clips?(camera: string): ClipTap
  /** Threads inside one inference. */
  threads?: number
  log: Log
  now(): Instant
}

export interface Vision {
  /** A camera's new configuration, or null when it is gone. Resolves when the old one has stopped. */
  update(id: string, config: CameraConfig | null): Promise<void>
  status(): Record<string, WatchStatus>
  /** Stops every camera; what is under way is recorded first. */
  close(): Promise<void>
}

/** Cameras → frames → boxes → tracks → zones → scenes. Starts at once and returns without waiting for pictures. */
export function startVision({ cameras, models, emit, stills, clips, threads = 1, log, now }: VisionOptions): Vision {
  const run = now().toString(36)
  const sessions = new Sessions(models, threads, (model, why) => log.warn({ model }, `the model's thread was lost and starts again: ${why}`))
  const watches = new Map<string, Watch>()
  // Updates of one camera follow one another; those of different cameras don't wait.
  const turns = new Map<string, Promise<void>>()

  const apply = async (id: string, config: CameraConfig | null): Promise<void> => {
    if (config) {
      const watch = watches.get(id) ?? new Watch({ camera: id, run, sessions, emit, stills, clips: clips?.(id), backoff: new Backoff(), log, now })
      watches.set(id, watch)
      await watch.set(config)
    } else {
      await watches.get(id)?.stop()
      watches.delete(id)
    }
  }
  const update = (id: string, config: CameraConfig | null): Promise<void> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(() => apply(id, config))
    turns.set(id, turn)
    return turn
  }

  for (const { id, config } of cameras) void update(id, config)
  return {
    update,
    status: () => Object.fromEntries([...watches].map(([id, { status }]) => [id, { ...status, gated: { ...status.gated }, dropped: { ...status.dropped } }])),
    close: async () => {
      await Promise.all([...watches.keys(), ...turns.keys()].map((id) => update(id, null)))
    },
  }
}
